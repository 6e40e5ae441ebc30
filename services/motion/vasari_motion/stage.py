"""The stage: speech and motion files in, Motion out, window by window."""

from __future__ import annotations

from vasari.config import Settings
from vasari.jobs.schema import Json
from vasari.jobs.states import AssetRole, ResultKind
from vasari.jobs.work import set_length
from vasari.values import Motion
from vasari.values.parts import Part, combined
from vasari.values.wire import controls_from_json
from vasari.worker import StageContext, Work, read_appearance
from vasari_motion.results import hand_to_render, write_file


def load(settings: Settings) -> Work:
    """Import and load the models."""
    from vasari.device import use_device
    from vasari.media.confined import Decoders
    from vasari.motion import animate_windows, frame_count, play_windows, prepare

    device = use_device(settings.device)
    prepare(device)
    decoders = Decoders(settings.decode_seconds, settings.decode_memory_bytes)

    def make_motion(context: StageContext) -> Json:
        lease, store = context.lease, context.store
        controls = controls_from_json(lease.controls)
        sources = [role for role in lease.assets if not role.is_picture]
        files = {role: store.get_file(lease.assets[role], context.scratch / role) for role in sources}
        window = lease.engine["segment_frames"]  # an earlier attempt may have added segments of this length

        def read(role: AssetRole) -> Motion:
            return decoders.read_motion(files[role], controls.fps, settings.max_speech_seconds, context.check)

        if AssetRole.MOTION in files:
            played = read(AssetRole.MOTION)
            frames, windows = len(played), play_windows(played, controls, window)
        else:
            speech = decoders.read_speech(files[AssetRole.SPEECH], settings.max_speech_seconds, context.check)
            face = lease.appearance_object
            identity = read_appearance(store, face).identity if face else None
            frames = frame_count(len(speech.samples), controls.fps)
            windows = animate_windows(speech.samples, controls, identity, window, device)
        parts = {part: read(AssetRole(part)).lasting(frames) for part in Part if AssetRole(part) in files}
        windows = combined(windows, parts)

        context.report(set_length, frames)
        if lease.result_kind is ResultKind.MOTION:
            return write_file(context, windows, controls.fps)
        return hand_to_render(context, windows, frames / controls.fps, files.get(AssetRole.SPEECH), decoders)

    return make_motion
