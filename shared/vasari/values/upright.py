"""Where the picture lies in a photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MOST_LEAN: Final = 60.0
"""Degrees that a head may lean without its photo being taken to lie on a side, or upside down."""


@dataclass(frozen=True)
class Upright:
    """The part of a photo that is picture, without bars around it, and how it is set upright when it lies on its side.

    All that is said of a picture (sizes, frames, landmarks) is said of it as `of` gives it.
    """

    top: int
    bottom: int
    left: int
    right: int
    """Rows top..bottom and columns left..right of the photo, the ends excluded."""
    turns: int
    """Quarter turns counterclockwise that set it upright, 0..3."""

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the upright picture in pixels."""
        sides = (self.bottom - self.top, self.right - self.left)
        return sides[::-1] if self.turns % 2 else sides

    def of(self, photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(H, W, 3) photo -> (*size, 3) the upright picture."""
        return np.ascontiguousarray(np.rot90(photo[self.top : self.bottom, self.left : self.right], self.turns))

    def places(self, points: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """(..., 2 or 3) x, y, z in pixels of the photo (index i is coordinate i) -> the same in the picture's."""
        x, y = points[..., 0] - self.left, points[..., 1] - self.top
        width, height = self.right - self.left, self.bottom - self.top
        for _ in range(self.turns):
            x, y, width, height = y, width - 1 - x, height, width
        return np.concatenate([np.stack([x, y], -1), points[..., 2:]], -1)


def quarter_turns(roll: float) -> int:
    """Quarter turns counterclockwise that set a head upright which leans by so many degrees, positive clockwise."""
    return 0 if abs(roll) <= MOST_LEAN else round(roll / 90) % 4
