"""The eyes: balls that turn, and lids that slide over them."""
