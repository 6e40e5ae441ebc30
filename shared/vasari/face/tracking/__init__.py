"""Following a face through a film, and telling its motion."""
