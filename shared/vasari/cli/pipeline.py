"""The three functions without a service: motion is made here, and drawn by processes of this machine meanwhile.

The video is cut and encoded as a job's is, so that both ways lead to the same file.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vasari.cli.sources import Sources, read_source
from vasari.config import Settings
from vasari.values import Appearance, Clip, Controls, Framing, InputError, Motion, Reason
from vasari.values.parts import Part, combined

T = TypeVar("T")


MakeWindows = Callable[[NDArray[np.float32] | None], Iterator[Motion]]
"""From a face's proportions, or None for an average face's, to the motion of it, window by window."""


class Show(Protocol):
    """Called with a stage, and its frames done and in all (0: not known)."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


class Costs:
    """Seconds spent in each stage."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - began

    def each(self, stage: str, items: Iterator[T]) -> Iterator[T]:
        """The same items; the time it takes to get them counts."""
        while True:
            with self.of(stage):
                item = next(items, None)
            if item is None:
                return
            yield item


_SOFT: Final = 1.6
"""How much a face may be enlarged before it is said."""


def make_video(
    portrait: Path,
    speech: Path | None,
    output: Path,
    controls: Controls,
    settings: Settings,
    device: str,
    show: Show,
    sources: Sources | None = None,
    background: Path | None = None,
    track: int | None = None,
) -> tuple[Clip, dict[str, float]]:
    """Make a talking-face video; memory does not grow with its length.

    Args:
        speech: what is said; beside `sources.motion` it is only heard, and may be None.
        background: a picture to stand behind the person, with Framing.FACE; the controls' color otherwise.
        sources: files that parts of the motion come from. One that ends before the video holds its last frame.
        track: which sound track of the speech, from 1; see `vasari.media.sound.decode_sound`.
        device: auto, cpu or cuda.
        show: told how far each stage is.

    Returns:
        The facts of the video, and the seconds that each stage took: what rendering and encoding took while motion was
        being made counts as motion.

    Raises:
        InputError: the portrait, the speech or a source cannot be used, or there is neither speech nor motion.
    """
    costs, sources = Costs(), sources or Sources()
    show("load", 0, 0)
    with costs.of("load"):
        from vasari.cli.segments import prepare_processes, write_segments
        from vasari.cli.show import note

        prepare_processes()
        from vasari.device import use_device
        from vasari.face import encode
        from vasari.media.audio_track import encode_speech
        from vasari.media.portrait import read_portrait
        from vasari.media.portrait_header import called
        from vasari.media.video import join
        from vasari.render import RenderOptions, native, plain

        torch_device = use_device(device)
    show("load", 1, 1)
    if torch_device == "cpu" and native.library() is None:
        note("frames take twice as long without the renderer's kernels: install g++, then Vasari once more")

    # Both are read before anything is made of either: what is refused is refused at once.
    show("face", 0, 0)
    with costs.of("face"):
        photo = read_portrait(portrait, settings.max_portrait_pixels)
        behind = plain(controls.background) if controls.background else None
        if background:
            with called("background picture"):
                behind = read_portrait(background, settings.max_portrait_pixels)
    with costs.of("motion"):
        total, make_windows = _foundation(speech, track, sources.motion, controls, settings, torch_device, show)
    with costs.of("face"):
        appearance = encode(photo, controls.face_index)
        options = RenderOptions(controls.size, controls.framing, photo, behind)
    show("face", 1, 1)
    if (enlarged := _enlarged(appearance, controls)) > _SOFT:
        note(
            f"the video shows the face {enlarged:.1f} times as large as the photo has it, so it looks soft: "
            f"--size {round(controls.size / enlarged / 2) * 2} is as sharp as the photo"
        )

    with TemporaryDirectory(prefix="vasari-") as folder:
        sound = Path(folder, "speech.m4a") if speech else None

        def windows() -> Iterator[Motion]:
            """Made when the first process that draws has begun, and gets ready."""
            if speech and sound:
                show("sound", 0, 0)
                with costs.of("sound"):
                    remark = encode_speech(speech, sound, total / controls.fps, track=track)
                show("sound", 1, 1)
                if sources.motion:  # else it was said when the speech was read
                    note(remark)
            with costs.of("motion"):
                parts = _parts(sources, total, controls, settings, appearance.identity, torch_device, show)
            made = combined(make_windows(appearance.identity), parts)
            yield from _shown(costs.each("motion", made), total, show)

        began, before = time.perf_counter(), costs.seconds["motion"]
        segments = write_segments(
            windows(),
            Path(folder),
            appearance,
            options,
            controls.fps,
            torch_device,
            lambda done: show("render", done, total),
        )
        others = costs.seconds["motion"] - before + costs.seconds["sound"]
        costs.seconds["render"] = time.perf_counter() - began - others
        show("join", 0, 0)
        with costs.of("join"):
            clip = join(segments, sound, output)
        show("join", 1, 1)
    return clip, dict(costs.seconds)


def _enlarged(appearance: Appearance, controls: Controls) -> float:
    """Pixels of the video for one of the photo."""
    whole = max(appearance.upright.size) if controls.framing is Framing.PORTRAIT else appearance.crop[2]
    return controls.size / whole


def make_motion(
    portrait: Path | None,
    speech: Path | None,
    output: Path,
    controls: Controls,
    settings: Settings,
    device: str,
    show: Show,
    sources: Sources | None = None,
    track: int | None = None,
) -> float:
    """Make the motion alone, as a CSV of Live Link Face; memory does not grow with its length.

    Args:
        portrait: whose proportions set how far speech opens the mouth; an average face's without one.

    Returns:
        Seconds of motion.

    Raises:
        InputError: as `make_video`.
    """
    sources = sources or Sources()
    show("load", 0, 0)
    from vasari.device import use_device
    from vasari.face import encode
    from vasari.media.files import replacing
    from vasari.media.portrait import read_portrait
    from vasari.values.livelink import write_csv

    torch_device = use_device(device)
    show("load", 1, 1)
    total, make_windows = _foundation(speech, track, sources.motion, controls, settings, torch_device, show)
    identity = None
    if portrait:
        show("face", 0, 0)
        identity = encode(read_portrait(portrait, settings.max_portrait_pixels), controls.face_index).identity
        show("face", 1, 1)
    parts = _parts(sources, total, controls, settings, identity, torch_device, show)
    with replacing(output) as target, target.open("w") as text:
        write_csv(text, _shown(combined(make_windows(identity), parts), total, show))
    return total / controls.fps


def _shown(windows: Iterator[Motion], frames: int, show: Show) -> Iterator[Motion]:
    """The same windows; how many of all the frames are made is told."""
    made = 0
    for window in windows:
        made += len(window)
        show("motion", made, frames)
        yield window


def _parts(
    sources: Sources,
    frames: int,
    controls: Controls,
    settings: Settings,
    identity: NDArray[np.float32] | None,
    device: str,
    show: Show,
) -> dict[Part, Motion]:
    """What the sources of parts hold, each lasting so many frames."""
    read = {}
    for path in dict.fromkeys(sources.parts.values()):  # one video may be followed for several parts
        followed = partial(show, path.name, total=0)
        show(path.name, 0, 0)
        found = read_source(path, controls, settings, identity, device, followed)
        show(path.name, len(found), len(found))
        read[path] = found.lasting(frames)
    return {part: read[path] for part, path in sources.parts.items()}


def _foundation(
    speech: Path | None,
    track: int | None,
    motion: Path | None,
    controls: Controls,
    settings: Settings,
    device: str,
    show: Show,
) -> tuple[int, MakeWindows]:
    """What the parts without a source of their own come from: how many frames, and how they are made.

    Speech is listened to from here on, by other threads, so that a face can be found meanwhile.

    Raises:
        InputError: neither speech nor a motion file, or one that cannot be used.
    """
    from vasari.cli.show import note
    from vasari.device import core_threads
    from vasari.media.motion_file import read_motion
    from vasari.media.speech import read_speech
    from vasari.motion import frame_count, generate_windows, listen, play_windows

    window = round(settings.segment_seconds * controls.fps)
    if motion:
        played = read_motion(motion, controls.fps, settings.max_speech_seconds)
        return len(played), lambda _identity: play_windows(played, controls, window)
    if speech is None:
        raise InputError(
            Reason.INVALID_REQUEST, "there is nothing to say: give SPEECH, a motion file with --motion, or both"
        )
    said = read_speech(speech, settings.max_speech_seconds, track=track)
    note(said.remark)
    samples = said.samples
    frames = frame_count(len(samples), controls.fps)
    show("motion", 0, 0)
    features = core_threads().submit(listen, samples, device)
    return frames, lambda identity: generate_windows(features.result(), controls, identity, window, device)
