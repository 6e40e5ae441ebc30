"""Vasari: one portrait photo and a piece of speech in, a talking-face video out."""
