"""How an appearance is to be rendered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vasari.values import Framing


def plain(color: str) -> NDArray[np.uint8]:
    """A color, "#" and six hexadecimal digits -> (1, 1, 3), a background."""
    return np.array([[[*bytes.fromhex(color[1:])]]], np.uint8)


@dataclass(frozen=True, eq=False)
class RenderOptions:
    """What the video shows and how large it is."""

    size: int = 512
    """Longer side of the frames in pixels, even."""
    framing: Framing = Framing.FACE
    photo: NDArray[np.uint8] | None = None
    """(H, W, 3) RGB, the photo that the appearance was made of. Needed for Framing.PORTRAIT; with Framing.FACE frames
    are drawn from it rather than from what the appearance keeps of it, which is reduced if the face is large."""
    background: NDArray[np.uint8] | None = None
    """(H, W, 3) RGB, a picture to stand behind the person instead of the photo's background; its middle fills the
    frame. A plain color is a picture of one pixel. With Framing.FACE only."""
