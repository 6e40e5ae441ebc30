"""Finding the face of a photo: detector, mesh, and whether it is a human face at all."""
