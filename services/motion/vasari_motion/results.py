"""What becomes of the windows of Motion: each is rendered while the next is made, or they are the job's result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from vasari.jobs.schema import Json
from vasari.jobs.work import add_segment
from vasari.store import names
from vasari.values import Motion
from vasari.values.livelink import write_csv
from vasari.worker import StageContext

if TYPE_CHECKING:
    from vasari.media.confined import Decoders


def hand_to_render(
    context: StageContext, windows: Iterator[Motion], seconds: float, sound: Path | None, decoders: Decoders
) -> Json:
    """Put each window into the store and add the segment that shows it.

    The sound is encoded once, here, while the first window is made; segments and the finished video carry copies of
    its packets.

    Args:
        seconds: of all windows together.
        sound: what is heard; None for a video without sound.
    """
    lease, store = context.lease, context.store
    audio = names.audio(lease.prefix) if sound else None

    def encode(sound: Path, name: str) -> None:
        track = context.scratch / "speech.m4a"
        decoders.encode_speech(sound, track, seconds, context.check)
        store.put_file(name, track)

    with ThreadPoolExecutor(1, "sound") as beside:
        encoded = beside.submit(encode, sound, audio) if sound and audio else None
        first = 0
        for index, motion in enumerate(windows):
            name = names.motion(lease.prefix, index)
            store.put(name, motion.to_bytes())
            if encoded:
                encoded.result()  # a segment is added when all that it names is there
            context.report(add_segment, index, first, len(motion), {"motion": name, "audio": audio})
            first += len(motion)
            context.advance(len(motion))
    return {"audio": audio, "frames": first}


def write_file(context: StageContext, windows: Iterator[Motion], fps: int) -> Json:
    """Write all windows into one file, as Live Link Face's CSV. Returns the job's result: a Clip without a picture."""

    def counted() -> Iterator[Motion]:
        for motion in windows:
            yield motion
            context.advance(len(motion))

    path, name = context.scratch / "motion.csv", names.motion_file(context.lease.prefix)
    with path.open("w") as text:
        write_csv(text, counted())
    context.store.put_file(name, path, content_type="text/csv")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    facts = {"width": 0, "height": 0, "fps": fps, "frames": context.frames_done}
    return {"object": name, "size": path.stat().st_size, "sha256": digest, **facts}
