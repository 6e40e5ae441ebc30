"""Speech to motion: `animate`, and its stream form `animate_windows`."""

from vasari.motion.stream import MOTION_VERSION, animate, animate_windows, frame_count, prepare

__all__ = ["MOTION_VERSION", "animate", "animate_windows", "frame_count", "prepare"]
