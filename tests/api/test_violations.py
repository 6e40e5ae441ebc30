"""A request that breaks a rule is refused with a violation that names the field and its range."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from vasari.proto.v1 import jobs_pb2 as pb
from vasari.proto.v1.controls_pb2 import CameraKeyframe, Controls, EmotionKeyframe, EmotionWeight, Gaze
from vasari.proto.v1.jobs_pb2_grpc import JobServiceStub

ASSET = pb.Media(asset="assets/" + 64 * "a")
JOB_CALLS = ("GetJob", "CancelJob", "DeleteJob", "WatchJob", "DownloadResult")


def violations(call: Callable[[], Any]) -> dict[str, str]:
    """Descriptions by field of a call that is refused with INVALID_ARGUMENT."""
    with pytest.raises(grpc.RpcError) as refused:
        call()
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    info, bad_request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    details = rpc_status.from_call(refused.value).details
    assert [details[0].Unpack(info), details[1].Unpack(bad_request)] == [True, True]
    assert (info.reason, info.domain) == ("INVALID_REQUEST", "vasari")
    return {violation.field: violation.description for violation in bad_request.field_violations}


@pytest.mark.parametrize(
    ("controls", "field", "description"),
    [
        (Controls(fps=9), "fps", "must be from 10 to 60, is 9"),
        (Controls(fps=61), "fps", "must be from 10 to 60, is 61"),
        (Controls(size=126), "size", "must be from 128 to 3840, is 126"),
        (Controls(size=3842), "size", "must be from 128 to 3840, is 3842"),
        (Controls(size=513), "size", "must be even, is 513"),
        (Controls(gaze=Gaze(yaw=-31)), "gaze.yaw", "must be from -30 to 30, is -31"),
        (Controls(gaze=Gaze(pitch=20.5)), "gaze.pitch", "must be from -20 to 20, is 20.5"),
        (Controls(head_motion=2.5), "head_motion", "must be from 0 to 2, is 2.5"),
        (Controls(head_motion=float("nan")), "head_motion", "must be from 0 to 2, is nan"),
        (Controls(head_distance=0.5), "head_distance", "must be from 0.7 to 1.5, is 0.5"),
        (Controls(blink_rate=-1), "blink_rate", "must be from 0 to 60, is -1"),
        (Controls(mouth_amplitude=3), "mouth_amplitude", "must be from 0 to 2, is 3"),
        (Controls(brow_amplitude=-1), "brow_amplitude", "must be from 0 to 2, is -1"),
        (Controls(expressiveness=2.1), "expressiveness", "must be from 0 to 2, is 2.1"),
        (Controls(look_away=1.5), "look_away", "must be from 0 to 1, is 1.5"),
        (
            Controls(emotion_keyframes=[EmotionKeyframe(second=-1)]),
            "emotion_keyframes[0].second",
            "must be from 0 to 3600, is -1",
        ),
        (Controls(seed=-1), "seed", "must be at least 0, is -1"),
        (Controls(face_index=64), "face_index", "must be from 0 to 63, is 64"),
        (Controls(framing=9), "framing", "must be one of FRAMING_FACE, FRAMING_PORTRAIT, is 9"),
        (
            Controls(emotions=[EmotionWeight(emotion=1, weight=1.5)]),
            "emotions[0].weight",
            "must be from 0 to 1, is 1.5",
        ),
        (
            Controls(emotions=[EmotionWeight(emotion=1), EmotionWeight(emotion=8)]),
            "emotions[1].emotion",
            "must be one of EMOTION_HAPPY, EMOTION_SAD, EMOTION_ANGRY, EMOTION_SURPRISED, EMOTION_AFRAID, "
            "EMOTION_DISGUSTED, EMOTION_CONTEMPT, is 8",
        ),
    ],
    ids=str,
)
def test_each_control_has_its_range(stub: JobServiceStub, controls: Controls, field: str, description: str) -> None:
    request = pb.CreateJobRequest(portrait=ASSET, speech=ASSET, controls=controls)
    assert violations(lambda: stub.CreateJob(request)) == {f"controls.{field}": description}


def test_an_emotion_is_named_once(stub: JobServiceStub) -> None:
    twice = Controls(emotions=[EmotionWeight(emotion=1, weight=0.1), EmotionWeight(emotion=1, weight=0.2)])
    request = pb.CreateJobRequest(portrait=ASSET, speech=ASSET, controls=twice)
    assert violations(lambda: stub.CreateJob(request)) == {"controls": "each emotion may be named once"}


def test_all_violations_come_at_once(stub: JobServiceStub) -> None:
    request = pb.CreateJobRequest(
        portrait=pb.Media(),
        controls=Controls(fps=0, size=1),
        request_id=129 * "x",
        timeout=timedelta(days=2),
    )
    assert violations(lambda: stub.CreateJob(request)) == {
        "portrait.source": "exactly one field is required in oneof",
        "": "a job needs speech, a motion file, or both",
        "controls.fps": "must be from 10 to 60, is 0",
        "controls.size": "must be from 128 to 3840, is 1",
        "request_id": "must be at most 128 characters",
        "timeout": "must be from 1s to 86400s",
    }


MOTION = pb.RESULT_KIND_MOTION


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (pb.CreateJobRequest(portrait=ASSET), "a job needs speech, a motion file, or both"),
        (pb.CreateJobRequest(portrait=ASSET, mouth=ASSET, pose=ASSET, expression=ASSET), "a job needs speech"),
        (pb.CreateJobRequest(speech=ASSET), "a video needs a portrait; for the motion alone set result_kind"),
        (pb.CreateJobRequest(motion=ASSET), "a video needs a portrait"),
        (pb.CreateJobRequest(motion=ASSET, speech=ASSET, result_kind=MOTION), "neither portrait nor speech; leave"),
        (pb.CreateJobRequest(motion=ASSET, portrait=ASSET, result_kind=MOTION), "neither portrait nor speech; leave"),
        (
            pb.CreateJobRequest(speech=ASSET, controls=Controls(background="#204060"), result_kind=MOTION),
            "a motion has no picture; leave camera and background out",
        ),
        (
            pb.CreateJobRequest(speech=ASSET, controls=Controls(camera=[CameraKeyframe(yaw=1)]), result_kind=MOTION),
            "a motion has no picture",
        ),
        (
            pb.CreateJobRequest(speech=ASSET, background_picture=ASSET, result_kind=MOTION),
            "a motion has no picture; leave background_picture out",
        ),
        (
            pb.CreateJobRequest(
                portrait=ASSET, speech=ASSET, background_picture=ASSET, controls=Controls(framing="FRAMING_PORTRAIT")
            ),
            "a background picture needs framing face",
        ),
        (
            pb.CreateJobRequest(
                portrait=ASSET, speech=ASSET, background_picture=ASSET, controls=Controls(background="#204060")
            ),
            "a background is a color or a picture; leave one of them out",
        ),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_said(stub: JobServiceStub, request_: pb.CreateJobRequest, words: str) -> None:
    (found,) = violations(lambda: stub.CreateJob(request_)).items()
    assert found[0] == ""
    assert words in found[1]


def test_a_result_is_of_a_kind_that_there_is(stub: JobServiceStub) -> None:
    request = pb.CreateJobRequest(portrait=ASSET, speech=ASSET, result_kind=7)
    rule = "must be one of RESULT_KIND_VIDEO, RESULT_KIND_MOTION, is 7"
    assert violations(lambda: stub.CreateJob(request)) == {"result_kind": rule}


@pytest.mark.parametrize(
    ("media", "field"),
    [
        (pb.Media(content=b""), "portrait.content"),
        (pb.Media(content=bytes(16 * 2**20 + 1)), "portrait.content"),
        (pb.Media(asset="assets/xyz"), "portrait.asset"),
    ],
    ids=["empty", "too large", "misnamed"],
)
def test_media_have_their_limits(stub: JobServiceStub, media: pb.Media, field: str) -> None:
    assert set(violations(lambda: stub.CreateJob(pb.CreateJobRequest(portrait=media, speech=ASSET)))) == {field}


@pytest.mark.parametrize("name", ["", "jobs/7", "7c9b6c1e-0000-4000-8000-000000000000", "jobs/" + 36 * "-"])
@pytest.mark.parametrize("call", JOB_CALLS)
def test_a_job_is_named_by_its_uuid(stub: JobServiceStub, call: str, name: str) -> None:
    def ask() -> None:
        answer = getattr(stub, call)(getattr(pb, f"{call}Request")(name=name))
        list(answer)  # of a stream

    assert set(violations(ask)) == {"name"}


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListJobsRequest(page_size=201), "page_size"),
        (pb.ListJobsRequest(page_size=-1), "page_size"),
        (pb.ListJobsRequest(states=[1, 0]), "states[1]"),
        (pb.ListJobsRequest(states=[9]), "states[0]"),
        (pb.ListJobsRequest(page_token="made up"), "page_token"),
        (pb.ListJobsRequest(page_token="e30="), "page_token"),
        (pb.ListJobsRequest(page_token="WzEsMl0="), "page_token"),
        (pb.ListJobsRequest(page_token="\u00e9"), "page_token"),
    ],
    ids=str,
)
def test_a_page_is_asked_for_rightly(stub: JobServiceStub, request_: pb.ListJobsRequest, field: str) -> None:
    assert set(violations(lambda: stub.ListJobs(request_))) == {field}
