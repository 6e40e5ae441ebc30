"""Names for the points of the face mesh.

The 478 points are MediaPipe's: 468 of the surface, then 5 of each iris. Left and right are the subject's, as in ARKit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

POINTS: Final = 478
SURFACE: Final = 468


FOREHEAD, CHIN, NOSE_TIP = 10, 152, 1

UPPER_LIP: Final = (
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
)
"""Four rings of the upper lip from the inner margin to the outer, each from the image's left corner to the right."""

LOWER_LIP: Final = (
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
)

MOUTH_CORNERS: Final = (61, 76, 62, 78, 291, 306, 292, 308)
UPPER_LIP_ONLY: Final = tuple(v for ring in UPPER_LIP for v in ring[1:-1])
LOWER_LIP_ONLY: Final = tuple(v for ring in LOWER_LIP for v in ring[1:-1])

OVAL: Final = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
"""The face's outline, clockwise as seen, from the forehead."""


@dataclass(frozen=True)
class EyePoints:
    """One eye's points. Lids run from the outer corner to the inner one."""

    side: str
    """"Left" or "Right" of the subject, as ARKit's names end."""
    outward: int
    """Direction of the outer corner in the image's x: -1 or 1."""
    upper: tuple[int, ...]
    lower: tuple[int, ...]
    crease: tuple[int, ...]
    """The ring above the upper lid's margin, one point for each of `upper` without its corners."""
    pouch: tuple[int, ...]
    """The ring below the lower lid's margin, likewise."""
    iris: tuple[int, ...]
    """Centre, then four points of the rim."""
    brow: tuple[int, ...]
    cheek: int
    """The point of the cheek below the eye that rises in a smile."""


EYES: Final = (
    EyePoints(
        side="Right",
        outward=-1,
        upper=(33, 246, 161, 160, 159, 158, 157, 173, 133),
        lower=(33, 7, 163, 144, 145, 153, 154, 155, 133),
        crease=(247, 30, 29, 27, 28, 56, 190),
        pouch=(25, 110, 24, 23, 22, 26, 112),
        iris=(468, 469, 470, 471, 472),
        brow=(70, 63, 105, 66, 107, 46, 53, 52, 65, 55),
        cheek=50,
    ),
    EyePoints(
        side="Left",
        outward=1,
        upper=(263, 466, 388, 387, 386, 385, 384, 398, 362),
        lower=(263, 249, 390, 373, 374, 380, 381, 382, 362),
        crease=(467, 260, 259, 257, 258, 286, 414),
        pouch=(255, 339, 254, 253, 252, 256, 341),
        iris=(473, 474, 475, 476, 477),
        brow=(300, 293, 334, 296, 336, 276, 283, 282, 295, 285),
        cheek=280,
    ),
)
