"""An appearance and a motion in, frames out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from vasari.device import CORES, core_threads
from vasari.render.body.body import build_body
from vasari.render.body.fields import build_fields
from vasari.render.body.pose import Places, Pose
from vasari.render.body.shading import Shading
from vasari.render.canvas.backdrop import Backdrop
from vasari.render.canvas.sampling import Sources, to_bytes
from vasari.render.combinations import combined
from vasari.render.eyes.eye import both_eyes
from vasari.render.gpu import HostCopy, Recorded
from vasari.render.limits import build_limits, orbit
from vasari.render.mouth.lips import Mouth
from vasari.render.options import RenderOptions
from vasari.render.scene import face_scene, portrait_scene
from vasari.render.state import Grid, State
from vasari.values import COEFFICIENTS, Appearance, Framing, Motion
from vasari.values.motion import CAMERA_DISTANCE, rotation_angles, rotation_matrix

_BATCH: Final = {"cpu": (4, 4 << 20), "cuda": (32, 64 << 20)}
"""Frames that are computed at once at most, and pixels of all of them; for each some 100 bytes are needed."""

THREADS: Final = min(CORES, 2)
"""That draw at once unless told otherwise. Each operation takes Python's lock, so that more wait for one another."""


class Renderer:
    """Draws one appearance. Prepared once; every frame then depends on its own row of the motion alone.

    Args:
        threads: that draw at once, on CPUs: 1 where a process for each core draws.

    Raises:
        ValueError: the options' photo is missing for Framing.PORTRAIT, or is not the one that was encoded.
    """

    width: int
    """Pixels, even."""
    height: int

    def __init__(
        self, appearance: Appearance, options: RenderOptions, device: str = "cpu", threads: int = THREADS
    ) -> None:
        self.device, self._threads = torch.device(device), threads
        # What takes longest is made beside the rest.
        fields = core_threads().submit(torch.inference_mode()(build_fields), appearance, self.device)
        with torch.inference_mode():
            if options.framing is Framing.PORTRAIT:
                scene = portrait_scene(appearance, options, self.device)
            else:
                scene = face_scene(appearance, options, self.device)
            self.height, self.width = scene.height, scene.width
            self._scene, canvas = scene, scene.canvas
            self._body = build_body(appearance, self.device, at_rest=options.framing is Framing.PORTRAIT)
            self._limits = build_limits(appearance, self._body, whole=scene.whole)
            self._mouth = Mouth(appearance, scene.layers, canvas, self.device)
            self._fields = fields.result()
            self._shading = Shading(appearance, self._fields, self._body, canvas)
            grid = scene.layers.person.texels(canvas.nodes(canvas.height, canvas.width, self.device))
            self._x, self._y = grid[0, :, 0].contiguous(), grid[:, 0, 1].contiguous()
            self._backdrop = Backdrop(scene.layers, self._body, canvas)
            self._eyes = both_eyes(appearance, scene.layers, canvas, self.device)
            self._places = Places(torch.stack([self._mouth.place, *(eye.place for eye in self._eyes)]), self._body)
            self._grid = Grid(canvas, self.device)
        # Always as many frames at once, so that a frame's arithmetic does not depend on its neighbours.
        most, pixels = _BATCH[self.device.type]
        self._batch = max(1, min(most, pixels // (scene.canvas.width * scene.canvas.height)))
        self._unit = appearance.interocular
        self._recorded: dict[torch.Size, Recorded] = {}
        self._source = combined(torch.from_numpy(appearance.source_motion.coefficients).to(self.device))

    def frames(self, motion: Motion, batch: int | None = None) -> Iterator[Tensor]:
        """uint8 (B, height, width, 3) RGB batches on the device, in order.

        Args:
            motion: any number of frames; a slice of it gives the same frames as the whole.
            batch: B, only the last may be smaller; without it what suits the device.
        """
        drawn = self._drawn(torch.split(self._asked(motion), self._batch) if len(motion) else ())
        return drawn if batch is None else _regrouped(drawn, batch)

    def pictures(self, motion: Motion) -> Iterator[NDArray[np.uint8]]:
        """The same frames on the host. A GPU draws the next batch while one is copied."""
        if self.device.type == "cpu":
            yield from (batch.numpy() for batch in self.frames(motion))
            return
        copied: HostCopy | None = None
        for batch in self.frames(motion):
            before, copied = copied, HostCopy(batch)
            if before is not None:
                yield before.finished()
        if copied is not None:
            yield copied.finished()

    def _drawn(self, parts: Sequence[Tensor]) -> Iterator[Tensor]:
        """The frames of parts of what was asked, in order.

        On CPUs one batch a thread, whose operations keep to it: a frame is hundreds of small operations, and threads
        that wait for each other after every one of them cost more than they bring, most of all on a busy machine.
        """
        if self.device.type != "cpu" or self._threads == 1:
            yield from (self._draw(part, self._batch) for part in parts)
            return
        ahead: deque[Future[Tensor]] = deque()
        for part in parts:
            ahead.append(core_threads().submit(self._draw, part, self._batch))
            if len(ahead) > self._threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()

    def _draw(self, asked: Tensor, size: int) -> Tensor:
        """Frames of rows of what was asked, drawn as a batch of so many, the last one repeated."""
        whole = torch.cat([asked, asked[-1:].expand(size - len(asked), -1)])
        if self.device.type == "cpu":
            return self._drawn_as(whole)[: len(asked)]
        if (recorded := self._recorded.get(whole.shape)) is None:
            recorded = self._recorded[whole.shape] = Recorded(self._drawn_as, whole, self.device)
        return recorded(whole)[: len(asked)]

    def _asked(self, motion: Motion) -> Tensor:
        """(T, n) on the host, what tells each frame: the head's turn (a matrix) and shift within what the photo can
        carry, coefficients as a face shows them, the tongue; if the camera moves, the person's turn as it sees it, and
        its distance."""
        rotation, translation, coefficients, tongue = (
            torch.from_numpy(a) for a in (motion.rotation, motion.translation, motion.coefficients, motion.tongue)
        )
        camera: list[Tensor] = []
        if motion.camera is not None:
            around, distance = orbit(torch.from_numpy(motion.camera))
            rotation = torch.from_numpy(rotation_angles((around @ _matrix(rotation)).numpy()))
            away = (CAMERA_DISTANCE + translation[:, 2:]) * distance - CAMERA_DISTANCE
            translation = torch.cat([translation[:, :2], away], 1)
            camera = [around.flatten(1), torch.from_numpy(motion.camera[:, 2:])]
        turn, shift = self._limits(rotation, translation)
        return torch.cat(
            [
                *(_matrix(turn).flatten(1), shift * self._unit),
                *(combined(coefficients), tongue[:, None].clamp(0, 1), *camera),
            ],
            1,
        )

    @torch.inference_mode()
    def _drawn_as(self, asked: Tensor) -> Tensor:
        """uint8 (B, height, width, 3) of what `_asked` has told, on the device, which never waits for the host."""
        state, layers = self._state(asked), self._scene.layers
        offsets = state.origins()
        sources = Sources(offsets * layers.person.scale, self._x, self._y)
        frames, still = layers.person.before(self._behind(asked, state), sources)
        self._mouth.draw(frames, state)
        for eye in self._eyes:
            eye.draw(frames, still, sources, state)
        self._shading.draw(frames, state, offsets)
        return to_bytes(frames) if self._scene.surroundings is None else self._scene.surroundings.around(frames)

    def _state(self, asked: Tensor) -> State:
        parts = [9, 3, len(COEFFICIENTS), 1]
        turn, shift, absolute, tongue, camera = torch.split(asked, [*parts, asked.shape[1] - sum(parts)], 1)
        body = self._body
        around = camera[:, :9].reshape(-1, 3, 3) if camera.shape[1] else None
        pose = Pose(turn.reshape(-1, 3, 3), around, shift, body.pivot, body.eye, body.distance)
        relative = (absolute - self._source)[:, self._fields.channels]
        weights = F.pad(relative, (0, 1), value=1.0)
        canvas = self._scene.canvas
        return State.of(absolute, tongue[:, 0], weights, pose, self._fields, body, self._places, canvas, self._grid)

    def _behind(self, asked: Tensor, state: State) -> Tensor:
        """(3, H, W) or (B, 3, H, W) the background."""
        if state.pose.around is None or self._scene.whole:
            return self._scene.layers.background
        return self._backdrop.seen(state.pose.around, asked[:, -1:])


def _matrix(rotation: Tensor) -> Tensor:
    """(B, 3) degrees -> (B, 3, 3) float32, worked out in double precision."""
    return torch.from_numpy(rotation_matrix(rotation.double().numpy()))


def _regrouped(batches: Iterable[Tensor], size: int) -> Iterator[Tensor]:
    """The same frames in batches of another size."""
    rest: list[Tensor] = []
    for batch in batches:
        rest.append(batch)
        while sum(map(len, rest)) >= size:
            joined = torch.cat(rest)
            yield joined[:size]
            rest = [joined[size:]]
    if sum(map(len, rest)):
        yield torch.cat(rest)
