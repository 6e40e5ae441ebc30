"""The photo's pixels: the frame, the person parted from the background, and what lies beyond both."""
