"""What draws a frame has three forms: kernels on a CPU, torch without them, and what GPUs run.

They draw the same, to one grey level, whatever moves. About 12 s; where there is a GPU it is held against the rest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import pytest
import torch
from tests.render.conftest import Photo
from tests.render.measure import Frame, draw, motion, wandering

from vasari.render import Renderer, RenderOptions, native
from vasari.render.canvas.operations import as_gpus_draw
from vasari.values import Appearance, Framing, Motion

MOTIONS: dict[str, Callable[[], Motion]] = {
    "at rest": motion,
    "wandering": lambda: wandering(6),
    "the widest mouth": lambda: motion(jawOpen=1),
    "a wide smile": lambda: motion(jawOpen=0.4, mouthSmileLeft=1, mouthSmileRight=1),
    "a pucker aside": lambda: motion(mouthPucker=1, jawOpen=0.3, mouthLeft=0.6),
    "half a blink": lambda: motion(eyeBlinkLeft=0.5, eyeBlinkRight=0.4),
    "shut eyes": lambda: motion(eyeBlinkLeft=1, eyeBlinkRight=1),
    "a glance": lambda: motion(eyeLookOutLeft=1, eyeLookInRight=1, eyeLookUpLeft=0.5, eyeLookUpRight=0.5),
    "a squint": lambda: motion(eyeSquintLeft=1, eyeSquintRight=1, cheekSquintLeft=0.7),
    "the tongue between the teeth": lambda: motion(tongueOut=0.15, jawOpen=0.3),
    "the tongue put out": lambda: motion(tongueOut=1, jawOpen=0.5),
    "turned": lambda: motion(rotation=(20, 0, 0)),
    "turned, nodding, open": lambda: motion(rotation=(-18, 10, 8), jawOpen=0.7),
    "at the frame's edge": lambda: motion(translation=(0.6, 0.5, -0.6), jawOpen=0.6),
    "a camera that goes round": lambda: dataclasses.replace(
        wandering(2), camera=np.array([[12, -6, 1.1], [-20, 4, 0.9]], np.float32)
    ),
}
FORMS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "torch": native.reference,
    "as GPUs draw": as_gpus_draw,
    "a GPU": nullcontext,
}


@pytest.fixture(scope="module", params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    if request.param == "a GPU" and not torch.cuda.is_available():
        pytest.skip("no GPU here")
    if request.param == "torch" and native.library() is None:
        pytest.skip("the kernels are not built: install g++, then run `make setup` again")
    return str(request.param)


@pytest.fixture(scope="module")
def other(form: str, appearance: Appearance) -> Renderer:
    return _prepared(form, appearance, RenderOptions())


@pytest.fixture(scope="module")
def usual(appearance: Appearance) -> Renderer:
    return Renderer(appearance, RenderOptions(), "cpu")


@pytest.mark.parametrize("name", MOTIONS)
def test_a_face(name: str, form: str, usual: Renderer, other: Renderer) -> None:
    _alike(form, usual, other, MOTIONS[name]())


@pytest.mark.parametrize(
    "options",
    [
        RenderOptions(size=256),
        RenderOptions(size=720),
        RenderOptions(background=np.full((64, 64, 3), (20, 120, 60), np.uint8)),
    ],
    ids=["256 pixels", "720 pixels", "before a color"],
)
def test_other_pictures(options: RenderOptions, form: str, appearance: Appearance) -> None:
    _alike(form, Renderer(appearance, options, "cpu"), _prepared(form, appearance, options), wandering(2))


def test_the_whole_photo(form: str, appearance: Appearance, photo: Photo) -> None:
    options = RenderOptions(size=480, framing=Framing.PORTRAIT, photo=photo)
    _alike(form, Renderer(appearance, options, "cpu"), _prepared(form, appearance, options), wandering(2))


def _prepared(form: str, appearance: Appearance, options: RenderOptions) -> Renderer:
    with FORMS[form]():
        return Renderer(appearance, options, "cuda" if form == "a GPU" else "cpu")


def _alike(form: str, usual: Renderer, other: Renderer, whole: Motion) -> None:
    expected: Frame = draw(usual, whole).astype(int)
    with FORMS[form]():
        apart = np.abs(draw(other, whole).astype(int) - expected)
    # Hardly a pixel, where a mouth folds: there a search's last bits decide, and a GPU's are its own.
    assert np.mean(apart > 1) < (1e-3 if form == "a GPU" else 1e-4)
    assert form == "a GPU" or apart.max() <= 4
