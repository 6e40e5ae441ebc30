"""From an Appearance and a Motion to frames."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

from vasari.render.options import RenderOptions, plain
from vasari.render.renderer import Renderer
from vasari.values import Appearance, Motion

__all__ = ["RenderOptions", "Renderer", "plain", "render"]


def render(appearance: Appearance, motion: Motion, options: RenderOptions, device: str = "cpu") -> Iterator[Tensor]:
    """uint8 (B, H, W, 3) RGB batches on the device, in order. render(a, m[i:j]) equals render(a, m)[i:j] exactly."""
    return Renderer(appearance, options, device).frames(motion)
