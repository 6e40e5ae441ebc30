"""The motion generator's network: a diffusion transformer over windows of motion, as in VASA-1 (arXiv 2404.10667).

It predicts a window's clean motion from a noisy one, beside the audio features, the last second of the window before,
and the control signals. Each of these is at times left out in training, so that sampling can lean on any of them
(classifier-free guidance, Ho and Salimans 2022). The motion space is known to it by its width alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import torch
from safetensors.torch import load
from torch import Tensor, nn
from torch.nn import functional as F

WEIGHTS: Final = "generator.safetensors"
SIGNALS: Final = 7 + 1 + 4
"""Numbers of the control signals: weights of the seven emotions, blinks a minute over 24, style."""


@dataclass(frozen=True)
class TransformerParams:
    """Sizes of the network."""

    motion: int = 16
    """Channels of the motion space."""
    audio: int = 1024
    """Audio features of a frame: two of Whisper's tokens."""
    tail: int = 25
    """Frames of the window before."""
    window: int = 100
    """New frames."""
    width: int = 128
    layers: int = 5
    heads: int = 4


class Conditions(NamedTuple):
    """What a window is made from."""

    audio: Tensor
    """(B, tail + window, audio)"""
    signals: Tensor
    """(B, SIGNALS)"""
    tail: Tensor
    """(B, tail, motion) normalised."""
    known: Tensor
    """(B, 3) 1 where audio, signals and tail are given, 0 where that one is left out."""


class Embedded(NamedTuple):
    """Conditions as the layers see them: alike in every step of sampling, and so worked out once."""

    audio: Tensor
    """(B, tail + window, width)"""
    signals: Tensor
    """(B, width)"""
    tail: Tensor
    """(B, tail, width)"""


class Modulation(nn.Module):
    """Shift, scale and gate of a half layer, from the embedding of step and signals (Peebles and Xie 2023)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 3 * width)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, embedded: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        shift, scale, gate = self.linear(F.silu(embedded))[:, None].chunk(3, -1)
        return shift, 1 + scale, gate


class Layer(nn.Module):
    """Self-attention over the window's frames with rotary positions, then a multilayer perceptron."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.attention_modulation, self.mlp_modulation = Modulation(width), Modulation(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width))

    def forward(self, x: Tensor, embedded: Tensor, rotation: Tensor) -> Tensor:
        shift, scale, gate = self.attention_modulation(embedded)
        qkv = self.qkv(self.norm(x) * scale + shift).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        q, k, v = rotated(qkv[0], rotation), rotated(qkv[1], rotation), qkv[2]
        attended = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        x = x + gate * self.out(attended)
        shift, scale, gate = self.mlp_modulation(embedded)
        return x + gate * self.mlp(self.norm(x) * scale + shift)  # type: ignore[no-any-return]


class DiffusionTransformer(nn.Module):
    """Noisy motion and conditions -> clean motion."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, params: TransformerParams) -> None:
        super().__init__()
        self.params = params
        width = params.width
        self.register_buffer("mean", torch.zeros(params.audio))
        self.register_buffer("deviation", torch.ones(params.audio))
        self.enter_motion = nn.Linear(params.motion + 1, width)
        self.enter_audio = nn.Linear(params.audio, width)
        self.enter_signals = nn.Sequential(nn.Linear(SIGNALS, width), nn.SiLU(), nn.Linear(width, width))
        self.enter_step = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))
        self.unknown = nn.Parameter(torch.zeros(3, width))
        """What stands for audio, signals and tail where they are left out."""
        self.layers = nn.ModuleList(Layer(width, params.heads) for _ in range(params.layers))
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulation = Modulation(width)
        self.leave = nn.Linear(width, params.motion)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, noisy: Tensor, step: Tensor, given: Conditions) -> Tensor:
        """
        Args:
            noisy: (B, window, motion) normalised.
            step: (B,) how noisy: 0 clean, 1 noise alone.

        Returns:
            (B, tail + window, motion) the clean motion of the tail, as the network sees it, and of the window.
        """
        return self.denoise(noisy, step, self.embed(given))

    def embed(self, given: Conditions) -> Embedded:
        """What stands for the conditions, those left out included."""
        audio_known, signals_known, tail_known = given.known[:, :, None].unbind(1)
        audio = self.enter_audio((given.audio - self.mean) / self.deviation)
        tail = self.enter_motion(F.pad(given.tail, (0, 1), value=1.0))  # 1 tells what is given from what is to be found
        return Embedded(
            torch.where(audio_known[:, :, None] > 0, audio, self.unknown[0]),
            torch.where(signals_known > 0, self.enter_signals(given.signals), self.unknown[1]),
            torch.where(tail_known[:, :, None] > 0, tail, self.unknown[2]),
        )

    def denoise(self, noisy: Tensor, step: Tensor, given: Embedded) -> Tensor:
        """The same as a call, from conditions that are embedded already."""
        p = self.params
        x = torch.cat([given.tail, self.enter_motion(F.pad(noisy, (0, 1)))], 1) + given.audio
        embedded = self.enter_step(sinusoids(step, p.width)) + given.signals

        rotation = rotary(x.shape[1], p.width // p.heads, x.device)
        for layer in self.layers:
            x = layer(x, embedded, rotation)
        shift, scale, _ = self.modulation(embedded)
        return self.leave(self.norm(x) * scale + shift)  # type: ignore[no-any-return]


def sinusoids(step: Tensor, width: int) -> Tensor:
    """(B,) 0..1 -> (B, width) sines and cosines of it at frequencies from 1 to 1000."""
    frequencies = torch.logspace(0, 3, width // 2, device=step.device)
    angles = step[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], 1)


def rotary(length: int, width: int, device: torch.device) -> Tensor:
    """(length, width / 2) complex rotations of the positions (Su et al. 2021)."""
    frequencies = 1000.0 ** -(torch.arange(0, width, 2, device=device) / width)
    angles = torch.arange(length, device=device)[:, None] * frequencies
    return torch.polar(torch.ones_like(angles), angles)


def rotated(x: Tensor, rotation: Tensor) -> Tensor:
    """(..., length, width) turned by `rotary`'s rotations."""
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * rotation).flatten(-2)


@cache
def diffusion_transformer(device: str = "cpu") -> DiffusionTransformer:
    """The network with the weights that come with the package."""
    network = DiffusionTransformer(TransformerParams())
    state = load(files(__package__).joinpath(WEIGHTS).read_bytes())
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return network.requires_grad_(False).eval().to(device)
