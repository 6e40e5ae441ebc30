"""The stage: speech in, windows of Motion out, each rendered while the next is made."""

from __future__ import annotations

from vasari.config import Settings
from vasari.jobs.schema import Json
from vasari.jobs.states import AssetRole
from vasari.jobs.work import add_segment, set_length
from vasari.store import names
from vasari.values.wire import controls_from_json
from vasari.worker import StageContext, Work, read_appearance


def load(settings: Settings) -> Work:
    """Import and load the models."""
    from vasari.device import use_device
    from vasari.media.confined import Decoders
    from vasari.motion import animate_windows, frame_count, prepare

    device = use_device(settings.device)
    prepare(device)

    decoders = Decoders(settings.decode_seconds, settings.decode_memory_bytes)

    def make_motion(context: StageContext) -> Json:
        lease, store = context.lease, context.store
        controls = controls_from_json(lease.controls)
        source = store.get_file(lease.assets[AssetRole.SPEECH], context.scratch / "speech")
        speech = decoders.read_speech(source, settings.max_speech_seconds, context.check)
        frames = frame_count(len(speech.samples), controls.fps)
        context.report(set_length, frames)

        # The sound is encoded once, here; segments and the finished video carry copies of its packets.
        track = context.scratch / "speech.m4a"
        decoders.encode_speech(source, track, frames / controls.fps, context.check)
        audio = names.audio(lease.prefix)
        store.put_file(audio, track)
        context.check()

        assert lease.appearance_object is not None
        identity = read_appearance(store, lease.appearance_object).identity
        window = lease.engine["segment_frames"]  # an earlier attempt may have added segments of this length
        first = 0
        for index, motion in enumerate(animate_windows(speech.samples, controls, identity, window, device)):
            name = names.motion(lease.prefix, index)
            store.put(name, motion.to_bytes())
            context.report(add_segment, index, first, len(motion), {"motion": name, "audio": audio})
            first += len(motion)
            context.advance(len(motion))
        return {"audio": audio, "frames": frames}

    return make_motion
