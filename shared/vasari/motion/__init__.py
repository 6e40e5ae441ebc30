"""Speech to motion: `animate`, and its stream form `animate_windows`, which is `listen` and then `perform_windows`;
`play_windows` plays what is motion already."""

from vasari.motion.playback import play_windows
from vasari.motion.stream import (
    MOTION_VERSION,
    animate,
    animate_windows,
    frame_count,
    listen,
    perform_windows,
    prepare,
)

__all__ = [
    "MOTION_VERSION",
    "animate",
    "animate_windows",
    "frame_count",
    "listen",
    "perform_windows",
    "play_windows",
    "prepare",
]
