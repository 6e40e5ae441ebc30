"""The kernels draw what torch draws, to one grey level, whatever moves. About 8 s."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from tests.render.conftest import Photo
from tests.render.measure import Frame, draw, motion, wandering

from vasari.render import Renderer, RenderOptions, native
from vasari.values import Appearance, Framing, Motion

pytestmark = pytest.mark.skipif(
    native.library() is None, reason="the kernels are not built: install g++, then run `make setup` again"
)

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
}


@pytest.fixture(scope="module")
def by_torch(appearance: Appearance) -> Renderer:
    with native.reference():
        return Renderer(appearance, RenderOptions())


@pytest.mark.parametrize("name", MOTIONS)
def test_a_face(name: str, renderer: Renderer, by_torch: Renderer) -> None:
    _alike(renderer, by_torch, MOTIONS[name]())


@pytest.mark.parametrize(
    "options",
    [
        RenderOptions(size=256),
        RenderOptions(size=720),
        RenderOptions(background=np.full((64, 64, 3), (20, 120, 60), np.uint8)),
    ],
    ids=["256 pixels", "720 pixels", "before a color"],
)
def test_other_pictures(options: RenderOptions, appearance: Appearance) -> None:
    with native.reference():
        by_torch = Renderer(appearance, options)
    _alike(Renderer(appearance, options), by_torch, wandering(2))


def test_the_whole_photo(appearance: Appearance, photo: Photo) -> None:
    options = RenderOptions(size=480, framing=Framing.PORTRAIT, photo=photo)
    with native.reference():
        by_torch = Renderer(appearance, options)
    _alike(Renderer(appearance, options), by_torch, wandering(2))


def _alike(renderer: Renderer, by_torch: Renderer, whole: Motion) -> None:
    frames: Frame = draw(renderer, whole).astype(int)
    with native.reference():
        expected = draw(by_torch, whole).astype(int)
    apart = np.abs(frames - expected)
    assert np.mean(apart > 1) < 1e-4  # hardly a pixel, where a mouth folds
    assert apart.max() <= 4
