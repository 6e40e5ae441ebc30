"""What is seen of motion in the finished picture: the face mesh tracks a rendered video as it does a filmed one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.evaluation.alive import alive
from vasari.evaluation.figures import Figure, Measured, Quantity, Show, at_most, gathered
from vasari.evaluation.lips import Spoken, contacts, picture_after_sound
from vasari.evaluation.tracking import Points
from vasari.face import encode
from vasari.face.tracking.track import track_faces
from vasari.media.portrait import read_portrait
from vasari.motion import animate
from vasari.motion.speech import SAMPLE_RATE
from vasari.render import Renderer, RenderOptions
from vasari.values.landmarks import EYES

_SECONDS: Final = 15
"""Of a recording that are drawn at most."""
_STILL: Final = (6, 168, 197, 195, 5, *(point for eye in EYES for point in (eye.upper[0], eye.upper[-1], *eye.brow)))
"""The upper face without the lids: bridge of the nose, corners of the eyes, brows."""

Said = tuple[NDArray[np.float32], Sequence[Spoken]]
"""(S,) samples and the phones in them, if they are known."""


def measure_rendered(
    portraits: Sequence[Path], recordings: Mapping[str, Said], device: str, show: Show
) -> list[Figure]:
    """Lips, brows, mouth and head as tracked in a video of each recording, which portraits say in turn; lengths over
    the distance of the eyes' outer corners.

    Raises:
        InputError: a portrait cannot be used.
    """
    found: dict[str, list[Measured]] = {}
    for (name, (samples, phones)), portrait in zip(recordings.items(), cycle(portraits), strict=False):
        show("rendered", len(found), len(recordings))
        photo = read_portrait(portrait)
        appearance = encode(photo)
        renderer = Renderer(appearance, RenderOptions(photo=photo), device)
        motion = animate(samples[: _SECONDS * SAMPLE_RATE], identity=appearance.identity)
        pictures = (frame for batch in renderer.pictures(motion) for frame in batch)
        said = [phone for phone in phones if phone.stop < motion.seconds]
        found[name] = list(seen(track_faces(pictures, device).landmarks, motion.fps, said))
    show("rendered", len(found), len(recordings))
    return gathered(found)


def seen(points: Points, fps: float, phones: Sequence[Spoken]) -> Iterator[Measured]:
    """Figures of (T, 478, 3) landmarks in pixels."""
    apart = np.linalg.norm(points[:, 33, :2] - points[:, 263, :2], axis=1)
    gap = np.linalg.norm(points[:, 13, :2] - points[:, 14, :2], axis=1) / apart
    yield Quantity("lip opening, 95th percentile"), float(np.percentile(gap, 95))
    yield from alive(points, fps)
    yield Quantity("jitter", "1/1000", at_most(4)), 1000 * jitter(points)
    if phones:
        yield from contacts(gap, fps, phones, ", in the video")
        yield picture_after_sound(gap, fps, phones)


def jitter(points: Points) -> float:
    """Mean second difference of the upper face, once its shifts, turns and changes of size are taken away, over the
    distance of the outer corners of the eyes."""
    face = points[:, list(_STILL), :2] @ np.array([1, 1j])
    face = face - face.mean(1, keepdims=True)
    mean = face[0]
    for _ in range(3):  # generalised Procrustes analysis, similarities of the plane (Gower 1975)
        turned = face * ((face.conj() @ mean) / (np.abs(face) ** 2).sum(1))[:, None]
        mean = turned.mean(0)
    apart = float(np.median(np.linalg.norm(points[:, 33, :2] - points[:, 263, :2], axis=1)))
    size = np.linalg.norm(np.abs(mean)) / np.median(np.linalg.norm(np.abs(face), axis=1))
    return float(np.abs(np.diff(turned, 2, axis=0)).mean() / (apart * size))
