"""The protos themselves: linted, generated code up to date, and Controls the same on both sides."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vasari.proto.v1 import controls_pb2, jobs_pb2
from vasari.values import Controls, Emotion, Reason
from vasari.values.rules import check
from vasari.values.wire import controls_from_json, controls_from_proto, controls_to_json, controls_to_proto

ROOT = Path(__file__).parents[2]


def load_generate() -> ModuleType:
    spec = spec_from_file_location("generate", ROOT / "protos" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lint(protos: Path, scratch: Path) -> list[str]:
    """What buf finds in our protos. It is given a compiled image, as it has no copy of protovalidate's own file."""
    generate = load_generate()
    rules, image = scratch / "rules.binpb", scratch / "image.binpb"
    rules.write_bytes(generate.rules_descriptor())
    command = [*generate.compiler(rules, protos), "--include_imports", "--include_source_info"]
    subprocess.run([*command, f"--descriptor_set_out={image}", *generate.SOURCES], check=True)

    buf = Path(sys.executable).with_name("buf")
    lint = [buf, "lint", image, "--config", ROOT / "buf.yaml", "--error-format", "json"]
    result = subprocess.run(lint, capture_output=True, text=True)
    # The image holds Google's files too, which buf finds much fault with: no findings at all means that it did not run.
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    assert findings, result.stderr
    return [f"{each['path']}: {each['message']}" for each in findings if each["path"] in generate.SOURCES]


def test_the_protos_keep_the_rules_of_buf(tmp_path: Path) -> None:
    assert lint(ROOT / "protos", tmp_path) == []


def test_the_lint_can_fail(tmp_path: Path) -> None:
    for source in load_generate().SOURCES:
        copy = tmp_path / "protos" / source
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((ROOT / "protos" / source).read_text().replace("float blink_rate", "float BlinkRate"))
    (finding,) = lint(tmp_path / "protos", tmp_path)
    assert finding.startswith('vasari/v1/controls.proto: Field name "BlinkRate" should be lower_snake_case')


def test_the_generated_code_is_that_of_the_protos(tmp_path: Path) -> None:
    load_generate().main(tmp_path)
    committed = ROOT / "shared" / "vasari" / "proto"
    for fresh in tmp_path.rglob("*.py*"):
        assert fresh.read_text() == (committed / fresh.relative_to(tmp_path)).read_text(), fresh.name


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    """What a float32 field holds between two limits."""
    return st.floats(float(np.float32(low)), float(np.float32(high)), width=32)


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | values


emotions = st.dictionaries(st.sampled_from(range(1, 8)), floats(0, 1)).flatmap(
    lambda weights: st.permutations(
        [controls_pb2.EmotionWeight(emotion=emotion, weight=weight) for emotion, weight in weights.items()]
    )
)
keyframes = st.lists(
    st.builds(
        controls_pb2.EmotionKeyframe,
        second=floats(0, 3600),
        emotions=maybe(st.sampled_from(range(1, 8))).map(
            lambda emotion: [controls_pb2.EmotionWeight(emotion=emotion, weight=0.5)] if emotion else []
        ),
    ),
    max_size=4,
    unique_by=lambda keyframe: keyframe.second,
)


def keeps_the_rules_between_fields(controls: controls_pb2.Controls) -> bool:
    behind_a_photo = controls.HasField("background") and controls.framing == controls_pb2.FRAMING_PORTRAIT
    return not behind_a_photo and not (controls.emotions and controls.emotion_keyframes)


valid_controls = st.builds(
    controls_pb2.Controls,
    emotions=emotions,
    emotion_keyframes=keyframes,
    gaze=maybe(st.builds(controls_pb2.Gaze, yaw=floats(-30, 30), pitch=floats(-20, 20))),
    head_motion=maybe(floats(0, 2)),
    head_distance=maybe(floats(0.7, 1.5)),
    blink_rate=maybe(floats(0, 60)),
    mouth_amplitude=maybe(floats(0, 2)),
    brow_amplitude=maybe(floats(0, 2)),
    expressiveness=maybe(floats(0, 2)),
    look_away=maybe(floats(0, 1)),
    seed=st.integers(0, 2**63 - 1),
    fps=maybe(st.integers(10, 60)),
    size=maybe(st.integers(64, 512).map(lambda half: 2 * half)),
    framing=st.integers(0, 2),
    face_index=maybe(st.integers(0, 63)),
    background=maybe(st.from_regex(r"#[0-9A-Fa-f]{6}", fullmatch=True)),
    camera=st.lists(
        st.builds(
            controls_pb2.CameraKeyframe,
            second=floats(0, 3600),
            yaw=floats(-25, 25),
            pitch=floats(-15, 15),
            distance=floats(0.7, 1.5),
        ),
        max_size=4,
        unique_by=lambda keyframe: keyframe.second,
    ),
).filter(keeps_the_rules_between_fields)


@given(valid_controls)
def test_controls_are_the_same_on_both_sides(message: controls_pb2.Controls) -> None:
    check(message)
    value = controls_from_proto(message)
    back = controls_to_proto(value)
    check(back)

    # What was set comes back as it was, but for weights that sum to more than 1: those are scaled.
    weights = {share.emotion: share.weight for share in message.emotions}
    if (total := sum(weights.values())) > 1:
        weights = {emotion: pytest.approx(weight / total, rel=1e-6) for emotion, weight in weights.items()}
    assert {share.emotion: share.weight for share in back.emotions} == weights
    for field, setting in message.ListFields():
        if field.name != "emotions":
            assert getattr(back, field.name) == setting, field.name
    assert not back.HasField("face_index") or message.HasField("face_index")


@given(valid_controls)
def test_controls_survive_wire_and_row(message: controls_pb2.Controls) -> None:
    value = controls_from_proto(message)
    assert controls_from_proto(controls_to_proto(value)) == controls_from_json(controls_to_json(value))
    assert json.loads(json.dumps(controls_to_json(value))) == controls_to_json(value)


def test_what_is_not_set_is_the_default() -> None:
    assert controls_from_proto(controls_pb2.Controls()) == Controls()
    assert controls_from_proto(controls_to_proto(Controls())) == Controls()


def test_every_emotion_has_its_number() -> None:
    assert {f"EMOTION_{emotion.name}" for emotion in Emotion} == set(controls_pb2.Emotion.keys()[1:])


def test_every_reason_has_its_number() -> None:
    assert {f"REASON_{reason}" for reason in Reason} == set(jobs_pb2.Reason.keys()[1:])
