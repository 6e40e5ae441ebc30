"""Which code makes the pictures."""

from __future__ import annotations

from typing import Final

from vasari.values.appearance import ENCODER_VERSION

ENGINE_VERSION: Final = f"{ENCODER_VERSION}+10"
"""Pinned when a job is accepted: workers take only jobs of their own version, so that no video is made by two.

Count up the last number when motion, renderer, or what stages hand to each other changes so that halves of a video made
before and after would not fit.
"""
