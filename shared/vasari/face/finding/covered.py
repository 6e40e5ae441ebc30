"""Whether a mouth is covered: by a mask, a hand, a microphone, a cup.

The mesh draws a mouth wherever a face must have one. But what it only guesses wanders with the view, while the eyes
stay where they are; and what covers lips is seldom redder than the skin around it, as lips are.

Drift of the lips over the detector's score, in hundredths of the face's size:

    18 portraits, each in nine disguises (dark, bright, grey, blurred, noisy, ...)      0.2 to 0.9, two of 162 more
    the same under masks of five colors                                                  2.1 to 5.9
    behind a microphone, a cup, a hand                                                   0.5 to 3.1, half above 1.2

A lower lip is at least 2.3 (a* of CIELAB) redder than the skin around it in 50 portraits and filmed frames, and as red
in a picture without colors; microphones and cups are less red by up to 24.

Across lips the skin gives way to the upper lip, the dark line between both, the lower lip and skin again. Where a
finger lies before them nothing changes. How much it changes there, over how much beside it:

    18 portraits in seven disguises each                                                 .30 to 1, half above .8
    with a finger at four places                                                         .14 to .85, half below .27
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.values.landmarks import EYES, LOWER_LIP, UPPER_LIP

LIPS: Final = sorted({point for ring in (*UPPER_LIP, *LOWER_LIP) for point in ring})
EYELIDS: Final = sorted({point for eye in EYES for point in (*eye.upper, *eye.lower)})

_DOUBTFUL: Final = 0.005
"""Drift of lips, over the detector's score, from which it is asked whether they are lips."""
_EVEN: Final = 5.0
"""Lips differ by more along their way (standard deviations of L* of both, added: from 7.1 on where they drift so),"""
_PALER: Final = 3.0
"""and are not less red (a*) than the skin around them."""
_WANDERING: Final = 0.014
"""Drift that no mouth which is seen reaches, but for a faint one in bold strokes, which differs by more than"""
_BOLD: Final = 15.0
_SEEN: Final = 0.010
"""Drift of eyelids, over the detector's score, that those of a human face stay below."""
_AROUND: Final = (164, 18, 200, 92, 322, 43, 273, 106, 335)
"""Skin around the lips."""
_UNBROKEN: Final = 0.28
"""Change across a part of the lips, over that beside it, which all mouths have."""
_ACROSS, _DOWN = 17, 28
"""Places along the lips, and across them, that are looked at."""
_PART: Final = range(3, 6)
"""Places along them that a finger takes."""
_LIP: Final = tuple(
    tuple((rings[1][k], rings[2][k]) for k in range(2, 9)) for rings in (UPPER_LIP, LOWER_LIP)
)  # from the inner margin to the outer: the middle of either lip


def mouth_covered(
    photo: NDArray[np.uint8], landmarks: NDArray[np.float32], drift: NDArray[np.floating], detection: float
) -> bool:
    """Whether something lies before the mouth of a face.

    Args:
        photo: (H, W, 3) RGB.
        landmarks: (478, 3) in pixels.
        drift: (478,) how far each landmark wanders between views, as a part of the face's size.
        detection: how sure the detector is of the face, 0..1.
    """
    if drift[EYELIDS].mean() > _SEEN * detection:
        return False
    if _crossed(photo, landmarks):
        return True
    wandering = drift[LIPS].mean() / detection
    if wandering < _DOUBTFUL:
        return False
    lips, around = _colors(photo, landmarks)
    uneven = lips[..., 0].std(1).sum()
    paler = float(np.median(around[:, 1]) - np.median(lips[1, :, 1]))
    return bool(uneven < _EVEN or paler > _PALER or (wandering > _WANDERING and uneven < _BOLD))


def _colors(
    photo: NDArray[np.uint8], landmarks: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(2, 7, 3) L*, a* and b* along the upper and the lower lip, and (N, 3) around them."""
    points = landmarks[:, :2]
    places = np.concatenate([points[np.array(_LIP)].mean(2).reshape(-1, 2), points[list(_AROUND)]])
    found = _lab(photo, places, landmarks)
    lips = 2 * len(_LIP[0])
    return found[:lips].reshape(2, -1, 3), found[lips:]


def _crossed(photo: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> bool:
    """Whether something lies across the lips before a part of them."""
    places = np.linspace(0.08, 0.92, _ACROSS)
    above, below = (
        np.stack([np.interp(places, np.linspace(0, 1, len(ring)), landmarks[list(ring), k]) for k in (0, 1)], 1)
        for ring in (UPPER_LIP[2], LOWER_LIP[2])
    )
    down = np.linspace(-0.15, 1.15, _DOWN)[:, None, None]
    lab = _lab(photo, (above + (below - above) * down).reshape(-1, 2), landmarks).reshape(_DOWN, _ACROSS, 3)
    change = np.hypot(*lab[..., :2].std(0).T)
    parts = [(first, first + length) for length in _PART for first in range(2, _ACROSS - 1 - length)]
    return any(
        change[first:last].max() < _UNBROKEN * np.median(np.r_[change[1:first], change[last:-1]])
        for first, last in parts
    )


def _lab(photo: NDArray[np.uint8], places: NDArray[np.floating], landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, 2) pixels near each other -> (N, 3) L*, a* and b* there, a little softened."""
    size = float(np.ptp(landmarks[:, :2], axis=0).max())
    corner = np.maximum(np.min(places, 0).astype(int) - 8, 0)
    right, bottom = np.max(places, 0).astype(int) + 9
    part = photo[corner[1] : max(bottom, corner[1] + 2), corner[0] : max(right, corner[0] + 2)]
    soft = cv2.GaussianBlur(part, (0, 0), max(0.5, 0.006 * size)).astype(np.float32) / 255
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2LAB)
    x, y = (places - corner).astype(np.float32).T
    return np.asarray(
        cv2.remap(lab, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0], np.float32
    )
