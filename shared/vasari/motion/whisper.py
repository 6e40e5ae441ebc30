"""What is heard: Whisper's audio encoder up to its third layer (Radford et al. 2022, arXiv 2212.04356).

The middle layers know which sound is being made and not yet which word it belongs to; on filmed speakers they told lip
movements better than the last layer or than spectra. Speech is read in blocks with a bounded past and look-ahead, each
block from its own samples alone: an hour costs an hour's time and no more memory, and the blocks of a live stream are
only shorter.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vasari.motion.speech import HOP, SAMPLE_RATE, Floats, excerpt
from vasari.weights import Weights, weight_files

TOKEN: Final = 2 * HOP / SAMPLE_RATE
"""Seconds from one token to the next: token k stands at k * TOKEN."""
PAST: Final = 100
AHEAD: Final = 20
"""Tokens before and after a block that the encoder sees with it: 2 s and 0.4 s, which on filmed speakers was as good as
the 30 s that Whisper was trained with."""

_FFT: Final = 400
_SPEECH_DB: Final = -23.0
"""Level to which speech is brought before it is encoded, in dB relative to full scale."""
_LOUDEST: Final = 1.5
"""log10 power of the loudest mel bands of speech at that level. Whisper clamps all that is 80 dB under the loudest of
30 s; a bound that does not wait for them makes every block alike."""


@dataclass(frozen=True)
class WhisperParams:
    """Sizes of Whisper base's encoder, as far as it is used."""

    mels: int = 80
    width: int = 512
    heads: int = 8
    layers: int = 3
    positions: int = 1500


class Attention(nn.Module):
    """Self-attention of which only the tokens from `start` on are asked for."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, start: int) -> Tensor:
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q[:, :, start:], k, v)
        return self.out(attended.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class Block(nn.Module):
    """A transformer layer, normalised before each of its halves."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """(B, T, width) -> (B, T - start, width): tokens from `start` on, which hear those before them too."""
        x = x[:, start:] + self.attention(self.attention_norm(x), start)
        return x + self.mlp(self.mlp_norm(x))  # type: ignore[no-any-return]


class WhisperEncoder(nn.Module):
    """Log-mel spectra -> what the third layer makes of them."""

    def __init__(self, params: WhisperParams) -> None:
        super().__init__()
        self.params = params
        self.conv1 = nn.Conv1d(params.mels, params.width, 3, padding=1)
        self.conv2 = nn.Conv1d(params.width, params.width, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.empty(params.positions, params.width))
        self.blocks = nn.ModuleList(Block(params.width, params.heads) for _ in range(params.layers))

    def forward(self, mel: Tensor, start: int = 0) -> Tensor:
        """(B, mels, T) as `log_mel` gives them -> (B, T / 2 - start, width); T at most twice `positions`."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        *before, last = self.blocks
        for block in before:
            x = block(x)
        return last(x, start)  # type: ignore[no-any-return]

    @torch.inference_mode()
    def listen(self, samples: Floats, level: float, start: int, stop: int) -> Tensor:
        """Tokens start - AHEAD..stop + AHEAD of a recording; those at either edge have less context than the others.

        Args:
            samples: (S,) mono, 16 kHz, -1..1; beyond them is silence.
            level: dB relative to full scale of the speech in it: see `speech_level`.
            start, stop: tokens of the block; may lie beyond the recording.

        Returns:
            (stop - start + 2 AHEAD, width) float32 on the encoder's device.
        """
        gain = 10 ** ((_SPEECH_DB - level) / 20)
        mel = log_mel(samples, 2 * (start - PAST), 2 * (stop + AHEAD), gain, self.positions.device)
        return self(mel[None], PAST - AHEAD)[0]  # type: ignore[no-any-return]


