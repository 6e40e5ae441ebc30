"""Speech to motion: `animate`, and its stream form `animate_windows`; `play_windows` plays what is motion already."""

from vasari.motion.playback import play_windows
from vasari.motion.stream import MOTION_VERSION, animate, animate_windows, frame_count, prepare

__all__ = ["MOTION_VERSION", "animate", "animate_windows", "frame_count", "play_windows", "prepare"]
