"""The face-encode worker: a portrait becomes an Appearance, once."""
