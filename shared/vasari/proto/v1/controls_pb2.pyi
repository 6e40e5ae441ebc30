from vasari.proto.buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Emotion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMOTION_UNSPECIFIED: _ClassVar[Emotion]
    EMOTION_HAPPY: _ClassVar[Emotion]
    EMOTION_SAD: _ClassVar[Emotion]
    EMOTION_ANGRY: _ClassVar[Emotion]
    EMOTION_SURPRISED: _ClassVar[Emotion]
    EMOTION_AFRAID: _ClassVar[Emotion]
    EMOTION_DISGUSTED: _ClassVar[Emotion]
    EMOTION_CONTEMPT: _ClassVar[Emotion]

class Framing(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FRAMING_UNSPECIFIED: _ClassVar[Framing]
    FRAMING_FACE: _ClassVar[Framing]
    FRAMING_PORTRAIT: _ClassVar[Framing]
EMOTION_UNSPECIFIED: Emotion
EMOTION_HAPPY: Emotion
EMOTION_SAD: Emotion
EMOTION_ANGRY: Emotion
EMOTION_SURPRISED: Emotion
EMOTION_AFRAID: Emotion
EMOTION_DISGUSTED: Emotion
EMOTION_CONTEMPT: Emotion
FRAMING_UNSPECIFIED: Framing
FRAMING_FACE: Framing
FRAMING_PORTRAIT: Framing

class EmotionWeight(_message.Message):
    __slots__ = ("emotion", "weight")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    emotion: Emotion
    weight: float
    def __init__(self, emotion: _Optional[_Union[Emotion, str]] = ..., weight: _Optional[float] = ...) -> None: ...

class EmotionKeyframe(_message.Message):
    __slots__ = ("second", "emotions")
    SECOND_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    second: float
    emotions: _containers.RepeatedCompositeFieldContainer[EmotionWeight]
    def __init__(self, second: _Optional[float] = ..., emotions: _Optional[_Iterable[_Union[EmotionWeight, _Mapping]]] = ...) -> None: ...

class Gaze(_message.Message):
    __slots__ = ("yaw", "pitch")
    YAW_FIELD_NUMBER: _ClassVar[int]
    PITCH_FIELD_NUMBER: _ClassVar[int]
    yaw: float
    pitch: float
    def __init__(self, yaw: _Optional[float] = ..., pitch: _Optional[float] = ...) -> None: ...

class CameraKeyframe(_message.Message):
    __slots__ = ("second", "yaw", "pitch", "distance")
    SECOND_FIELD_NUMBER: _ClassVar[int]
    YAW_FIELD_NUMBER: _ClassVar[int]
    PITCH_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    second: float
    yaw: float
    pitch: float
    distance: float
    def __init__(self, second: _Optional[float] = ..., yaw: _Optional[float] = ..., pitch: _Optional[float] = ..., distance: _Optional[float] = ...) -> None: ...

class Controls(_message.Message):
    __slots__ = ("emotions", "gaze", "head_motion", "head_distance", "blink_rate", "mouth_amplitude", "seed", "fps", "size", "framing", "face_index", "background", "camera", "brow_amplitude", "look_away", "emotion_keyframes", "expressiveness")
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    GAZE_FIELD_NUMBER: _ClassVar[int]
    HEAD_MOTION_FIELD_NUMBER: _ClassVar[int]
    HEAD_DISTANCE_FIELD_NUMBER: _ClassVar[int]
    BLINK_RATE_FIELD_NUMBER: _ClassVar[int]
    MOUTH_AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    FPS_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    FRAMING_FIELD_NUMBER: _ClassVar[int]
    FACE_INDEX_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_FIELD_NUMBER: _ClassVar[int]
    CAMERA_FIELD_NUMBER: _ClassVar[int]
    BROW_AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    LOOK_AWAY_FIELD_NUMBER: _ClassVar[int]
    EMOTION_KEYFRAMES_FIELD_NUMBER: _ClassVar[int]
    EXPRESSIVENESS_FIELD_NUMBER: _ClassVar[int]
    emotions: _containers.RepeatedCompositeFieldContainer[EmotionWeight]
    gaze: Gaze
    head_motion: float
    head_distance: float
    blink_rate: float
    mouth_amplitude: float
    seed: int
    fps: int
    size: int
    framing: Framing
    face_index: int
    background: str
    camera: _containers.RepeatedCompositeFieldContainer[CameraKeyframe]
    brow_amplitude: float
    look_away: float
    emotion_keyframes: _containers.RepeatedCompositeFieldContainer[EmotionKeyframe]
    expressiveness: float
    def __init__(self, emotions: _Optional[_Iterable[_Union[EmotionWeight, _Mapping]]] = ..., gaze: _Optional[_Union[Gaze, _Mapping]] = ..., head_motion: _Optional[float] = ..., head_distance: _Optional[float] = ..., blink_rate: _Optional[float] = ..., mouth_amplitude: _Optional[float] = ..., seed: _Optional[int] = ..., fps: _Optional[int] = ..., size: _Optional[int] = ..., framing: _Optional[_Union[Framing, str]] = ..., face_index: _Optional[int] = ..., background: _Optional[str] = ..., camera: _Optional[_Iterable[_Union[CameraKeyframe, _Mapping]]] = ..., brow_amplitude: _Optional[float] = ..., look_away: _Optional[float] = ..., emotion_keyframes: _Optional[_Iterable[_Union[EmotionKeyframe, _Mapping]]] = ..., expressiveness: _Optional[float] = ...) -> None: ...
