"""The Navy's portrait of Grace Hopper that matplotlib carries, encoded once."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vasari.face import encode
from vasari.values import Appearance

Photo = NDArray[np.uint8]


@pytest.fixture(scope="session")
def photo() -> Photo:
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return np.array(Image.open(path).convert("RGB"))


@pytest.fixture(scope="session")
def appearance(photo: Photo) -> Appearance:
    return encode(photo)
