"""Whether a mouth is covered: by a mask, a hand, a microphone, a cup.

The mesh draws a mouth wherever a face must have one. But what it only guesses wanders with the view, while the eyes
stay where they are; and what covers lips is seldom redder than the skin around it, as lips are.

Drift of the lips over the detector's score, in hundredths of the face's size:

    18 portraits, each in nine disguises (dark, bright, grey, blurred, noisy, ...)      0.2 to 0.9, two of 162 more
    the same under masks of five colors                                                  2.1 to 5.9
    behind a microphone, a cup, a hand                                                   0.5 to 3.1, half above 1.2

A lower lip is at least 2.3 (a* of CIELAB) redder than the skin around it in 50 portraits and filmed frames, and as red
in a picture without colors; microphones and cups are less red by up to 24. Fingers before the lips mostly pass.
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
    size = float(np.ptp(points, axis=0).max())
    places = [*points[np.array(_LIP)].mean(2).reshape(-1, 2), *points[list(_AROUND)]]
    corner = np.maximum(np.min(places, 0).astype(int) - 8, 0)
    right, bottom = np.max(places, 0).astype(int) + 9
    part = photo[corner[1] : max(bottom, corner[1] + 2), corner[0] : max(right, corner[0] + 2)]
    soft = cv2.GaussianBlur(part, (0, 0), max(0.5, 0.006 * size)).astype(np.float32) / 255
    lab = cv2.cvtColor(soft, cv2.COLOR_RGB2LAB)
    x, y = (np.array(places) - corner).astype(np.float32).T
    found = cv2.remap(lab, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
    lips = 2 * len(_LIP[0])
    return found[:lips].reshape(2, -1, 3), found[lips:]
