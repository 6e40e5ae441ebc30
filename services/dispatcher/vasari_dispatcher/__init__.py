"""The dispatcher: relays hints, takes stages back from silent workers, joins segments, forgets what is old."""
