import datetime

from vasari.proto.buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from vasari.proto.v1 import controls_pb2 as _controls_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    JOB_STATE_UNSPECIFIED: _ClassVar[JobState]
    JOB_STATE_QUEUED: _ClassVar[JobState]
    JOB_STATE_RUNNING: _ClassVar[JobState]
    JOB_STATE_SUCCEEDED: _ClassVar[JobState]
    JOB_STATE_FAILED: _ClassVar[JobState]
    JOB_STATE_CANCELLED: _ClassVar[JobState]

class ResultKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESULT_KIND_UNSPECIFIED: _ClassVar[ResultKind]
    RESULT_KIND_VIDEO: _ClassVar[ResultKind]
    RESULT_KIND_MOTION: _ClassVar[ResultKind]

class StageKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_KIND_UNSPECIFIED: _ClassVar[StageKind]
    STAGE_KIND_FACE_ENCODE: _ClassVar[StageKind]
    STAGE_KIND_MOTION: _ClassVar[StageKind]
    STAGE_KIND_RENDER: _ClassVar[StageKind]
    STAGE_KIND_JOIN: _ClassVar[StageKind]

class StageState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_STATE_UNSPECIFIED: _ClassVar[StageState]
    STAGE_STATE_BLOCKED: _ClassVar[StageState]
    STAGE_STATE_READY: _ClassVar[StageState]
    STAGE_STATE_RUNNING: _ClassVar[StageState]
    STAGE_STATE_SUCCEEDED: _ClassVar[StageState]
    STAGE_STATE_FAILED: _ClassVar[StageState]
    STAGE_STATE_CANCELLED: _ClassVar[StageState]
    STAGE_STATE_SKIPPED: _ClassVar[StageState]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    REASON_NO_FACE: _ClassVar[Reason]
    REASON_SEVERAL_FACES: _ClassVar[Reason]
    REASON_FACE_TOO_SMALL: _ClassVar[Reason]
    REASON_FACE_TURNED_AWAY: _ClassVar[Reason]
    REASON_PORTRAIT_UNREADABLE: _ClassVar[Reason]
    REASON_PORTRAIT_TOO_LARGE: _ClassVar[Reason]
    REASON_SPEECH_UNREADABLE: _ClassVar[Reason]
    REASON_SPEECH_SILENT: _ClassVar[Reason]
    REASON_SPEECH_EMPTY: _ClassVar[Reason]
    REASON_SPEECH_TOO_LONG: _ClassVar[Reason]
    REASON_INVALID_REQUEST: _ClassVar[Reason]
    REASON_DEADLINE_EXCEEDED: _ClassVar[Reason]
    REASON_ATTEMPTS_EXHAUSTED: _ClassVar[Reason]
    REASON_QUEUE_FULL: _ClassVar[Reason]
    REASON_NOT_FOUND: _ClassVar[Reason]
    REASON_NOT_READY: _ClassVar[Reason]
    REASON_UNAVAILABLE: _ClassVar[Reason]
    REASON_INTERNAL: _ClassVar[Reason]
    REASON_RATE_LIMITED: _ClassVar[Reason]
    REASON_UNAUTHENTICATED: _ClassVar[Reason]
    REASON_MOTION_UNREADABLE: _ClassVar[Reason]
    REASON_MOTION_TOO_LONG: _ClassVar[Reason]
    REASON_FACE_CUT_OFF: _ClassVar[Reason]
    REASON_MOUTH_COVERED: _ClassVar[Reason]
