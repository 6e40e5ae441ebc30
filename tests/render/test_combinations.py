"""`vasari.render.combinations`: coefficients that act together."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vasari.render.combinations import combined
from vasari.values.motion import COEFFICIENTS, coefficient_index

FOLLOWED = {"tongueOut", "mouthClose"}
"""The tongue opens the jaw, and nothing is to close while the jaw is shut."""


def of(**coefficients: float) -> torch.Tensor:
    c = torch.zeros(1, len(COEFFICIENTS))
    for name, amount in coefficients.items():
        c[0, coefficient_index(name)] = amount
    return combined(c)[0]


def value(name: str, **coefficients: float) -> float:
    return float(of(**coefficients)[coefficient_index(name)])


@pytest.mark.parametrize("name", sorted(set(COEFFICIENTS) - FOLLOWED))
def test_a_coefficient_alone_stays_what_it_is(name: str) -> None:
    wanted = torch.zeros(len(COEFFICIENTS))
    wanted[coefficient_index(name)] = 0.7
    assert of(**{name: 0.7}).numpy() == pytest.approx(wanted.numpy(), abs=0.02)


def test_zero_is_the_neutral_face() -> None:
    assert not of().any()


def test_everything_stays_within_bounds() -> None:
    wild = combined(3 * torch.rand(200, len(COEFFICIENTS), generator=torch.Generator().manual_seed(0)) - 1)
    assert wild.min() >= 0
    assert wild.max() <= 1


def test_mouth_close_takes_back_what_the_jaw_opens_and_little_more() -> None:
    assert value("mouthClose", mouthClose=0.5, jawOpen=0.5) == pytest.approx(0.5, abs=0.01)
    assert value("mouthClose", mouthClose=1.0, jawOpen=0.3) < 0.4
    assert value("mouthClose", mouthClose=1.0) < 0.1


def test_puckered_lips_stay_as_open_as_the_jaw() -> None:
    assert value("mouthClose", jawOpen=0.7, mouthPucker=0.8) == pytest.approx(0, abs=0.01)


def test_the_tongue_comes_out_between_parted_teeth() -> None:
    assert value("jawOpen", tongueOut=1.0) > 0.3
    assert value("mouthClose", tongueOut=1.0, mouthClose=1.0, jawOpen=0.5) == 0


def test_a_laugh_bares_the_upper_teeth() -> None:
    assert value("mouthUpperUpLeft", mouthSmileLeft=0.8, jawOpen=0.6) > 0.1


def test_rounding_does_not_add_up() -> None:
    assert value("mouthPucker", mouthPucker=1.0, mouthFunnel=1.0) + value(
        "mouthFunnel", mouthPucker=1.0, mouthFunnel=1.0
    ) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("name", ["jawOpen", "mouthClose", "mouthPucker", "mouthSmileLeft", "tongueOut"])
def test_no_motion_through_the_bounds_has_a_knee(name: str) -> None:
    """Second differences of every coefficient along a slow sweep over a busy face stay small."""
    c = torch.full((201, len(COEFFICIENTS)), 0.35)
    c[:, coefficient_index(name)] = torch.linspace(0, 1, 201)
    bend = np.abs(np.diff(combined(c).double().numpy(), 2, axis=0)).max()
    assert bend < 0.0015
