"""Going on from trained lips on filmed speakers: clips of one's own.

What the mesh tracks knows no phones, and no scale that is the same for every face. So the network is asked for curves
that rise and fall with the tracked ones (Pearson's r over a block), while takes of synthetic speech keep it to what it
knows of contacts and of how far lips open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vasari.motion.articulation import Articulation, ArticulationParams
from vasari.motion.audio_features import BLOCK, BLOCK_TICKS
from vasari.motion.speech import TICK, Floats, speech_level
from vasari.motion.training import lips
from vasari.motion.training.run import Run
from vasari.motion.visemes import Gesture
from vasari.motion.whisper import AHEAD, TOKEN, whisper

_BATCH: Final = 16
_RATE: Final = 5e-4
_SHIFTS: Final = (0, 50, 100, 150)
"""Tokens by which a clip's blocks begin later: each moment is heard at several places of a block."""
_SYNTHETIC: Final = 1.0
"""Weight of the synthetic takes' loss against that of the clips."""
_ROUNDING: Final = 0.5
"""Weight of the rounding's r against that of the opening's."""


@dataclass(frozen=True, eq=False)
class Watched:
    """What is heard of a filmed speaker beside what the lips did. Blocks of `BLOCK` tokens, two ticks each."""

    heard: NDArray[np.float16]
    """(blocks, AHEAD + BLOCK + AHEAD, 512)"""
    lips: NDArray[np.float32]
    """(blocks, BLOCK_TICKS, 2) opening and rounding, in any unit."""
    filmed: NDArray[np.float32]
    """(blocks, BLOCK_TICKS) 1 where the clip shows them, 0 beyond its ends."""

    @classmethod
    def of(
        cls, samples: Floats, opening: NDArray[np.floating], rounding: NDArray[np.floating], fps: float, lag: int
    ) -> Self:
        """A clip of which frame k + lag shows what is heard at k / fps seconds."""
        encoder, level = whisper(), speech_level(samples)
        tokens = int(len(opening) / fps / TOKEN)
        heard, lips, filmed = [], [], []
        for shift in _SHIFTS:
            for start in range(-shift, tokens, BLOCK):
                frames = (2 * start + np.arange(BLOCK_TICKS)) * TICK * fps + lag
                heard.append(encoder.listen(samples, level, start, start + BLOCK).cpu().numpy().astype(np.float16))
                lips.append([np.interp(frames, np.arange(len(c)), c) for c in (opening, rounding)])
                filmed.append((frames >= 0) & (frames < len(opening)))
        return cls(np.stack(heard), np.stack(lips).transpose(0, 2, 1).astype(np.float32), np.array(filmed, np.float32))


def fit(
    watched: Sequence[Watched],
    synthetic: lips.Examples,
    folder: Path,
    steps: int,
    seed: int,
    start: Mapping[str, Tensor],
    device: str,
) -> Articulation:
    """Go on from the weights of `start`; a run in the folder goes on where it ended."""
    heard = torch.from_numpy(np.concatenate([w.heard for w in watched]))
    tracked = torch.from_numpy(np.concatenate([w.lips for w in watched]))
    filmed = torch.from_numpy(np.concatenate([w.filmed for w in watched]))
    torch.manual_seed(seed)
    network = Articulation(ArticulationParams())
    network.load_state_dict(start)
    run = Run(folder, "lips", network.to(device), steps, _RATE)
    network.train()
    for step in run.steps():
        rng = np.random.default_rng((seed, step))
        chosen = torch.from_numpy(rng.integers(len(heard), size=_BATCH))
        known, wanted = synthetic.batch(rng)
        told = network(torch.cat([heard[chosen].float(), known]).to(device))[:, 2 * AHEAD : -2 * AHEAD]
        r = correlations(told[:_BATCH], tracked[chosen].to(device), filmed[chosen].to(device))
        unlike = (1 - r) @ r.new_tensor([1.0, _ROUNDING])
        error = unlike.mean() + _SYNTHETIC * lips.loss(told[_BATCH:], wanted.to(device))
        run.descend(error)
        if step % 20 == 0:
            run.log(step, loss=error.item(), opening=r[:, 0].mean().item(), rounding=r[:, 1].mean().item())
    return network.cpu().eval()


def correlations(told: Tensor, tracked: Tensor, filmed: Tensor) -> Tensor:
    """(B, 2) Pearson's r of the opening and of the rounding over what was filmed of each block.

    Args:
        told: (B, T, 8) the network's answers.
        tracked: (B, T, 2)
        filmed: (B, T)
    """
    share = (filmed / filmed.sum(1, keepdim=True).clamp(min=1))[..., None]
    a, b = told[..., Gesture.OPENING : Gesture.BILABIAL], tracked
    a, b = a - (share * a).sum(1, keepdim=True), b - (share * b).sum(1, keepdim=True)
    spread = (share * a * a).sum(1) * (share * b * b).sum(1)
    return (share * a * b).sum(1) / (spread + 1e-8).sqrt()
