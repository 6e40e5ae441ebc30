"""Textures: pictures that are sampled at places of the frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render.canvas.canvas import Windows
from vasari.render.canvas.operations import interleaved, operations
from vasari.render.native import call, fast, pointers


@dataclass(frozen=True)
class Texture:
    """(C, H, W) float32 over a rectangle of the frame."""

    image: Tensor
    left: float
    top: float
    width: float
    height: float

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        return self.left, self.top, self.width, self.height

    def at(self, places: Tensor, *, outside: str = "border") -> Tensor:
        """Sample bilinearly at (B, h, w, 2) frame units -> (B, C, h, w). outside: "border", "zeros" or
        "reflection"."""
        return sample(self.image, self.normalize(places), outside)

    def normalize(self, places: Tensor) -> Tensor:
        """(..., 2) frame units -> grid_sample's -1..1."""
        scale, offset = self._affine
        return torch.addcmul(offset, places, scale)

    @cached_property
    def _affine(self) -> tuple[Tensor, Tensor]:
        scale = self.image.new_tensor([2 / self.width, 2 / self.height])
        return scale, self.image.new_tensor([self.left, self.top]) * -scale - 1


@dataclass(frozen=True)
class SharpTexture:
    """A picture that is as sharp wherever it is sampled as where its texels lie.

    Sampled bilinearly between its texels a picture loses its fine detail, and more or less of it with every motion. So
    its lightness, which carries the detail that is seen, is kept on a lattice so dense that little is lost.
    """

    lightness: Tensor
    """(DENSITY (H - 1) + 1, DENSITY (W - 1) + 1) luma (ITU-R BT.601) at the texels and between them, whole numbers
    0..255: uint8 on a CPU, so that caches hold what a frame reads of it, float32 elsewhere."""
    others: Tensor
    """(4 or more, H, W) what red, green and blue have beyond that, and what else there is."""
    left: float
    top: float
    width: float
    height: float
    """The rectangle of the frame between the centers of the outermost texels."""
    empty: Tensor
    """(H // 8 + 1, W // 8 + 1) uint8, 1 where eight by eight texels and those around them are 0 but for a fourth
    channel of 1: of the person where only the background is seen."""

    @classmethod
    def of(cls, texture: Texture) -> SharpTexture:
        """From RGB and any other channels."""
        image = texture.image
        rows, columns = image.shape[1:]
        x, y = texture.width / columns / 2, texture.height / rows / 2
        rectangle = (texture.left + x, texture.top + y, texture.width - 2 * x, texture.height - 2 * y)
        red, green, blue = image[:1], image[1:2], image[2:3]
        luma = _RED * red + (1 - _RED - _BLUE) * green + _BLUE * blue
        dense = _denser(_denser(luma).transpose(1, 2).contiguous()).transpose(1, 2)[0]
        dense = dense.round_().clamp_(0, 255)
        none = image.new_zeros(max(0, 4 - len(image)), rows, columns)  # four channels are read in one go
        others = torch.cat([image[:3] - dense[::DENSITY, ::DENSITY], image[3:], none])
        lightness = dense.to(operations(image).lightness)
        return cls(lightness.contiguous(), interleaved(others), *rectangle, _empty(dense[::DENSITY, ::DENSITY], others))

    def before(self, background: Tensor, sources: Sources) -> tuple[Tensor, Tensor]:
        """(B, 3, H, W) pictures before a background, and (B, 1, H, W) its share, which is the fourth channel.

        Args:
            background: (3, H, W), or (B, 3, H, W).
        """
        if not fast(background):
            pictures, share = self.sampled(sources.texels)
            return pictures.addcmul_(share, background), share
        batch, (height, width) = len(sources.offsets), background.shape[-2:]
        pictures, share = (background.new_empty(batch, channels, height, width) for channels in (3, 1))
        behind = background.expand_as(pictures)
        texture = pointers(*self.for_kernel)
        for k in range(batch):
            nodes = sources.offsets[k]
            call(
                "person", texture, nodes, *nodes.shape[:2], sources.x, sources.y, behind[k], height, width,
                pictures[k], share[k],
            )  # fmt: skip
        return pictures, share

    @property
    def for_kernel(self) -> tuple[Tensor | int, ...]:
        """The fields of what `kernels.cpp` calls Sharp."""
        return self.lightness, self.others.permute(1, 2, 0), self.empty, *self.others.shape[1:], DENSITY

    def at(self, places: Tensor) -> Tensor:
        """Sample at (B, h, w, 2) frame units -> (B, 3, h, w) RGB."""
        return self.sampled(self.texels(places))[0]

    def sampled(self, texels: Tensor) -> tuple[Tensor, Tensor]:
        """(B, h, w, 2) as `texels` gives them -> (B, 3, h, w) RGB, and what else there is."""
        sampled = operations(texels).remapped
        others = sampled(self.others, texels)
        luma = sampled(self.lightness[None], texels * DENSITY)
        return others[:, :3].add_(luma), others[:, 3:]

    def texels(self, places: Tensor) -> Tensor:
        """(..., 2) frame units -> column and row, 0 at the center of the first."""
        return torch.addcmul(self._offset, places, self.scale)

    def place(self, texels: Tensor) -> Tensor:
        """The reverse of `texels`."""
        return texels / self.scale + self._corner

    @cached_property
    def scale(self) -> Tensor:
        """(2,) texels for a unit of the frame."""
        height, width = self.others.shape[1:]
        return self.others.new_tensor([(width - 1) / self.width, (height - 1) / self.height])

    @cached_property
    def _corner(self) -> Tensor:
        return self.others.new_tensor([self.left, self.top])

    @cached_property
    def _offset(self) -> Tensor:
        return self._corner * -self.scale