JOB_STATE_UNSPECIFIED: JobState
JOB_STATE_QUEUED: JobState
JOB_STATE_RUNNING: JobState
JOB_STATE_SUCCEEDED: JobState
JOB_STATE_FAILED: JobState
JOB_STATE_CANCELLED: JobState
RESULT_KIND_UNSPECIFIED: ResultKind
RESULT_KIND_VIDEO: ResultKind
RESULT_KIND_MOTION: ResultKind
STAGE_KIND_UNSPECIFIED: StageKind
STAGE_KIND_FACE_ENCODE: StageKind
STAGE_KIND_MOTION: StageKind
STAGE_KIND_RENDER: StageKind
STAGE_KIND_JOIN: StageKind
STAGE_STATE_UNSPECIFIED: StageState
STAGE_STATE_BLOCKED: StageState
STAGE_STATE_READY: StageState
STAGE_STATE_RUNNING: StageState
STAGE_STATE_SUCCEEDED: StageState
STAGE_STATE_FAILED: StageState
STAGE_STATE_CANCELLED: StageState
STAGE_STATE_SKIPPED: StageState
REASON_UNSPECIFIED: Reason
REASON_NO_FACE: Reason
REASON_SEVERAL_FACES: Reason
REASON_FACE_TOO_SMALL: Reason
REASON_FACE_TURNED_AWAY: Reason
REASON_PORTRAIT_UNREADABLE: Reason
REASON_PORTRAIT_TOO_LARGE: Reason
REASON_SPEECH_UNREADABLE: Reason
REASON_SPEECH_SILENT: Reason
REASON_SPEECH_EMPTY: Reason
REASON_SPEECH_TOO_LONG: Reason
REASON_INVALID_REQUEST: Reason
REASON_DEADLINE_EXCEEDED: Reason
REASON_ATTEMPTS_EXHAUSTED: Reason
REASON_QUEUE_FULL: Reason
REASON_NOT_FOUND: Reason
REASON_NOT_READY: Reason
REASON_UNAVAILABLE: Reason
REASON_INTERNAL: Reason
REASON_RATE_LIMITED: Reason
REASON_UNAUTHENTICATED: Reason
REASON_MOTION_UNREADABLE: Reason
REASON_MOTION_TOO_LONG: Reason
REASON_FACE_CUT_OFF: Reason
REASON_MOUTH_COVERED: Reason

class Asset(_message.Message):
    __slots__ = ("name", "size_bytes", "sha256", "create_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    size_bytes: int
    sha256: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Media(_message.Message):
    __slots__ = ("content", "asset")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ASSET_FIELD_NUMBER: _ClassVar[int]
    content: bytes
    asset: str
    def __init__(self, content: _Optional[bytes] = ..., asset: _Optional[str] = ...) -> None: ...

class Job(_message.Message):
    __slots__ = ("name", "state", "stages", "progress", "controls", "portrait", "speech", "create_time", "start_time", "end_time", "deadline", "failure", "result", "segments", "request_id", "motion", "mouth", "pose", "expression", "result_kind", "background_picture")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STAGES_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CONTROLS_FIELD_NUMBER: _ClassVar[int]
    PORTRAIT_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    MOTION_FIELD_NUMBER: _ClassVar[int]
    MOUTH_FIELD_NUMBER: _ClassVar[int]
    POSE_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    RESULT_KIND_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_PICTURE_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: JobState
    stages: _containers.RepeatedCompositeFieldContainer[Stage]
    progress: float
    controls: _controls_pb2.Controls
    portrait: str
    speech: str
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    deadline: _timestamp_pb2.Timestamp
    failure: Failure
    result: Result
    segments: _containers.RepeatedCompositeFieldContainer[Segment]
    request_id: str
    motion: str
    mouth: str
    pose: str
    expression: str
    result_kind: ResultKind
    background_picture: str
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[JobState, str]] = ..., stages: _Optional[_Iterable[_Union[Stage, _Mapping]]] = ..., progress: _Optional[float] = ..., controls: _Optional[_Union[_controls_pb2.Controls, _Mapping]] = ..., portrait: _Optional[str] = ..., speech: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deadline: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failure: _Optional[_Union[Failure, _Mapping]] = ..., result: _Optional[_Union[Result, _Mapping]] = ..., segments: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., request_id: _Optional[str] = ..., motion: _Optional[str] = ..., mouth: _Optional[str] = ..., pose: _Optional[str] = ..., expression: _Optional[str] = ..., result_kind: _Optional[_Union[ResultKind, str]] = ..., background_picture: _Optional[str] = ...) -> None: ...

