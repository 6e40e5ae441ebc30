"""The render worker: Motion plays on an Appearance, segment by segment."""
