"""The person as a body: depth, pose, and how skin moves and is lit."""
