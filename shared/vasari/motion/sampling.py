"""Diffusion's noise schedule, and sampling in a few steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from vasari.device import core_threads
from vasari.motion.diffusion_transformer import Conditions, DiffusionTransformer, Embedded

STEPS: Final = 8
SPREAD: Final = 1.1
"""Standard deviation of the noise that sampling starts from. Few steps lose some of what was learned to vary; a little
more noise than in training gives it back (1.0 left heads a sixth too still)."""

_LEANING: Final = 3
"""Steps for which what is leaned on is worked out once: it changes little from one to the next, and costs a pass."""


@dataclass(frozen=True)
class Guidance:
    """How far each condition is leaned on beyond what was learned: clean motion = with all conditions + the sum of
    weight x (with all - without that one). 0 asks nothing beyond."""

    audio: float = 0.0
    signals: float = 0.0
    tail: float = 0.0


def levels(step: Tensor) -> tuple[Tensor, Tensor]:
    """Share of signal and of noise at a step 0..1: the cosine schedule (Nichol and Dhariwal 2021), variance 1."""
    angle = step.clamp(0, 1) * (torch.pi / 2)
    return angle.cos(), angle.sin()


@torch.inference_mode()
def sample(
    transformer: DiffusionTransformer, given: Conditions, noise: Tensor, guidance: Guidance, steps: int = STEPS
) -> Tensor:
    """A window of motion by DDIM (Song et al. 2021): the same noise gives the same motion.

    Args:
        noise: (B, window, motion) standard normal.

    Returns:
        (B, window, motion) normalised; it goes on from the tail without a step.
    """
    times = torch.linspace(1, 0, steps + 1, device=noise.device)
    weights = [guidance.audio, guidance.signals, guidance.tail]
    used = [k for k, weight in enumerate(weights) if weight]
    embedded = [transformer.embed(given), *(transformer.embed(_without(given, k)) for k in used)]
    x = noise
    clean = leaning = torch.zeros_like(given.audio[:, :, : noise.shape[-1]])
    for number, (now, following) in enumerate(pairwise(times)):
        found = partial(_found, transformer, x, now.expand(len(x)))
        if used and number % _LEANING == 0:
            clean, *without = core_threads().map(found, embedded)
            differences = [weights[k] * (clean - lacking) for k, lacking in zip(used, without, strict=True)]
            leaning = torch.stack(differences).sum(0)
        else:
            clean = found(embedded[0])
        clean = clean + leaning
        signal, noisiness = levels(now)
        remaining = (x - signal * clean[:, -x.shape[1] :]) / noisiness
        signal, noisiness = levels(following)
        x = signal * clean[:, -x.shape[1] :] + noisiness * remaining
    return _joined(clean, given.tail, given.known[:, 2])


@torch.inference_mode()  # a thread does not inherit it
def _found(transformer: DiffusionTransformer, x: Tensor, step: Tensor, given: Embedded) -> Tensor:
    return transformer.denoise(x, step, given)


def _without(given: Conditions, condition: int) -> Conditions:
    known = given.known.clone()
    known[:, condition] = 0
    return given._replace(known=known)


_BLEND: Final = 12.0
"""Frames in which the correction at a seam fades by e."""


def _joined(clean: Tensor, tail: Tensor, known: Tensor) -> Tensor:
    """The window, moved at its beginning by what the network's own view of the tail's last frames is off."""
    frames = tail.shape[1]
    off = (tail - clean[:, :frames]) * known[:, None, None]
    last, slope = off[:, -1:], off[:, -1:] - off[:, -2:-1]
    ahead = torch.arange(1, clean.shape[1] - frames + 1, device=clean.device)[None, :, None]
    return clean[:, frames:] + (last + (slope + last / _BLEND) * ahead) * (-ahead / _BLEND).exp()
