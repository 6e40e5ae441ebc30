"""The stage: photo in, Appearance out."""

from __future__ import annotations

from vasari.config import Settings
from vasari.jobs.schema import Json
from vasari.jobs.states import AssetRole
from vasari.jobs.work import cached_appearance
from vasari.store import names
from vasari.values.wire import controls_from_json
from vasari.worker import StageContext, Work


def load(settings: Settings) -> Work:
    """Import and load the models."""
    from vasari.device import use_device
    from vasari.face import encode, preload
    from vasari.media.confined import Decoders

    use_device("cpu")
    preload()
    decoders = Decoders(settings.decode_seconds, settings.decode_memory_bytes)

    def encode_face(context: StageContext) -> Json:
        lease, store = context.lease, context.store
        with context.transaction() as session:
            cached = cached_appearance(session, lease)
        if cached is not None:
            return {"object": cached, "cached": True}
        portrait = store.get(lease.assets[AssetRole.PORTRAIT])
        photo = decoders.read_portrait(portrait, settings.max_portrait_pixels, context.check)
        context.check()
        appearance = encode(photo, controls_from_json(lease.controls).face_index)
        context.check()
        name = names.appearance(lease.prefix)
        store.put(name, appearance.to_bytes())
        return {"object": name}

    return encode_face
