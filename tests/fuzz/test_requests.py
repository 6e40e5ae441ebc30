"""Broken requests at the gateway: each is refused with a status that says so, and the gateway serves on."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from tests.conftest import Gateway

from vasari.proto.v1 import jobs_pb2
from vasari.proto.v1.controls_pb2 import Controls, EmotionWeight, Gaze

TRIES = int(os.environ.get("FUZZ", "15"))
"""Broken requests to each method."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))
METHODS = {method.name: method for method in jobs_pb2.DESCRIPTOR.services_by_name["JobService"].methods}
NAME = "jobs/00000000-0000-4000-8000-000000000000"
ASSET = jobs_pb2.Media(asset="assets/" + 64 * "a")


def sample(method: str) -> bytes:
    """A request that is valid, serialized."""
    kind = getattr(jobs_pb2, METHODS[method].input_type.name)
    match method:
        case "CreateJob":
            wishes = Controls(emotions=[EmotionWeight(emotion=1, weight=0.5)], gaze=Gaze(yaw=3), seed=9, fps=25)
            speech = jobs_pb2.Media(content=b"speech")
            request = kind(portrait=ASSET, speech=speech, controls=wishes, request_id="x", motion=ASSET, pose=ASSET)
        case "UploadAsset":
            request = kind(header=jobs_pb2.AssetHeader(sha256=64 * "a", size_bytes=5))
        case "ListJobs":
            request = kind(page_size=3, page_token="eyJ4Ijog", states=[1, 2])
        case _:
            request = kind(name=NAME)
    return bytes(request.SerializeToString())


def broken(data: bytes, chance: random.Random) -> bytes:
    """Some bytes set, cut out, put in or doubled; now and then nothing but chance."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.randint(0, 200))
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed) + 1)
        match chance.randrange(4):
            case 0:
                changed[at : at + 1] = chance.randbytes(1)
            case 1:
                del changed[at : at + chance.randint(1, 8)]
            case 2:
                changed[at:at] = chance.randbytes(chance.randint(1, 8))
            case 3:
                changed[at:at] = changed[:at]
    return bytes(changed)


EXPECTED = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.OK}


def answered(call: Callable[[], Any], kind: str) -> tuple[grpc.StatusCode, str]:
    """Status and words of a call."""
    try:
        answer = call()
        _ = list(answer) if kind == "stream" else answer
    except grpc.RpcError as error:
        return error.code(), error.details()
    return grpc.StatusCode.OK, ""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.timeout(36_000)
@pytest.mark.usefixtures("address")
def test_broken_requests(method: str, gateway: Gateway) -> None:
    chance, outcomes = random.Random(f"{SEED} {method}"), Counter[str]()
    with grpc.insecure_channel(gateway.address) as channel:
        path = f"/vasari.v1.JobService/{method}"
        kind = "stream" if METHODS[method].client_streaming else "unary"
        answer = "stream" if METHODS[method].server_streaming else "unary"
        send = getattr(channel, f"{kind}_{answer}")(path)
        for _ in range(3 * TRIES):
            data = broken(sample(method), chance)
            code, words = answered(lambda: send(iter([data]) if kind == "stream" else data, timeout=10), answer)  # noqa: B023
            assert code in EXPECTED, (words, data)
            outcomes[code.name] += 1
    print(f"\n{method}, seed {SEED}: {outcomes.total()} requests, {dict(outcomes.most_common())}")
    assert gateway.process.poll() is None
    assert "Traceback" not in gateway.log.read_text()
