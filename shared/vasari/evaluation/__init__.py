"""How good is it: contact sheets to look at, and figures measured on the rendered pixels.

Nothing here is needed to make a video. What is measured is tracked by the face mesh in the frames themselves, never
read from the renderer's own bookkeeping.
"""
