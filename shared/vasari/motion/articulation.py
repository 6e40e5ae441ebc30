"""What lips and tongue do, told from what Whisper's encoder hears. MODEL_CARD.md tells on what it was fitted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import torch
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn import functional as F

from vasari.motion.visemes import Gesture
from vasari.motion.whisper import AHEAD

WEIGHTS: Final = "articulation.safetensors"


@dataclass(frozen=True)
class ArticulationParams:
    """Sizes of the network."""

    heard: int = 512
    """Width of Whisper's tokens."""
    width: int = 128
    layers: int = 4
    kernel: int = 5
    dropout: float = 0.15

    def __post_init__(self) -> None:
        if self.layers * (self.kernel // 2) > AHEAD:
            raise ValueError("the network would look beyond the edges of a block")


class Residual(nn.Module):
    """A normalised convolution beside what passes it by."""

    def __init__(self, width: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.conv = nn.Conv1d(width, width, kernel, padding=kernel // 2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        moved = F.gelu(self.conv(self.norm(x).transpose(1, 2)).transpose(1, 2))
        return x + self.dropout(moved)  # type: ignore[no-any-return]


class Articulation(nn.Module):
    """Convolutions over tokens; each token's 20 ms become two ticks of 10 ms."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, params: ArticulationParams) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(params.heard))
        self.register_buffer("deviation", torch.ones(params.heard))
        self.dropout = nn.Dropout(params.dropout)
        self.enter = nn.Linear(params.heard, params.width)
        self.layers = nn.ModuleList(Residual(params.width, params.kernel, params.dropout) for _ in range(params.layers))
        self.leave = nn.Linear(params.width, 2 * len(Gesture))

    def forward(self, heard: Tensor) -> Tensor:
        """(B, T, heard) tokens -> (B, 2 T, 8) in the order of `Gesture`: opening, rounding, logits of all others."""
        x = self.enter(self.dropout((heard - self.mean) / self.deviation))
        for layer in self.layers:
            x = layer(x)
        return self.leave(x).unflatten(-1, (2, len(Gesture))).flatten(1, 2)  # type: ignore[no-any-return]

    @torch.inference_mode()
    def gestures(self, heard: Tensor) -> Tensor:
        """(AHEAD + T + AHEAD, heard) a block with its edges -> (2 T, 8) curves without them."""
        curves = self(heard[None])[0, 2 * AHEAD : -2 * AHEAD]
        curves[:, Gesture.BILABIAL :] = curves[:, Gesture.BILABIAL :].sigmoid()
        return curves  # type: ignore[no-any-return]


@cache
def articulation(device: str = "cpu") -> Articulation:
    """The network with the weights that come with the package."""
    network = Articulation(ArticulationParams())
    state = load(files(__package__).joinpath(WEIGHTS).read_bytes())
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return network.requires_grad_(False).eval().to(device)
