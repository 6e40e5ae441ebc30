"""What the tests of the face package look at: the US Navy's portrait of Grace Hopper, which matplotlib carries."""

from __future__ import annotations

import os
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vasari.face.finding.find import Face, find_face

Photo = NDArray[np.uint8]


@pytest.fixture(scope="session")
def portrait() -> Photo:
    """(600, 512, 3): one face of some 200 pixels, from the front."""
    file = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return np.array(Image.open(file).convert("RGB"))


@pytest.fixture(scope="session")
def face(portrait: Photo) -> Face:
    return find_face(portrait)


@pytest.fixture(scope="session")
def development_data() -> Path:
    """Portraits that are no part of the project: the tests that want them are skipped where they are not."""
    default = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("VASARI_DEV_DATA", default))
    if not folder.is_dir():
        pytest.skip("no development data (VASARI_DEV_DATA)")
    return folder
