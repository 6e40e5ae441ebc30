"""OpenCV's loops for tensors on the CPU: several times as fast as torch's, and the same to a float's last bits."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor


def remapped(image: Tensor, texels: Tensor) -> Tensor:
    """Bilinear samples, with nothing but the rim beyond the rim.

    Args:
        image: (C, H, W) float32, or one channel of uint8. Four channels that are interleaved in memory
            (`interleaved`) are read in one go.
        texels: (B, h, w, 2) column and row, 0 at the center of the first.
    Returns:
        (B, C, h, w) float32
    """
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


_STRIP: Final = 64
"""Rows that are read for all frames before the next: the frames of a batch are much alike, and so many caches hold."""


def as_bytes(frames: Tensor) -> Tensor:
    """(B, 3, H, W) float32, 0..255 -> (B, H, W, 3) uint8, rounded."""
    batch, channels, height, width = frames.shape
    whole = np.empty((batch, channels, height, width), np.uint8)
    joined = frames.new_empty(batch, height, width, channels, dtype=torch.uint8)
    for planes, narrow, target in zip(frames.numpy(), whole, joined.numpy(), strict=True):
        for plane, rounded in zip(planes, narrow, strict=True):
            cv2.add(plane, _NOTHING, rounded, dtype=cv2.CV_8U)
        cv2.merge(list(narrow), target)
    return joined


def resized(images: Tensor, height: int, width: int) -> Tensor:
    """(B, C, h, w) float32 -> (B, C, height, width), what F.interpolate does bilinearly."""
    larger = images.new_empty(*images.shape[:2], height, width)
    for planes, targets in zip(images.numpy(), larger.numpy(), strict=True):
        for plane, target in zip(planes, targets, strict=True):
            cv2.resize(plane, (width, height), target, interpolation=cv2.INTER_LINEAR)
    return larger


_NOTHING: Final = np.zeros(4)
"""Added to what is only to be rounded and held within bytes; OpenCV takes four numbers for one."""


def blurred(images: Tensor, sigma: float, radius: int) -> Tensor:
    """(B, C, h, w) float32 through a Gaussian that ends at a radius, the rim repeated."""
    soft = torch.empty_like(images, memory_format=torch.contiguous_format)
    size = (2 * radius + 1,) * 2
    for planes, targets in zip(images.numpy(), soft.numpy(), strict=True):
        for plane, target in zip(planes, targets, strict=True):
            cv2.GaussianBlur(plane, size, sigma, target, sigma, cv2.BORDER_REPLICATE)
    return soft


def interleaved(image: Tensor) -> Tensor:
    """(C, H, W), the same with the channels of a texel side by side in memory."""
    return image.permute(1, 2, 0).contiguous().permute(2, 0, 1)
