"""Appearance: what does not move."""

from __future__ import annotations


class Appearance:
    """Placeholder until the face package defines it."""
