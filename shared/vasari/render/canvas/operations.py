"""The few operations for which CPUs and GPUs have different programs, each in both forms.

OpenCV's loops are several times as fast on a CPU as torch's, and the same to a float's last bits; slices copy a window
far faster there than an index does. On a GPU nothing may wait for the host. All else that draws is torch's for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from vasari.render import native


class Operations(Protocol):
    """What both forms offer. Pictures are float32; B is their number."""

    lightness: torch.dtype
    """That a sharp texture's whole numbers 0..255 are kept in."""

    def remapped(self, image: Tensor, texels: Tensor) -> Tensor:
        """Bilinear samples, with nothing but the rim beyond the rim.

        Args:
            image: (C, H, W), or one channel of `lightness`. Four channels that are interleaved in memory
                (`interleaved`) are read in one go.
            texels: (B, h, w, 2) column and row, 0 at the center of the first.
        Returns:
            (B, C, h, w) float32
        """
        ...

    def resized(self, images: Tensor, height: int, width: int) -> Tensor:
        """(B, C, h, w) -> (B, C, height, width), bilinear, pixels as areas."""
        ...

    def blurred(self, images: Tensor, sigma: float, radius: int) -> Tensor:
        """(B, C, h, w) through a Gaussian that ends at a radius, the rim repeated. sigma in pixels."""
        ...

    def as_bytes(self, frames: Tensor) -> Tensor:
        """(B, 3, H, W) 0..255 -> (B, H, W, 3) uint8, rounded."""
        ...

    def read(self, images: Tensor, x: Tensor, y: Tensor, height: int, width: int) -> Tensor:
        """(B, C, H, W) -> (B, C, height, width) from column x (B,) and row y (B,) on."""
        ...

    def write(self, images: Tensor, x: Tensor, y: Tensor, windows: Tensor) -> None:
        """Put (B, C, height, width) back in place."""
        ...

    def nowhere(self, x: Tensor) -> bool:
        """Whether all of it is 0, as far as the host can tell without waiting for the device."""
        ...


class OnCpu:
    lightness = torch.uint8  # caches hold what a frame reads of it

    def remapped(self, image: Tensor, texels: Tensor) -> Tensor:
        channels, (height, width) = len(image), texels.shape[1:3]
        drawn = texels.new_empty(len(texels), channels, height, width)
        whole = channels == 4 and image.stride(0) == 1
        sources = [image.permute(1, 2, 0).numpy()] if whole else list(image.numpy())
        for top in range(0, height, _STRIP):
            strip = slice(top, min(top + _STRIP, height))
            read = np.empty((strip.stop - top, width, *sources[0].shape[2:]), sources[0].dtype)
            for planes, places in zip(drawn[:, :, strip].numpy(), texels[:, strip], strict=True):
                x, y = (np.ascontiguousarray(places[..., k].numpy()) for k in (0, 1))
                for k, source in enumerate(sources):
                    cv2.remap(source, x, y, cv2.INTER_LINEAR, read, cv2.BORDER_REPLICATE)
                    if whole:
                        cv2.split(read, list(planes))
                    else:
                        planes[k] = read
        return drawn

    def resized(self, images: Tensor, height: int, width: int) -> Tensor:
        larger = images.new_empty(*images.shape[:2], height, width)
        for planes, targets in zip(images.contiguous().numpy(), larger.numpy(), strict=True):
            for plane, target in zip(planes, targets, strict=True):
                cv2.resize(plane, (width, height), target, interpolation=cv2.INTER_LINEAR)
        return larger

    def blurred(self, images: Tensor, sigma: float, radius: int) -> Tensor:
        soft = torch.empty_like(images, memory_format=torch.contiguous_format)
        size = (2 * radius + 1,) * 2
        for planes, targets in zip(images.numpy(), soft.numpy(), strict=True):
            for plane, target in zip(planes, targets, strict=True):
                cv2.GaussianBlur(plane, size, sigma, target, sigma, cv2.BORDER_REPLICATE)
        return soft

    def as_bytes(self, frames: Tensor) -> Tensor:
        batch, channels, height, width = frames.shape
        whole = np.empty((batch, channels, height, width), np.uint8)
        joined = frames.new_empty(batch, height, width, channels, dtype=torch.uint8)
        for planes, narrow, target in zip(frames.numpy(), whole, joined.numpy(), strict=True):
            for plane, rounded in zip(planes, narrow, strict=True):
                cv2.add(plane, _NOTHING, rounded, dtype=cv2.CV_8U)
            cv2.merge(list(narrow), target)
        return joined

    def read(self, images: Tensor, x: Tensor, y: Tensor, height: int, width: int) -> Tensor:
        parts = _slices(x, y, height, width)
        return torch.stack([image[part] for image, part in zip(images, parts, strict=True)])

    def write(self, images: Tensor, x: Tensor, y: Tensor, windows: Tensor) -> None:
        for image, part, window in zip(images, _slices(x, y, *windows.shape[2:]), windows, strict=True):
            image[part] = window

    def nowhere(self, x: Tensor) -> bool:
        return not bool(x.any())


