"""Controls on the wire (`vasari.v1.Controls`) and in a row (its canonical JSON), and back.

One schema for callers, gateway, database and workers: controls.proto.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from google.protobuf import json_format

from vasari.proto.v1 import controls_pb2
from vasari.values.controls import CameraKeyframe, Controls, Emotion, EmotionKeyframe, Framing, Gaze

_OPTIONAL = (
    *("head_motion", "head_distance", "blink_rate", "mouth_amplitude", "brow_amplitude", "look_away", "expressiveness"),
    *("fps", "size", "background", "face_index"),
)


def controls_to_proto(controls: Controls) -> controls_pb2.Controls:
    """The message with every field set, defaults too, so that it means the same under a later release's defaults.

    Fractions become float32, as the wire carries them.
    """
    return controls_pb2.Controls(
        emotions=_shares(controls.emotion),
        emotion_keyframes=[
            controls_pb2.EmotionKeyframe(second=k.second, emotions=_shares(k.emotion))
            for k in controls.emotion_keyframes
        ],
        gaze=controls_pb2.Gaze(yaw=controls.gaze.yaw, pitch=controls.gaze.pitch),
        head_motion=controls.head_motion,
        head_distance=controls.head_distance,
        blink_rate=controls.blink_rate,
        mouth_amplitude=controls.mouth_amplitude,
        brow_amplitude=controls.brow_amplitude,
        expressiveness=controls.expressiveness,
        look_away=controls.look_away,
        seed=controls.seed,
        fps=controls.fps,
        size=controls.size,
        framing=f"FRAMING_{controls.framing.name}",
        background=controls.background,
        face_index=controls.face_index,
        camera=[
            controls_pb2.CameraKeyframe(second=k.second, yaw=k.yaw, pitch=k.pitch, distance=k.distance)
            for k in controls.camera
        ],
    )


def controls_from_proto(message: controls_pb2.Controls) -> Controls:
    """The value of a message that keeps its rules (`vasari.values.rules.check`); fields not set take their defaults."""
    given: dict[str, Any] = {name: getattr(message, name) for name in _OPTIONAL if message.HasField(name)}
    if message.framing != controls_pb2.FRAMING_UNSPECIFIED:
        given["framing"] = Framing[controls_pb2.Framing.Name(message.framing).removeprefix("FRAMING_")]
    return Controls(
        emotion=_weights(message.emotions),
        emotion_keyframes=tuple(EmotionKeyframe(k.second, _weights(k.emotions)) for k in message.emotion_keyframes),
        gaze=Gaze(message.gaze.yaw, message.gaze.pitch),
        camera=tuple(
            CameraKeyframe(k.second, k.yaw, k.pitch, k.distance if k.HasField("distance") else 1.0)
            for k in message.camera
        ),
        seed=message.seed,
        **given,
    )


def _shares(emotion: Mapping[Emotion, float]) -> list[controls_pb2.EmotionWeight]:
    return [controls_pb2.EmotionWeight(emotion=f"EMOTION_{e.name}", weight=emotion[e]) for e in Emotion if e in emotion]


def _weights(shares: Iterable[controls_pb2.EmotionWeight]) -> Mapping[Emotion, float]:
    return MappingProxyType(
        {Emotion[controls_pb2.Emotion.Name(s.emotion).removeprefix("EMOTION_")]: s.weight for s in shares}
    )


def controls_to_json(controls: Controls) -> dict[str, Any]:
    """Protobuf's canonical JSON of `controls_to_proto`, under the proto's field names."""
    return json_format.MessageToDict(controls_to_proto(controls), preserving_proto_field_name=True)


def controls_from_json(fields: Mapping[str, Any]) -> Controls:
    """Read what `controls_to_json` wrote. Raises json_format.ParseError for anything else."""
    return controls_from_proto(json_format.ParseDict(dict(fields), controls_pb2.Controls()))