@dataclass(frozen=True)
class Sources:
    """Where the pixels of a canvas come from in a sharp texture."""

    offsets: Tensor
    """(B, h, w, 2) texels, at the nodes of a coarser grid: from where a pixel lies to where it comes from."""
    x: Tensor
    """(W,) texels of the canvas's columns at rest,"""
    y: Tensor
    """(H,) and of its rows."""

    @cached_property
    def texels(self) -> Tensor:
        """(B, H, W, 2) for every pixel."""
        grid = torch.stack(torch.meshgrid(self.x, self.y, indexing="xy"))
        return widened(self.offsets.permute(0, 3, 1, 2), len(self.y), len(self.x)).add_(grid).permute(0, 2, 3, 1)

    def within(self, windows: Windows) -> Tensor:
        """(B, height, width, 2) for the pixels of windows."""
        if not fast(self.offsets):
            return windows.read(self.texels.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        found = self.offsets.new_empty(len(self.offsets), windows.height, windows.width, 2)
        for offsets, x, y, out in zip(self.offsets, windows.x.tolist(), windows.y.tolist(), found, strict=True):
            call(
                "texels", offsets, *offsets.shape[:2], self.x, self.y, len(self.y), len(self.x), y, x,
                windows.height, windows.width, out,
            )  # fmt: skip
        return found


def _empty(luma: Tensor, others: Tensor) -> Tensor:
    """(H // 8 + 1, W // 8 + 1) see `SharpTexture.empty`."""
    something = (luma != 0) | (others[:3] != 0).any(0) | (others[3] != 1)
    rows, columns = (8 * (n // 8 + 1) for n in luma.shape)
    padded = F.pad(something[None, None].float(), (0, columns - luma.shape[1], 0, rows - luma.shape[0]))
    near = F.max_pool2d(padded, 3, 1, 1)
    return (F.max_pool2d(near, 8)[0, 0] == 0).to(torch.uint8).contiguous()


_RED, _BLUE = 0.299, 0.114
"""Their weights in luma; green has the rest."""
DENSITY: Final = 5
"""Of a sharp texture's lightness. Between samples at 1 / DENSITY of a texel a line is straight enough: of the finest
wave that texels can hold two thirds of the energy are lost on average for 1, a sixth for 3, a sixteenth for 5."""
_TAPS: Final = 8
"""Texels on either side that one between them is made of."""
_ROWS: Final = 64
"""Made at once: they fit a processor's cache."""


def _denser(image: Tensor) -> Tensor:
    """(C, H, W) -> (C, H, DENSITY (W - 1) + 1) by a windowed sinc (Lanczos), the ends replicated."""
    columns = image.shape[2]
    dense = image.new_empty(*image.shape[:2], DENSITY * (columns - 1) + 1)
    dense[:, :, ::DENSITY] = image
    kernels = [_lanczos(step / DENSITY) for step in range(1, DENSITY)]
    for rows, made in zip(torch.split(image, _ROWS, 1), torch.split(dense, _ROWS, 1), strict=True):
        padded = F.pad(rows, (_TAPS - 1, _TAPS - 1), mode="replicate")
        for step, kernel in enumerate(kernels, 1):
            between = torch.zeros_like(made[:, :, step::DENSITY])
            for tap, weight in enumerate(kernel):
                between.add_(padded[:, :, tap : tap + columns - 1], alpha=weight)
            made[:, :, step::DENSITY] = between
    return dense


def _lanczos(place: float) -> list[float]:
    """Weights of the 2 _TAPS texels around a place between two of them, 0..1 from the left one."""
    distance = torch.arange(1 - _TAPS, _TAPS + 1, dtype=torch.float64) - place
    kernel = torch.sinc(distance) * torch.sinc(distance / _TAPS)
    weights: list[float] = (kernel / kernel.sum()).tolist()
    return weights


def sample(image: Tensor, grid: Tensor, outside: str = "border") -> Tensor:
    """(C, H, W) or (B, C, H, W) at (B, h, w, 2) -> (B, C, h, w)"""
    images = image.expand(len(grid), -1, -1, -1) if image.dim() == 3 else image
    return F.grid_sample(images, grid, mode="bilinear", padding_mode=outside, align_corners=False)


def turned(places: Tensor, matrix: Tensor, shift: Tensor) -> Tensor:
    """(B, h, w, 2) places @ (2, 2) + (2,), held as planes, as which it is ten times as fast."""
    planes = places.permute(0, 3, 1, 2)
    moved = torch.baddbmm(shift[:, None], matrix.T.expand(len(planes), -1, -1), planes.flatten(2))
    return moved.view(planes.shape).permute(0, 2, 3, 1)


def enlarge(offsets: Tensor, height: int, width: int) -> Tensor:
    """(B, h, w, 2) at a coarse grid's nodes -> (B, height, width, 2) at every pixel; at the rim as at the last node."""
    return widened(offsets.permute(0, 3, 1, 2), height, width).permute(0, 2, 3, 1)


def widened(images: Tensor, height: int, width: int) -> Tensor:
    """(B, C, h, w) -> (B, C, height, width), bilinear, at the rim as at the last row and column."""
    return operations(images).resized(images, height, width)


def to_bytes(frames: Tensor) -> Tensor:
    """(B, 3, H, W) 0..255 -> (B, H, W, 3) uint8, rounded."""
    if fast(frames):
        joined = frames.new_empty(len(frames), *frames.shape[2:], 3, dtype=torch.uint8)
        for frame, out in zip(frames, joined, strict=True):
            call("bytes", frame, frame[0].numel(), out)
        return joined
    return operations(frames).as_bytes(frames)


def gaussian(images: Tensor, sigma: float) -> Tensor:
    """Blur (B, C, h, w), edges replicated. sigma in pixels; a wide blur is done at half the resolution."""
    if sigma > 3:
        height, width = images.shape[2:]
        half = gaussian(F.interpolate(images, (-(-height // 2), -(-width // 2)), mode="area"), sigma / 2)
        return widened(half, height, width)
    radius = max(1, round(2.5 * sigma))
    return operations(images).blurred(images, sigma, radius)


def smoothstep(x: Tensor, start: float, end: float) -> Tensor:
    """0 up to start, 1 from end on, smooth between."""
    t = ((x - start) / (end - start)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def nowhere(x: Tensor) -> bool:
    """Whether all of it is 0, as far as the host can tell without waiting for the device."""
    return operations(x).nowhere(x)
