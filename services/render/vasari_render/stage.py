"""The stage: one window of Motion in, one segment of video out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from vasari.config import Settings
from vasari.jobs.schema import Json
from vasari.jobs.states import AssetRole
from vasari.store import Store, names
from vasari.values import Controls, Framing, SpoiltAppearance
from vasari.values.appearance import photo_digest
from vasari.values.encoding import VideoEncoding
from vasari.values.wire import controls_from_json
from vasari.worker import StageContext, Work, read_appearance, read_motion

if TYPE_CHECKING:
    from vasari.render import Renderer


def load(settings: Settings) -> Work:
    """Import and load the renderer."""
    from vasari.device import use_device
    from vasari.media.confined import Decoders
    from vasari.media.portrait_header import called
    from vasari.media.video import SegmentWriter
    from vasari.render import Renderer, RenderOptions, plain

    device = use_device(settings.device)
    store = Store(settings)
    decoders = Decoders(settings.decode_seconds, settings.decode_memory_bytes)

    # A worker mostly gets segments of one job after another: two prepared faces are enough.
    @lru_cache(maxsize=2)
    def prepare(
        appearance_object: str,
        portrait_object: str,
        size: int,
        framing: Framing,
        color: str | None,
        picture_object: str | None,
    ) -> Renderer:
        appearance = read_appearance(store, appearance_object)
        photo = decoders.read_portrait(store.get(portrait_object), settings.max_portrait_pixels)
        if photo_digest(photo) != appearance.photo_sha256:
            raise SpoiltAppearance("the encoded face is another photo's")
        behind = plain(color) if color else None
        if picture_object:
            with called("background picture"):
                behind = decoders.read_portrait(store.get(picture_object), settings.max_portrait_pixels)
        return Renderer(appearance, RenderOptions(size, framing, photo, behind), device, settings.render_threads)

    def render_segment(context: StageContext) -> Json:
        lease = context.lease
        controls: Controls = controls_from_json(lease.controls)
        assert lease.appearance_object is not None
        context.check()
        renderer = prepare(
            lease.appearance_object,
            lease.assets[AssetRole.PORTRAIT],
            controls.size,
            controls.framing,
            controls.background,
            lease.assets.get(AssetRole.BACKGROUND_PICTURE),
        )
        context.check()
        motion = read_motion(context.store, lease.input["motion"])
        sound = lease.input["audio"]
        audio = context.store.get_file(sound, context.scratch / "speech.m4a") if sound else None
        target = context.scratch / "segment.mp4"
        context.check()
        encoding = VideoEncoding(**lease.engine["video"])
        start = lease.first_frame / controls.fps
        with SegmentWriter(target, controls.fps, audio=audio, start=start, encoding=encoding) as segment:
            for frames in renderer.pictures(motion):
                segment.write(frames)
                context.advance(len(frames))
        context.check()
        name = names.segment(lease.prefix, lease.index)
        context.store.put_file(name, target, content_type="video/mp4")
        return {"object": name}

    return render_segment