class Stage(_message.Message):
    __slots__ = ("kind", "state", "frames_done", "frames_total", "attempts", "start_time", "end_time")
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DONE_FIELD_NUMBER: _ClassVar[int]
    FRAMES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    kind: StageKind
    state: StageState
    frames_done: int
    frames_total: int
    attempts: int
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, kind: _Optional[_Union[StageKind, str]] = ..., state: _Optional[_Union[StageState, str]] = ..., frames_done: _Optional[int] = ..., frames_total: _Optional[int] = ..., attempts: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Failure(_message.Message):
    __slots__ = ("reason", "message")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    reason: Reason
    message: str
    def __init__(self, reason: _Optional[_Union[Reason, str]] = ..., message: _Optional[str] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("uri", "uri_expire_time", "size_bytes", "sha256", "width", "height", "fps", "frames")
    URI_FIELD_NUMBER: _ClassVar[int]
    URI_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    WIDTH_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_FIELD_NUMBER: _ClassVar[int]
    FPS_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    uri: str
    uri_expire_time: _timestamp_pb2.Timestamp
    size_bytes: int
    sha256: str
    width: int
    height: int
    fps: int
    frames: int
    def __init__(self, uri: _Optional[str] = ..., uri_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., size_bytes: _Optional[int] = ..., sha256: _Optional[str] = ..., width: _Optional[int] = ..., height: _Optional[int] = ..., fps: _Optional[int] = ..., frames: _Optional[int] = ...) -> None: ...

class Segment(_message.Message):
    __slots__ = ("index", "first_frame", "frames", "uri")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    FIRST_FRAME_FIELD_NUMBER: _ClassVar[int]
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    URI_FIELD_NUMBER: _ClassVar[int]
    index: int
    first_frame: int
    frames: int
    uri: str
    def __init__(self, index: _Optional[int] = ..., first_frame: _Optional[int] = ..., frames: _Optional[int] = ..., uri: _Optional[str] = ...) -> None: ...

class CreateJobRequest(_message.Message):
    __slots__ = ("portrait", "speech", "controls", "request_id", "timeout", "motion", "mouth", "pose", "expression", "result_kind", "background_picture")
    PORTRAIT_FIELD_NUMBER: _ClassVar[int]
    SPEECH_FIELD_NUMBER: _ClassVar[int]
    CONTROLS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MOTION_FIELD_NUMBER: _ClassVar[int]
    MOUTH_FIELD_NUMBER: _ClassVar[int]
    POSE_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    RESULT_KIND_FIELD_NUMBER: _ClassVar[int]
    BACKGROUND_PICTURE_FIELD_NUMBER: _ClassVar[int]
    portrait: Media
    speech: Media
    controls: _controls_pb2.Controls
    request_id: str
    timeout: _duration_pb2.Duration
    motion: Media
    mouth: Media
    pose: Media
    expression: Media
    result_kind: ResultKind
    background_picture: Media
    def __init__(self, portrait: _Optional[_Union[Media, _Mapping]] = ..., speech: _Optional[_Union[Media, _Mapping]] = ..., controls: _Optional[_Union[_controls_pb2.Controls, _Mapping]] = ..., request_id: _Optional[str] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., motion: _Optional[_Union[Media, _Mapping]] = ..., mouth: _Optional[_Union[Media, _Mapping]] = ..., pose: _Optional[_Union[Media, _Mapping]] = ..., expression: _Optional[_Union[Media, _Mapping]] = ..., result_kind: _Optional[_Union[ResultKind, str]] = ..., background_picture: _Optional[_Union[Media, _Mapping]] = ...) -> None: ...

class UploadAssetRequest(_message.Message):
    __slots__ = ("header", "chunk")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    header: AssetHeader
    chunk: bytes
    def __init__(self, header: _Optional[_Union[AssetHeader, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class AssetHeader(_message.Message):
    __slots__ = ("sha256", "size_bytes")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    sha256: str
    size_bytes: int
    def __init__(self, sha256: _Optional[str] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class GetJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "states")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[JobState]
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[JobState, str]]] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class WatchJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DownloadResultRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DownloadResultResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...
