"""What a contact sheet shows. Takes 3 s."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from vasari.cli.app import run
from vasari.evaluation.cells import Crop, Section, cells, strip
from vasari.evaluation.sheet import Window, contact_sheet
from vasari.values import COEFFICIENTS, Appearance, Emotion


def test_every_coefficient_is_shown_half_and_full() -> None:
    shown = {cell.label: cell.motion for cell in cells(Section.COEFFICIENTS)}
    assert set(shown) == {f"{name} {amount}" for name in COEFFICIENTS for amount in ("0.5", "1")}
    for name in COEFFICIENTS:
        assert (shown[f"{name} 0.5"](name)[0], shown[f"{name} 1"](name)[0]) == (0.5, 1)


def test_every_emotion_and_the_neutral_face_are_shown() -> None:
    assert {cell.label for cell in cells(Section.EMOTIONS)} == {"neutral", *Emotion}


@pytest.mark.parametrize("section", Section)
def test_pictures_of_a_section_differ_in_name_and_motion(section: Section) -> None:
    shown = cells(section)
    assert len({cell.label for cell in shown}) == len(shown) >= 8
    rows = [
        np.concatenate([m.rotation[0], m.translation[0], m.coefficients[0], m.tongue])
        for m in (c.motion for c in shown)
    ]
    assert len(np.unique(rows, axis=0)) >= len(shown) - 1  # some phones look alike


def test_visemes_open_for_vowels_and_close_for_plosives() -> None:
    jaw = {cell.label: float(cell.motion("jawOpen")[0]) for cell in cells(Section.VISEMES)}
    assert jaw["/aa/"] > 0.4 > 0.2 > jaw["/uw/"] > jaw["/p/"]


def test_a_window_lies_around_what_it_is_named_for(appearance: Appearance) -> None:
    lips = appearance.landmarks[[13, 14], :2].mean(0)
    eyes = appearance.landmarks[[33, 263], :2]
    mouth, both = Window.of(Crop.MOUTH, appearance), Window.of(Crop.EYES, appearance)
    assert mouth.left < lips[0] < mouth.left + mouth.width
    assert mouth.top < lips[1] < mouth.top + mouth.height < both.top + 3 * both.height
    assert both.left < eyes[:, 0].min() < eyes[:, 0].max() < both.left + both.width


def test_a_cut_keeps_places() -> None:
    frame = np.zeros((100, 100, 3), np.uint8)
    frame[40:60, 20:40] = 200
    cut = Window(0.2, 0.4, 0.2, 0.2).cut(frame, 80)
    assert cut.shape == (80, 80, 3)
    assert np.all(cut[4:-4, 4:-4] > 190)
    around = Window(0.1, 0.3, 0.4, 0.4).cut(frame, 20)
    assert np.all(around[6:14, 6:14] > 190)
    assert np.all(around[:4] < 10)


def test_the_sheet_shows_photo_neutral_face_and_the_section(photo: NDArray[np.uint8], appearance: Appearance) -> None:
    done: list[tuple[int, int]] = []
    sheet = contact_sheet(
        photo,
        appearance,
        [strip(Section.EMOTIONS)],
        size=96,
        title="x",
        show=lambda _, n, total: done.append((n, total)),
    )
    assert done[-1] == (3 + 8, 3 + 8)
    pixels = np.asarray(sheet)
    assert pixels.shape[1] < 1000
    top = next(
        row
        for row in range(len(pixels))
        if np.ptp(pixels[row, 16:112]) > 100 and np.ptp(pixels[row + 40, 16:112]) > 100
    )
    first, second = pixels[top + 20 : top + 80, 20:108].astype(int), pixels[top + 20 : top + 80, 124:212].astype(int)
    assert np.abs(first - second).mean() < 3  # the photo, and the photo's expression rendered


def test_the_command_writes_the_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    portrait = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
    output = tmp_path / "sheet.png"
    assert run(["sheet", str(portrait), "--only", "gaze", "--crop", "eyes", "--size", "80", "-o", str(output)]) == 0
    with Image.open(output) as picture:
        assert f"{picture.width}x{picture.height}" in capsys.readouterr().out