_STRIP: Final = 64
"""Rows that are read for all frames before the next: the frames of a batch are much alike, and so many caches hold."""
_NOTHING: Final = np.zeros(4)
"""Added to what is only to be rounded and held within bytes; OpenCV takes four numbers for one."""


def _slices(x: Tensor, y: Tensor, height: int, width: int) -> list[tuple[slice, slice, slice]]:
    return [
        (slice(None), slice(top, top + height), slice(left, left + width))
        for left, top in zip(x.tolist(), y.tolist(), strict=True)
    ]


class OnGpu:
    lightness = torch.float32  # a GPU's samplers read no whole numbers

    def remapped(self, image: Tensor, texels: Tensor) -> Tensor:
        height, width = image.shape[1:]
        x, y = texels.unbind(-1)
        grid = torch.stack([x * (2 / (width - 1)) - 1, y * (2 / (height - 1)) - 1], -1)
        images = image.expand(len(grid), -1, -1, -1)
        return F.grid_sample(images, grid, padding_mode="border", align_corners=True)

    def resized(self, images: Tensor, height: int, width: int) -> Tensor:
        return F.interpolate(images, (height, width), mode="bilinear", align_corners=False)

    def blurred(self, images: Tensor, sigma: float, radius: int) -> Tensor:
        offsets = torch.arange(-radius, radius + 1, device=images.device, dtype=images.dtype)
        kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
        kernel = kernel / kernel.sum()
        b, c, h, w = images.shape
        flat = F.pad(images.reshape(b * c, 1, h, w), (radius,) * 4, mode="replicate")
        return F.conv2d(F.conv2d(flat, kernel[None, None, :, None]), kernel[None, None, None]).reshape(b, c, h, w)

    def as_bytes(self, frames: Tensor) -> Tensor:
        return frames.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()

    def read(self, images: Tensor, x: Tensor, y: Tensor, height: int, width: int) -> Tensor:
        return images[_index(x, y, height, width)].permute(0, 3, 1, 2)

    def write(self, images: Tensor, x: Tensor, y: Tensor, windows: Tensor) -> None:
        images[_index(x, y, *windows.shape[2:])] = windows.permute(0, 2, 3, 1)

    def nowhere(self, x: Tensor) -> bool:  # noqa: ARG002  # to look at it would be to wait
        return False


def _index(x: Tensor, y: Tensor, height: int, width: int) -> tuple[Tensor, slice, Tensor, Tensor]:
    batch = torch.arange(len(x), device=x.device)[:, None, None]
    rows = (y[:, None] + torch.arange(height, device=x.device))[:, :, None]
    columns = (x[:, None] + torch.arange(width, device=x.device))[:, None, :]
    return batch, slice(None), rows, columns


_ON_CPU: Final[Operations] = OnCpu()
_ON_GPU: Final[Operations] = OnGpu()
_pretended = False
"""Whether CPUs are to draw as GPUs do."""


def operations(tensor: Tensor) -> Operations:
    """The form for where a tensor lies."""
    return _ON_CPU if tensor.device.type == "cpu" and not _pretended else _ON_GPU


@contextmanager
def as_gpus_draw() -> Iterator[None]:
    """Within it CPUs draw by the GPU's form, in all threads: to compare the two. A renderer belongs to the form that it
    was made in."""
    global _pretended
    before, _pretended = _pretended, True
    try:
        with native.reference():
            yield
    finally:
        _pretended = before


def interleaved(image: Tensor) -> Tensor:
    """(C, H, W), the same with the channels of a texel side by side in memory."""
    return image.permute(1, 2, 0).contiguous().permute(2, 0, 1)
