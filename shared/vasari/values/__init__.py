"""The values that travel through the system, and the errors it speaks in.

Appearance (what does not move), Motion (what moves), Clip (what is seen), and the Controls that shape them.
NumPy only: clients and the gateway import this without torch.
"""

from vasari.values.appearance import Appearance
from vasari.values.clip import Clip
from vasari.values.controls import CameraKeyframe, Controls, Emotion, EmotionKeyframe, Framing, Gaze
from vasari.values.errors import (
    Cancelled,
    Conflict,
    Defect,
    Exhausted,
    Fault,
    InputError,
    NotFound,
    NotReady,
    QueueFull,
    RateLimited,
    Reason,
    SpoiltAppearance,
    Unauthenticated,
    VasariError,
)
from vasari.values.motion import COEFFICIENTS, Motion

__all__ = [
    "COEFFICIENTS",
    "Appearance",
    "CameraKeyframe",
    "Cancelled",
    "Clip",
    "Conflict",
    "Controls",
    "Defect",
    "Emotion",
    "EmotionKeyframe",
    "Exhausted",
    "Fault",
    "Framing",
    "Gaze",
    "InputError",
    "Motion",
    "NotFound",
    "NotReady",
    "QueueFull",
    "RateLimited",
    "Reason",
    "SpoiltAppearance",
    "Unauthenticated",
    "VasariError",
]
