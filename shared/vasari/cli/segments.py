"""Segments of video, drawn and encoded by a process for each core.

A frame is hundreds of small operations, and each takes Python's lock: threads of one process wait for one another,
processes do not. What a process is given is what a render worker takes from the queue: a window of Motion.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vasari.values import Fault, Motion, Reason

if TYPE_CHECKING:
    from vasari.render import Renderer, RenderOptions
    from vasari.values import Appearance

_SHOWN_SECONDS: Final = 0.1
_AHEAD: Final = 2
"""Windows that wait for each process: motion is not made much faster than it is drawn."""


def prepare_processes() -> None:
    """Begin, without waiting, to load what every process needs: they are forked from one that has loaded it."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["vasari.cli.preload"])
    forkserver.ensure_running()


def write_segments(
    windows: Iterator[Motion],
    folder: Path,
    appearance: Appearance,
    options: RenderOptions,
    fps: int,
    device: str,
    show: Callable[[int], None],
) -> list[Path]:
    """Draw windows while the next ones are made, each into a file of its own.

    Args:
        windows: motion in order; taken as it is needed.
        folder: for the files.
        device: cpu, with a process for each core, or cuda, with one.
        show: told how many frames are done.

    Returns:
        The segments in order, as `vasari.media.video.SegmentWriter` writes them.

    Raises:
        Fault: INTERNAL, a process was ended from outside.
    """
    from vasari.device import CORES

    context = multiprocessing.get_context("forkserver")
    count = CORES if device == "cpu" else 1
    done, stop = context.Value("q", 0), context.Event()
    segments: list[Path] = []
    waiting: deque[Future[None]] = deque()

    def finish_first() -> None:
        first = waiting.popleft()
        while not wait([first], _SHOWN_SECONDS).done:
            show(done.value)
        first.result()

    with ProcessPoolExecutor(count, context, _begin, (appearance, options, fps, device, done, stop)) as processes:
        try:
            processes.submit(os.getpid)  # the first process begins while the first window is being made
            for window in windows:
                segments.append(folder / f"{len(segments):05d}.mp4")
                waiting.append(processes.submit(_write, window, segments[-1]))
                while len(waiting) > count * (1 + _AHEAD):
                    finish_first()
                show(done.value)
            while waiting:
                finish_first()
            show(done.value)
        except BrokenProcessPool:
            raise Fault(
                Reason.INTERNAL,
                "a process that draws frames was ended from outside, most often for want of memory: free some, or ask "
                "for smaller frames",
            ) from None
        finally:
            stop.set()
            processes.shutdown(cancel_futures=True)
    return segments


_renderer: Renderer
_fps: int
_done: Any
"""A shared count of frames."""
_stop: Any
"""A shared event: nobody wants the segments any more."""


def _begin(appearance: Appearance, options: RenderOptions, fps: int, device: str, done: Any, stop: Any) -> None:
    """What a process does first. It ends with the one that wants the segments, however that ends."""
    global _renderer, _fps, _done, _stop
    from vasari.device import use_device
    from vasari.render import Renderer

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which then ends the others
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _renderer = Renderer(appearance, options, use_device(device), threads=1)
    _fps, _done, _stop = fps, done, stop


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _write(motion: Motion, target: Path) -> None:
    from vasari.media.video import SegmentWriter

    with SegmentWriter(target, _fps) as segment:
        for frames in _renderer.pictures(motion):
            if _stop.is_set():
                return
            segment.write(frames)
            with _done.get_lock():
                _done.value += len(frames)
