"""Anyone can make the weights again: a corpus, two networks, curves and a card. About 20 s; needs flite."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from vasari.motion.training import motion_generator
from vasari.motion.training.corpus import Recorded, load_all, record, take_count
from vasari.motion.training.lips import targets
from vasari.motion.training.takes import sung
from vasari.motion.training.whole import Plan, train_motion
from vasari.motion.visemes import Gesture
from vasari.values import InputError

pytestmark = pytest.mark.skipif(not shutil.which("flite"), reason="flite is not installed")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("corpus")
    assert len(list(record(folder, minutes=0.3))) == take_count(0.3)
    return folder


def test_a_corpus_is_made_once_and_alike(corpus: Path) -> None:
    before = set(corpus.iterdir())
    removed = min(before)
    heard = Recorded.load(removed).heard
    removed.unlink()
    assert set(record(corpus, minutes=0.3)) == before
    assert np.array_equal(Recorded.load(removed).heard, heard)


def test_targets_close_the_lips_where_p_b_and_m_are_said(corpus: Path) -> None:
    recorded = next(r for r in load_all(corpus) if r.voice == "slt" and r.speech)
    curves = targets(recorded).reshape(-1, len(Gesture))
    said = [p for p in recorded.take.phones if p.name in ("b", "m", "p") and p.stop - p.start > 0.05]
    assert said
    for phone in said:
        middle = 2 * recorded.shift + round(50 * (phone.start + min(phone.stop, phone.start + 0.08)))
        assert curves[middle, Gesture.OPENING] < 0.15
        assert curves[middle, Gesture.BILABIAL] > 0.5


def test_music_is_a_pause_and_hides_no_phone(corpus: Path) -> None:
    alone, over = (Recorded.load(corpus / f"slt-0000-{name}.safetensors") for name in ("music", "accompanied"))
    assert not alone.speech
    assert targets(alone)[..., Gesture.SPEECH].max() == 0
    assert alone.take.samples.std() > 1e-3
    assert sum(phone.name != "pau" for phone in over.take.phones) > 50
    quiet = next(phone for phone in over.take.phones if phone.name == "pau" and phone.stop - phone.start > 0.3)
    assert over.take.samples[round(16000 * quiet.start) : round(16000 * quiet.stop)].std() > 1e-4


def test_a_song_holds_its_notes_and_knows_its_phones() -> None:
    song = sung("slt", np.random.default_rng(1), seconds=4)
    assert song.phones[-1].stop == pytest.approx(len(song.samples) / 16000, abs=0.02)
    spoken = [phone for phone in song.phones if phone.name != "pau"]
    assert max(phone.stop - phone.start for phone in spoken) > 0.2
    assert sum(phone.stop - phone.start for phone in spoken) > 0.6 * (spoken[-1].stop - spoken[0].start)


def test_training_writes_weights_curves_and_a_card(corpus: Path, tmp_path: Path) -> None:
    card = train_motion(corpus, tmp_path, Plan(3, 3, hold_out="slt", smoke=True), "cpu")
    assert "p/b/m" in card
    for name in ("articulation.safetensors", "generator.safetensors", "lips.png", "generator.csv", "MODEL_CARD.md"):
        assert (tmp_path / name).stat().st_size > 0


def test_a_run_goes_on_where_it_was_stopped(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, parts, plan = tmp_path / "whole", tmp_path / "parts", Plan(4, 4, smoke=True)
    monkeypatch.setattr("vasari.motion.training.run._SAVED_EVERY", 2)
    train_motion(corpus, whole, plan, "cpu")

    losses = iter((motion_generator.loss, motion_generator.loss, motion_generator.loss))
    with monkeypatch.context() as broken:
        broken.setattr(motion_generator, "loss", lambda *given: next(losses)(*given))
        with pytest.raises(StopIteration):
            train_motion(corpus, parts, plan, "cpu")
    train_motion(corpus, parts, plan, "cpu")
    for name in ("articulation.safetensors", "generator.safetensors"):
        a, b = load_file(whole / name), load_file(parts / name)
        assert all(torch.equal(a[key], b[key]) for key in a)


def test_a_run_goes_on_from_weights_of_another(corpus: Path, tmp_path: Path) -> None:
    train_motion(corpus, tmp_path / "first", Plan(2, 2, smoke=True), "cpu")
    plan = Plan(1, 1, seed=1, start=tmp_path / "first", smoke=True)
    train_motion(corpus, tmp_path / "second", plan, "cpu")
    for name in ("articulation.safetensors", "generator.safetensors"):
        first, second = (load_file(tmp_path / run / name) for run in ("first", "second"))
        assert all(torch.allclose(first[key].float(), second[key].float(), atol=0.01) for key in first)
    with pytest.raises(InputError, match="vasari train motion"):
        train_motion(corpus, tmp_path / "third", Plan(1, 1, start=tmp_path, smoke=True), "cpu")


def test_no_takes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="vasari data tts"):
        train_motion(tmp_path, tmp_path / "run", Plan(1, 1, smoke=True), "cpu")


def test_a_take_survives_the_disk(corpus: Path) -> None:
    path = sorted(corpus.glob("*.safetensors"))[0]
    once = Recorded.load(path)
    again = path.with_name("again.safetensors")
    once.save(again)
    twice = Recorded.load(again)
    again.unlink()
    assert twice.take.phones == once.take.phones
    assert np.array_equal(twice.heard, once.heard)
    assert np.abs(twice.take.samples - once.take.samples).max() < 1e-3
