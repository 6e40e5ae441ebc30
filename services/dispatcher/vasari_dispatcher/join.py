"""The join: a job's segments and sound become its finished video, without encoding anything again."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from vasari.jobs.schema import Json, Stage
from vasari.jobs.states import StageKind
from vasari.media.video import join
from vasari.store import names
from vasari.worker import StageContext


def join_segments(context: StageContext) -> Json:
    """The work of a JOIN stage. Returns the result: the object's name and the facts of the Clip."""
    lease, store = context.lease, context.store
    with context.transaction() as session:
        outputs = select(Stage.output).where(Stage.job_id == lease.job_id)
        segments = session.scalars(outputs.where(Stage.kind == StageKind.RENDER).order_by(Stage.index)).all()
        motion = session.scalars(outputs.where(Stage.kind == StageKind.MOTION)).one()
    assert motion is not None
    files = []
    for index, segment in enumerate(segments):
        assert segment is not None
        files.append(store.get_file(segment["object"], context.scratch / f"{index:05d}.mp4"))
        context.check()
    audio = store.get_file(motion["audio"], context.scratch / "speech.m4a") if motion["audio"] else None
    target = context.scratch / "video.mp4"
    clip = join(files, audio, target, context.check)
    context.check()
    name = names.video(lease.prefix)
    store.put_file(name, target, content_type="video/mp4")
    return {"object": name, **asdict(clip)}