def log_mel(samples: Floats, start: int, stop: int, gain: float, device: torch.device) -> Tensor:
    """Whisper's log-mel spectra of the 10 ms frames start..stop: (mels, stop - start), about -1..1."""
    signal = excerpt(samples, start * HOP - _FFT // 2, (stop - 1) * HOP + _FFT // 2)
    wave = torch.from_numpy(signal).to(device) * gain
    spectra = torch.stft(
        wave, _FFT, HOP, window=torch.hann_window(_FFT, device=device), center=False, return_complex=True
    )
    mel = torch.from_numpy(_mel_filters()).to(device) @ spectra.abs().square()
    return (mel.clamp(min=10 ** (_LOUDEST - 8)).log10().clamp(max=_LOUDEST) + 4) / 4


@cache
def _mel_filters(mels: int = WhisperParams.mels) -> NDArray[np.float32]:
    """(mels, FFT bins) triangles of equal area, evenly spaced in Slaney's mel (Auditory Toolbox, 1998) to 8 kHz."""
    linear, knee = 3 / 200, 1000.0  # mel per Hz up to the knee, logarithmic beyond: 27 mel from 1000 to 6400 Hz
    steps = np.linspace(0, linear * knee + 27 * np.log(8000 / knee) / np.log(6.4), mels + 2)
    hz = np.where(steps < linear * knee, steps / linear, knee * 6.4 ** ((steps - linear * knee) / 27))
    bins = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    rising = (bins - hz[:-2, None]) / np.diff(hz)[:-1, None]
    falling = (hz[2:, None] - bins) / np.diff(hz)[1:, None]
    triangles = np.clip(np.minimum(rising, falling), 0, None)
    return np.asarray(triangles * (2 / (hz[2:] - hz[:-2]))[:, None], np.float32)


@dataclass(frozen=True)
class _Tensors:
    """The tensors of a CTranslate2 model file, by name."""

    arrays: dict[str, NDArray[np.float16]]

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Layout, little-endian: version, spec name, revision, count; then for each tensor its name, rank, dimensions,
        type, bytes, content. A name is preceded by its length and ended by a zero."""
        at = 0

        def number(form: str) -> int:
            nonlocal at
            (value,) = struct.unpack_from(f"<{form}", data, at)
            at += struct.calcsize(f"<{form}")
            return int(value)

        def text() -> str:
            nonlocal at
            length = number("H")
            at += length
            return data[at - length : at - 1].decode()

        number("I"), text(), number("I")
        arrays = {}
        for _ in range(number("I")):
            name = text()
            shape = tuple(number("I") for _ in range(number("B")))
            kind, size = number("B"), number("I")
            if kind == 4:  # float16
                arrays[name] = np.frombuffer(data, np.float16, size // 2, at).reshape(shape)
            at += size
        return cls(arrays)

    def both(self, name: str, weight: str = "weight", bias: str = "bias") -> dict[str, Tensor]:
        named = {"weight": self.arrays[f"encoder/{name}/{weight}"], "bias": self.arrays[f"encoder/{name}/{bias}"]}
        return {key: torch.from_numpy(array.astype(np.float32)) for key, array in named.items()}


@cache
def whisper(device: str = "cpu") -> WhisperEncoder:
    """The encoder with its published weights; kept for the life of the process.

    Raises:
        Fault: the weights are not installed, or are not those that this version was written for.
    """
    tensors = _Tensors.read(b"".join(path.read_bytes() for path in weight_files(Weights.WHISPER_BASE)))
    params = WhisperParams()
    modules = {"conv1": tensors.both("conv1"), "conv2": tensors.both("conv2")}
    for k in range(params.layers):
        theirs, ours = f"layer_{k}", f"blocks.{k}"
        for half, norm in (("self_attention", "attention_norm"), ("ffn", "mlp_norm")):
            modules[f"{ours}.{norm}"] = tensors.both(f"{theirs}/{half}/layer_norm", "gamma", "beta")
        for name, linear in (
            ("attention.qkv", "self_attention/linear_0"),
            ("attention.out", "self_attention/linear_1"),
            ("mlp.0", "ffn/linear_0"),
            ("mlp.2", "ffn/linear_1"),
        ):
            modules[f"{ours}.{name}"] = tensors.both(f"{theirs}/{linear}")
    state = {f"{module}.{key}": tensor for module, pair in modules.items() for key, tensor in pair.items()}
    positions = tensors.arrays["encoder/position_encodings/encodings"]
    state["positions"] = torch.from_numpy(positions.astype(np.float32))
    with torch.device("meta"):
        encoder = WhisperEncoder(params)
    encoder.load_state_dict(state, assign=True)
    return encoder.requires_grad_(False).eval().to(device)
