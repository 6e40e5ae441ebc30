"""Diffusion's noise schedule, and sampling in a few steps."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from vasari.device import core_threads
from vasari.motion.generator import Conditions, Generator

STEPS: Final = 8
SPREAD: Final = 1.1
"""Standard deviation of the noise that sampling starts from. Few steps lose some of what was learned to vary; a little
more noise than in training gives it back (1.0 left heads a sixth too still)."""


@dataclass(frozen=True)
class Guidance:
    """How far each condition is leaned on beyond what was learned; 0 asks nothing beyond."""

    heard: float = 0.0
    manner: float = 0.0
    tail: float = 0.0


def levels(step: Tensor) -> tuple[Tensor, Tensor]:
    """Share of signal and of noise at a step 0..1: the cosine schedule (Nichol and Dhariwal 2021), variance 1."""
    angle = step.clamp(0, 1) * (torch.pi / 2)
    return angle.cos(), angle.sin()


@torch.inference_mode()
def sample(generator: Generator, given: Conditions, noise: Tensor, guidance: Guidance, steps: int = STEPS) -> Tensor:
    """A window of motion by DDIM (Song et al. 2021): the same noise gives the same motion.

    Args:
        noise: (B, window, motion) standard normal.

    Returns:
        (B, window, motion) normalised; it goes on from the tail without a step.
    """
    times = torch.linspace(1, 0, steps + 1, device=noise.device)
    x = noise
    clean = torch.empty(0)
    with core_threads("guidance") as threads:
        for now, following in pairwise(times):
            clean = _guided(generator, x, now.expand(len(x)), given, guidance, threads)
            signal, noisiness = levels(now)
            remaining = (x - signal * clean[:, -x.shape[1] :]) / noisiness
            signal, noisiness = levels(following)
            x = signal * clean[:, -x.shape[1] :] + noisiness * remaining
    return _joined(clean, given.tail, given.known[:, 2])


def _guided(
    generator: Generator, x: Tensor, step: Tensor, given: Conditions, guidance: Guidance, threads: Executor
) -> Tensor:
    """Clean motion = conditioned + sum of weight x (conditioned - without that condition).

    A GPU finds them in one batch, CPUs each by a thread.
    """
    weights = [guidance.heard, guidance.manner, guidance.tail]
    used = [k for k, weight in enumerate(weights) if weight]
    known = given.known.repeat(1 + len(used), 1, 1)
    for number, k in enumerate(used, 1):
        known[number, :, k] = 0

    @torch.inference_mode()  # a thread does not inherit it
    def found(known: Tensor) -> Tensor:
        copies = len(known)
        heard, tail = (part.repeat(copies, 1, 1) for part in (given.heard, given.tail))
        conditions = Conditions(heard, given.manner.repeat(copies, 1), tail, known.flatten(0, 1))
        motion: Tensor = generator(x.repeat(copies, 1, 1), step.repeat(copies), conditions)
        return motion.view(copies, *x.shape[:1], *motion.shape[1:])

    parts = known.chunk(len(known)) if x.device.type == "cpu" else [known]
    clean, *without = torch.cat(list(threads.map(found, parts))).unbind()
    for k, lacking in zip(used, without, strict=True):
        clean = clean + weights[k] * (clean - lacking)
    return clean


_BLEND: Final = 12.0
"""Frames in which the correction at a seam fades by e."""


def _joined(clean: Tensor, tail: Tensor, known: Tensor) -> Tensor:
    """The window, moved at its beginning by what the network's own view of the tail's last frames is off."""
    frames = tail.shape[1]
    off = (tail - clean[:, :frames]) * known[:, None, None]
    last, slope = off[:, -1:], off[:, -1:] - off[:, -2:-1]
    ahead = torch.arange(1, clean.shape[1] - frames + 1, device=clean.device)[None, :, None]
    return clean[:, frames:] + (last + (slope + last / _BLEND) * ahead) * (-ahead / _BLEND).exp()
