"""Fitting the articulation network to takes whose phones are known, and how well it then hears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vasari.motion.articulation import Articulation, ArticulationParams
from vasari.motion.audio_features import BLOCK
from vasari.motion.training.corpus import Recorded
from vasari.motion.training.run import Run
from vasari.motion.visemes import Gesture, gestures
from vasari.motion.whisper import AHEAD

_BATCH: Final = 24
_RARE: Final = torch.tensor([2.0, 1.5, 1.0, 1.0, 1.5, 1.0])
"""Weight of a contact's presence against its absence."""


class Examples:
    """Blocks as the network hears them, beside what it should tell."""

    def __init__(self, recordings: Sequence[Recorded]) -> None:
        self.heard = torch.from_numpy(np.concatenate([r.heard for r in recordings]))
        self.targets = torch.from_numpy(np.concatenate([targets(r) for r in recordings]))

    def batch(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """(B, AHEAD + BLOCK + AHEAD, 512) heard and (B, 2 BLOCK, 8) targets."""
        chosen = torch.from_numpy(rng.integers(len(self.heard), size=_BATCH))
        return self.heard[chosen].float(), self.targets[chosen]


def targets(recorded: Recorded) -> NDArray[np.float32]:
    """(blocks, 2 BLOCK, 8) what the lips should do in each block of a take."""
    blocks = len(recorded.heard)
    curves = gestures(recorded.take.phones, 2 * (blocks * BLOCK - recorded.shift))
    silence = gestures((), 2 * recorded.shift)
    return np.concatenate([silence, curves]).reshape(blocks, 2 * BLOCK, len(Gesture))


def fit(
    recordings: Sequence[Recorded],
    folder: Path,
    steps: int,
    seed: int,
    params: ArticulationParams,
    device: str,
    start: Mapping[str, Tensor] | None = None,
) -> Articulation:
    """Squared error of opening and rounding, cross-entropy of the contacts. Goes on where a run in the folder ended,
    otherwise from the weights of `start`."""
    examples = Examples(recordings)
    torch.manual_seed(seed)
    network = Articulation(params)
    sample = examples.heard[:: max(1, len(examples.heard) // 200)].float().flatten(0, 1)
    network.mean.copy_(sample.mean(0))
    network.deviation.copy_(sample.std(0) + 1e-3)
    if start is not None:
        network.load_state_dict(start)
    run = Run(folder, "lips", network.to(device), steps, 2e-3)
    network.train()
    for step in run.steps():
        heard, wanted = examples.batch(np.random.default_rng((seed, step)))
        told = network(heard.to(device))[:, 2 * AHEAD : -2 * AHEAD]
        error = loss(told, wanted.to(device))
        run.descend(error)
        if step % 20 == 0:
            run.log(step, loss=error.item())
    return network.cpu().eval()


def loss(told: Tensor, wanted: Tensor) -> Tensor:
    """Of (B, T, 8) raw answers against targets; lips in pauses count little, there is nothing to be heard of them."""
    spoken = 0.2 + 0.8 * wanted[..., Gesture.SPEECH :]
    continuous = slice(Gesture.OPENING, Gesture.BILABIAL)
    square = (spoken * (told[..., continuous] - wanted[..., continuous]) ** 2).mean()
    contacts = slice(Gesture.BILABIAL, None)
    cross = F.binary_cross_entropy_with_logits(
        told[..., contacts], wanted[..., contacts], pos_weight=_RARE.to(told.device)
    )
    return 8 * square + cross


def score(network: Articulation, recordings: Sequence[Recorded]) -> dict[str, float]:
    """How well a network hears takes that it was not fitted on.

    Returns:
        Pearson correlation of opening and rounding with the targets, in speech; area under the ROC curve of telling
        open vowels from p, b, m by the opening that is left at the phone's middle; part of p, b, m and of n, l, d
        whose chance of closed lips exceeds a half.
    """
    told, wanted, gaps, pressed = [], [], {"closed": [], "open": []}, {"pbm": [], "nld": []}  # type: ignore[var-annotated]
    for recorded in recordings:
        curves = [network.gestures(torch.from_numpy(block).float()).numpy() for block in recorded.heard]
        said = np.concatenate(curves)
        told.append(said)
        wanted.append(targets(recorded).reshape(-1, len(Gesture)))
        gap = said[:, Gesture.OPENING] * (1 - said[:, Gesture.BILABIAL])
        for name, start, stop in recorded.take.phones:
            first = 2 * recorded.shift + round(100 * start)
            span = slice(first, max(first + round(100 * (stop - start)), first + 1))
            middle = first + round(50 * (stop - start))
            if name in ("p", "b", "m"):
                gaps["closed"].append(gap[span].min())
                pressed["pbm"].append(said[span, Gesture.BILABIAL].max() > 0.5)
            elif name in ("aa", "ae", "ao", "ay", "aw", "eh"):
                gaps["open"].append(gap[middle])
            elif name in ("n", "l", "d"):
                pressed["nld"].append(said[middle, Gesture.BILABIAL] > 0.5)
    said, true = np.concatenate(told), np.concatenate(wanted)
    spoken = true[:, Gesture.SPEECH] > 0.5
    auc = np.mean(np.subtract.outer(gaps["open"], gaps["closed"]) > 0)
    return {
        "opening r": float(np.corrcoef(said[spoken, 0], true[spoken, 0])[0, 1]),
        "rounding r": float(np.corrcoef(said[spoken, 1], true[spoken, 1])[0, 1]),
        "p/b/m against open vowels AUC": float(auc),
        "p/b/m pressed": float(np.mean(pressed["pbm"])),
        "n/l/d pressed": float(np.mean(pressed["nld"])),
        "tongue r": float(np.corrcoef(said[spoken, Gesture.ALVEOLAR], true[spoken, Gesture.ALVEOLAR])[0, 1]),
    }
