"""The pixels that are drawn, and the pictures that they are drawn from."""
