"""Clip: what is seen and heard, as facts about a video file that lies somewhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Clip:
    """A finished video: H.264 (yuv420p, constant frame rate) and AAC in an MP4 with its index in front."""

    width: int
    height: int
    fps: int
    frames: int
    size: int
    """Bytes of the file."""
    sha256: str
    """Hex digest of the file."""

    @property
    def seconds(self) -> float:
        return self.frames / self.fps
