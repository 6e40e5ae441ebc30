"""Files in, files out: portraits and speech are read, sound and picture are encoded and joined.

Pillow and PyAV (FFmpeg's libraries) do the work; each module is imported by itself, so that who only checks
portraits needs no FFmpeg.
"""
