"""The whole training: lips, then head and face; weights, and a card that says what went in and came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from vasari.motion.articulation import WEIGHTS as LIPS
from vasari.motion.articulation import ArticulationParams
from vasari.motion.diffusion_transformer import WEIGHTS as GENERATOR
from vasari.motion.diffusion_transformer import TransformerParams
from vasari.motion.speech import SAMPLE_RATE
from vasari.motion.training import lips, motion_generator
from vasari.motion.training.corpus import Recorded, load_all
from vasari.values import InputError, Reason

_TESTED: Final = 24
"""Takes of a held-out voice that are measured."""
_LIVELY: Final = 8
"""Takes on which liveliness is measured."""


@dataclass(frozen=True)
class Plan:
    """How long to train, from what, and what to leave out."""

    lip_steps: int
    steps: int
    seed: int = 0
    hold_out: str | None = None
    """A voice to measure on."""
    start: Path | None = None
    """A folder of weights to go on from: those of an earlier run, or the shipped ones."""
    smoke: bool = False
    """Small networks and few steps."""


def train_motion(corpus: Path, output: Path, plan: Plan, device: str) -> str:
    """Train both networks on a corpus, or go on training; returns the model card that was written.

    Raises:
        InputError: the corpus has no takes to train on, or the folder to start from no weights.
    """
    recordings = load_all(corpus)
    chosen = [recorded for recorded in recordings if recorded.voice != plan.hold_out]
    if not chosen:
        raise InputError(Reason.INVALID_REQUEST, f"{corpus} has no takes to train on; `vasari data tts` makes them")
    lip_params, params = ArticulationParams(), TransformerParams()
    lip_steps, steps = plan.lip_steps, plan.steps
    if plan.smoke:
        lip_params, params = (
            ArticulationParams(width=16, layers=1),
            TransformerParams(width=20, layers=1, heads=1),
        )
        lip_steps, steps = min(lip_steps, 5), min(steps, 5)

    start = {name: load_weights(plan.start / name) if plan.start else None for name in (LIPS, GENERATOR)}
    hears = lips.fit(chosen, output, lip_steps, plan.seed, lip_params, device, start[LIPS])
    save(hears, output / LIPS)
    generator = motion_generator.fit(chosen, output, steps, plan.seed, params, device, start[GENERATOR])
    save(generator, output / GENERATOR)

    spoken = [recorded for recorded in recordings if recorded.voice == plan.hold_out and recorded.speech]
    figures = lips.score(hears, spoken[:_TESTED]) if spoken else {}
    said = [recorded for recorded in recordings if recorded.speech]
    lively = 1 if plan.smoke else _LIVELY
    figures |= motion_generator.score(generator, hears, said[:: max(1, len(said) // lively)][:lively])
    text = card(chosen, plan, (lip_steps, steps), figures)
    (output / "MODEL_CARD.md").write_text(text)
    return text


def load_weights(path: Path) -> dict[str, Tensor]:
    """What `save` has written, as float32. Raises InputError where there is none."""
    try:
        return {name: tensor.float() for name, tensor in load_file(path).items()}
    except FileNotFoundError:
        raise InputError(Reason.INVALID_REQUEST, f"{path} is not there; `vasari train motion` writes it") from None


def save(network: nn.Module, path: Path) -> None:
    """Weights as float16, on the CPU."""
    save_file({name: tensor.half().cpu().contiguous() for name, tensor in network.state_dict().items()}, path)


def card(recordings: list[Recorded], plan: Plan, steps: tuple[int, int], figures: dict[str, float]) -> str:
    """What the weights were made from and how, and what was measured."""
    minutes = sum(len(recorded.take.samples) for recorded in recordings) / SAMPLE_RATE / 60
    voices = ", ".join(sorted({recorded.voice for recorded in recordings}))
    lines = [
        f"# {LIPS} and {GENERATOR}",
        "",
        f"- **Data**: {len(recordings)} takes, {minutes:.0f} minutes of synthetic speech by CMU Flite's voices",
        f"  {voices}: clean, disturbed, and noise without speech. Heads, eyes and expressions: drawn by rule.",
        "- **Licences**: the voices are free for any use; sentences of Python's language reference (PSF) and our own.",
        "  Whisper's encoder (MIT, OpenAI) hears; it is not in these files.",
        f"- **Steps**: {steps[0]} of the lips, {steps[1]} of the generator, seed {plan.seed}, "
        f"torch {torch.__version__}.",
        "- **Limits**: English voices only; motion is as lively as the rules that it was learned from.",
        f"- **Held out**: {plan.hold_out or 'no voice'}.",
        "- **Figures**:",
        *(f"  - {name}: {figure:.3f}" for name, figure in figures.items()),
    ]
    return "\n".join(lines) + "\n"
