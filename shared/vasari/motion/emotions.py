"""The emotions' way from keyframe to keyframe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Times
from vasari.values import Emotion, EmotionKeyframe


def emotion_path(keyframes: Sequence[EmotionKeyframe], times: Times) -> NDArray[np.float64]:
    """(T, 7) weight of each `Emotion` at some seconds; what they leave to 1 is neutral.

    Before the first keyframe and after the last they stay. Between two they are a mixture of both, which sets in and
    ends gently (a cubic), so that weights never sum to more than 1.
    """
    ordered = sorted(keyframes, key=lambda keyframe: keyframe.second)
    seconds = np.array([k.second for k in ordered])
    weights = np.array([[k.emotion.get(emotion, 0.0) for emotion in Emotion] for k in ordered])
    place = np.interp(times, seconds, np.arange(len(ordered)))
    last = np.minimum(place.astype(int), len(ordered) - 1)
    way = (place - last)[:, None]
    way = way * way * (3 - 2 * way)
    return np.asarray((1 - way) * weights[last] + way * weights[np.minimum(last + 1, len(ordered) - 1)])
