"""The face's surface, what its coefficients do to it, and the expression that the photo shows."""
