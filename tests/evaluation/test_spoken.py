"""What a sheet of a speaking face shows: the moments that matter, and what each control changes. Takes 20 s."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from vasari.cli.app import run
from vasari.evaluation.cells import Strip
from vasari.evaluation.spoken import peaks, spoken
from vasari.evaluation.wished import wished
from vasari.media.speech import read_speech
from vasari.values import Motion
from vasari.values.motion import coefficient_index

SAMPLE = Path(__file__).parents[2] / "samples" / "speech.flac"
PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")


def test_peaks_are_the_highest_moments_apart_from_each_other() -> None:
    curve = np.zeros(100)
    curve[[20, 22, 60, 90]] = (0.5, 0.9, 1.0, 0.05)
    assert peaks(curve, 25.0) == [60, 22]


def test_blinks_and_closings_are_shown_frame_by_frame() -> None:
    motion = Motion.neutral(100)
    for name, frame in (("eyeBlinkLeft", 30), ("mouthPressLeft", 70)):
        motion.coefficients[frame, coefficient_index(name)] = 1
    strips = {strip.name: [cell.motion for cell in strip.cells] for strip in spoken(motion)}
    assert len(strips["One frame in 5"]) == 20
    assert [float(m("eyeBlinkLeft")[0]) for m in strips["Blinks"]] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert [float(m("mouthPressLeft")[0]) for m in strips["Lips that close"]] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert "Widest openings" not in strips


@pytest.fixture(scope="module")
def strips() -> dict[str, Strip]:
    speech = read_speech(SAMPLE, 60).samples[: 2 * 16_000]
    return {strip.name: strip for strip in wished(speech, None, lambda _what, _done, _total: None)}


def shown(strip: Strip, coefficient: str) -> list[float]:
    return [float(cell.motion(coefficient)[0]) for cell in strip.cells]


def test_controls_are_swept_from_end_to_end(strips: dict[str, Strip]) -> None:
    emotions = strips["Emotions, by weight, and blends"]
    smiles = dict(zip((cell.label for cell in emotions.cells), shown(emotions, "mouthSmileLeft"), strict=True))
    assert smiles["neutral"] < smiles["happy 0.5"] < smiles["happy 1"]
    assert len(smiles) == 1 + 2 * 7 + 4
    jaws = shown(strips["Mouth amplitude, at the widest opening"], "jawOpen")
    assert jaws == sorted(jaws)
    assert jaws[0] == 0
    brows = shown(strips["Brow amplitude, at the highest brows"], "browInnerUp")
    assert brows == sorted(brows)
    away = [float(cell.motion.translation[0, 2]) for cell in strips["Distance of the head"].cells]
    assert away == sorted(away)
    gaze = shown(strips["Gaze: to the image's right, up; head still"], "eyeLookOutLeft")
    assert [value > 0.5 for value in gaze] == [False, False, True] * 3
    blinks = [
        max(shown(strips[f"Blinks {rate} a minute: the narrowest of each stretch"], "eyeBlinkLeft")) for rate in (0, 60)
    ]
    assert blinks[0] < 0.1 < 0.5 < blinks[1]


def test_the_head_is_still_moves_or_moves_twice_as_far(strips: dict[str, Strip]) -> None:
    turns = [
        np.abs([cell.motion.rotation[0] for cell in strips[f"Head motion ×{energy}"].cells]).mean()
        for energy in (0, 1, 2)
    ]
    assert turns[0] == 0
    assert turns[2] > 1.5 * turns[1]


def test_the_command_shows_speech(tmp_path: Path) -> None:
    output = tmp_path / "sheet.png"
    assert (
        run(["sheet", str(PORTRAIT), "--speech", str(SAMPLE), "--seconds", "2", "--size", "64", "-o", str(output)]) == 0
    )
    with Image.open(output) as picture:
        assert picture.height > 500


@pytest.mark.parametrize("wrong", [["--controls"], ["--speech", str(SAMPLE), "--only", "poses"]])
def test_what_does_not_go_together_is_refused(wrong: list[str], tmp_path: Path) -> None:
    assert run(["sheet", str(PORTRAIT), *wrong, "-o", str(tmp_path / "sheet.png")]) == 2
