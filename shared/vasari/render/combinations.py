"""What becomes of coefficients together: muscles that pull at the same skin. Lids and gaze see `render.eyes`."""

from __future__ import annotations

import torch
from torch import Tensor

from vasari.values.motion import coefficient_index

_TONGUE_PARTS = 0.35
"""jawOpen that lets the tongue out."""
_PRESSING = 0.06
"""mouthClose beyond jawOpen that still has an effect: closed lips press a little."""


def combined(coefficients: Tensor) -> Tensor:
    """(B, 52) absolute coefficients -> (B, 52) as a face shows them. Each alone stays what it is; all bounds are
    smooth, so that no motion through them shows a knee."""
    c = coefficients.clamp(0, 1).clone()

    def column(name: str) -> Tensor:
        return c[:, coefficient_index(name)]

    jaw, close, tongue = column("jawOpen"), column("mouthClose"), column("tongueOut")
    jaw += _TONGUE_PARTS * tongue * (1 - jaw)
    close *= 1 - tongue
    for name in ("mouthRollLower", "mouthRollUpper"):
        column(name).mul_(1 - 0.5 * tongue)

    for side in ("Left", "Right"):
        smile, upper, press = (column(f"mouth{name}{side}") for name in ("Smile", "UpperUp", "Press"))
        column(f"mouthStretch{side}").mul_(1 - 0.3 * smile)
        # A smile has lifted the upper lip already, as has a sneer; laughing, it bares the teeth.
        upper *= 1 - 0.35 * torch.maximum(smile, column(f"noseSneer{side}"))
        upper += 0.3 * smile * jaw * (1 - upper)
        # An open jaw has stretched the skin that smile and lowered lip would pull at.
        smile *= 1 - 0.1 * jaw
        column(f"mouthLowerDown{side}").mul_(1 - 0.25 * jaw)
        for name in ("mouthRollLower", "mouthRollUpper"):
            column(name).mul_(1 - 0.2 * press)

    # One ring muscle puckers and funnels.
    pucker, funnel = column("mouthPucker"), column("mouthFunnel")
    together = (1 + (pucker + funnel) ** 6) ** (1 / 6)
    pucker /= together
    funnel /= together
    # mouthClose closes what the jaw opens; a hyperbola has the two bounds as asymptotes.
    beyond = close - jaw - _PRESSING
    close.sub_((beyond + torch.sqrt(beyond**2 + 0.03**2)) / 2).clamp_(min=0)
    return c
