"""How video is encoded: pinned when a job is accepted, so that every worker writes segments that join."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VideoEncoding:
    """Settings of the H.264 encoder (x264). Segments join only if they were written with equal ones."""

    preset: str = "veryfast"
    """x264's trade of time for size."""
    crf: float = 18.0
    """Constant rate factor, 0..51; 18 is about where loss begins to be seen."""
    keyframe_seconds: float = 2.0
    """Time between two frames that a player can jump to; also the length of a segment's fragments."""
    threads: int = 2
    """Fixed, because x264 writes other bytes for another number of threads."""

    def options(self, fps: int) -> dict[str, str]:
        """Options of FFmpeg's libx264 encoder."""
        keyint = max(1, round(self.keyframe_seconds * fps))
        params = f"keyint={keyint}:min-keyint={keyint}:scenecut=0:open-gop=0:bframes=0:threads={self.threads}"
        return {"preset": self.preset, "crf": str(self.crf), "x264-params": params}
