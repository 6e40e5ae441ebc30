"""The Navy's portrait of Grace Hopper that matplotlib carries, encoded once.

With VASARI_DEVICE=cuda all of these tests draw on a GPU.
"""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vasari.face import encode
from vasari.render import Renderer, RenderOptions
from vasari.render.renderer import THREADS
from vasari.values import Appearance

Photo = NDArray[np.uint8]

Renderer.__init__.__defaults__ = (os.environ.get("VASARI_DEVICE", "cpu"), THREADS)


@pytest.fixture(scope="session")
def photo() -> Photo:
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return np.array(Image.open(path).convert("RGB"))


@pytest.fixture(scope="session")
def appearance(photo: Photo) -> Appearance:
    return encode(photo)


@pytest.fixture(scope="session")
def renderer(appearance: Appearance) -> Renderer:
    return Renderer(appearance, RenderOptions())
