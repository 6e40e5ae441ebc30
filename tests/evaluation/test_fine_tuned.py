"""Lips go on learning from filmed speakers; what they learn is measured on one whom they have not seen. Takes 15 s."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from vasari.evaluation import fine_tuned
from vasari.evaluation.filmed import FPS, Filmed
from vasari.evaluation.fine_tuned import fine_tune, leave_one_out, said
from vasari.media.speech import read_speech
from vasari.motion.articulation import WEIGHTS, articulation
from vasari.motion.training.corpus import Recorded
from vasari.motion.training.filmed import Watched, correlations
from vasari.motion.training.takes import Take
from vasari.motion.visemes import Phone
from vasari.values import InputError

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "speech.flac"
SHIPPED = ROOT / "shared" / "vasari" / "motion"


def nothing(_what: str, _done: int, _total: int) -> None:
    pass


def test_correlation_is_that_of_what_was_filmed() -> None:
    rng = np.random.default_rng(0)
    told, tracked = torch.zeros(1, 200, 8), torch.from_numpy(rng.normal(size=(1, 200, 2))).float()
    told[0, :120, :2] = tracked[0, :120] * torch.tensor([3.0, -1.0]) + 5
    filmed = (torch.arange(200) < 120).float()[None]
    assert correlations(told, tracked, filmed)[0].tolist() == pytest.approx([1, -1], abs=1e-3)
    assert correlations(told, tracked, torch.ones(1, 200))[0, 0] < 0.9


def test_a_clip_is_watched_where_its_picture_shows_what_is_heard() -> None:
    samples = read_speech(SAMPLE, 60).samples[: 4 * 16_000]
    curve = np.arange(100.0)
    watched = Watched.of(samples, curve, curve, 25.0, lag=5)
    assert watched.lips[0, 200, 0] == pytest.approx(2.0 * 25 + 5)
    assert watched.filmed[0].sum() == pytest.approx(400 - 20, abs=4)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two seconds of somebody who says "ah"; flite is not needed."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    said = Take(read_speech(SAMPLE, 60).samples[: 2 * 16_000], (Phone("pau", 0, 0.5), Phone("aa", 0.5, 2.0)))
    Recorded.of("somebody", said, np.random.default_rng(0)).save(folder / "take.safetensors")
    return folder


@pytest.fixture
def clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Speakers whose lips do what the shipped network tells, three frames late, and one whose lips do anything."""
    samples = read_speech(SAMPLE, 60).samples
    gap, rounding = said(samples, articulation())

    def read(path: Path) -> Filmed:
        film = Filmed(samples, np.zeros((len(gap), 478, 3)), np.zeros((len(gap), 3)))
        noise = np.random.default_rng(1).normal(size=(2, len(gap)))
        curves = noise if path.stem == "wild" else np.roll([gap, -rounding], 3, axis=1)
        film.__dict__.update(opening=curves[0], width=curves[1])
        return film

    monkeypatch.setattr(fine_tuned.Filmed, "read", read)
    paths = [tmp_path / f"{name}.mp4" for name in ("one", "other", "wild")]
    paths[0].with_suffix(".phones").write_text("0.70 0.76 M\n2.0 2.1 AA\n")
    return paths


def test_what_was_learned_is_measured_on_who_was_left_out(clips: list[Path], corpus: Path, tmp_path: Path) -> None:
    figures = leave_one_out(clips, corpus, tmp_path / "run", SHIPPED, 2, 0, "cpu", nothing)
    found = {figure.quantity.name: figure.values for figure in figures}
    assert set(found["opening r"]) == {"one", "other", "wild"}
    assert found["opening r, before"]["one"] == pytest.approx(1, abs=0.01)
    assert found["opening r"]["other"] > 0.9
    assert found["opening r, before"]["wild"] < 0.5
    assert set(found["p/b/m closed"]) == {"one"}
    assert {path.parent.name for path in (tmp_path / "run").glob("*/lips.pt")} == {"one", "other", "wild"}


def test_weights_are_written_that_can_be_used(clips: list[Path], corpus: Path, tmp_path: Path) -> None:
    fine_tune(clips, corpus, tmp_path / "run", SHIPPED, 2, 0, "cpu", nothing)
    before, after = (load_file(folder / WEIGHTS) for folder in (SHIPPED, tmp_path / "run"))
    assert before.keys() == after.keys()
    assert any(not torch.equal(before[name], after[name]) for name in before)


def test_what_cannot_be_trained_on_is_refused(clips: list[Path], corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two clips"):
        leave_one_out(clips[:1], corpus, tmp_path, SHIPPED, 1, 0, "cpu", nothing)
    with pytest.raises(InputError, match="follow the sound"):
        fine_tune(clips[2:], corpus, tmp_path, SHIPPED, 1, 0, "cpu", nothing)
    with pytest.raises(InputError, match="vasari data tts"):
        fine_tune(clips, tmp_path, tmp_path, SHIPPED, 1, 0, "cpu", nothing)


def test_gap_is_sampled_at_25_frames_a_second() -> None:
    samples = read_speech(SAMPLE, 60).samples[: 3 * 16_000]
    assert [len(curve) for curve in said(samples, articulation())] == [3 * FPS, 3 * FPS]
