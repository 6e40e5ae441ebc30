"""The corpus on disk: takes of synthetic speech with what Whisper's encoder hears in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file

from vasari.motion.audio_features import BLOCK
from vasari.motion.speech import SAMPLE_RATE, speech_level
from vasari.motion.training.takes import VOICES, Take, accompanied, disturbed, hiss, played, sung, take
from vasari.motion.visemes import Phone
from vasari.motion.whisper import TOKEN, whisper

TAKE_SECONDS: Final = 24
_HISS_EVERY: Final = 8
"""One take of noise without speech for so many with."""
_MUSIC_EVERY: Final = 2
"""One take of music without speech, and one of speech or song over music, for so many with speech."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """A take as the corpus keeps it."""

    voice: str
    take: Take
    heard: NDArray[np.float16]
    """(blocks, BLOCK + 2 AHEAD, 512) what the encoder makes of each block, edges included."""
    shift: int
    """Tokens by which the first block begins before the take: blocks of a real recording begin anywhere in a word."""

    @classmethod
    def of(cls, voice: str, said: Take, rng: np.random.Generator) -> Self:
        encoder, level = whisper(), speech_level(said.samples)
        shift = int(rng.integers(BLOCK))
        tokens = int(len(said.samples) / SAMPLE_RATE / TOKEN)
        blocks = [encoder.listen(said.samples, level, k, k + BLOCK) for k in range(-shift, tokens, BLOCK)]
        return cls(voice, said, torch.stack(blocks).numpy().astype(np.float16), shift)

    @property
    def speech(self) -> bool:
        """Whether anything is said in it."""
        return any(phone.name != "pau" for phone in self.take.phones)

    def save(self, path: Path) -> None:
        pcm = np.clip(self.take.samples * 32767, -32768, 32767).astype(np.int16)
        unfinished = path.with_suffix(".part")
        about = {"voice": self.voice, "shift": str(self.shift), "phones": json.dumps(self.take.phones)}
        save_file({"samples": pcm, "heard": self.heard}, unfinished, about)
        unfinished.rename(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        with safe_open(path, "numpy") as file:
            about = file.metadata()
            samples = file.get_tensor("samples").astype(np.float32) / 32767
            phones = tuple(Phone(*phone) for phone in json.loads(about["phones"]))
            return cls(about["voice"], Take(samples, phones), file.get_tensor("heard"), int(about["shift"]))


def record(folder: Path, minutes: float, seed: int = 0) -> Iterator[Path]:
    """Make the corpus, or what is missing of it: `minutes` of each voice, every take clean and disturbed, noise, music
    without speech, and speech and song over music.

    Yields:
        Each take's file, whether it was made now or before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(_rounds(minutes)):
        for number, voice in enumerate(VOICES):
            names = [f"{voice}-{k:04d}-clean", f"{voice}-{k:04d}-disturbed"]
            names += [f"{voice}-{k:04d}-hiss"] if k % _HISS_EVERY == 0 else []
            paths = [folder / f"{name}.safetensors" for name in names]
            if not all(path.exists() for path in paths):
                rng = np.random.default_rng((seed, number, k))
                said = take(voice, rng)
                for path, one in zip(paths, (said, disturbed(said, rng), hiss(rng)), strict=False):
                    Recorded.of(voice, one, rng).save(path)
            yield from paths
            if k % _MUSIC_EVERY == 0:
                yield from _with_music(folder, voice, k, np.random.default_rng((seed, number, k, 1)))


def _with_music(folder: Path, voice: str, k: int, rng: np.random.Generator) -> list[Path]:
    """Music alone, and with somebody who speaks or sings."""
    paths = [folder / f"{voice}-{k:04d}-{name}.safetensors" for name in ("music", "accompanied")]
    if not all(path.exists() for path in paths):
        says = sung if k % (2 * _MUSIC_EVERY) else take
        for path, one in zip(paths, (played(rng), accompanied(says(voice, rng), rng)), strict=True):
            Recorded.of(voice, one, rng).save(path)
    return paths


def take_count(minutes: float) -> int:
    """Files that `record` makes for so many minutes of each voice."""
    rounds = _rounds(minutes)
    return len(VOICES) * (2 * rounds + -(-rounds // _HISS_EVERY) + 2 * -(-rounds // _MUSIC_EVERY))


def load_all(folder: Path) -> list[Recorded]:
    """Every take of a corpus, in the order of their names."""
    return [Recorded.load(path) for path in sorted(folder.glob("*.safetensors"))]


def _rounds(minutes: float) -> int:
    return max(1, round(minutes * 60 / TAKE_SECONDS))
