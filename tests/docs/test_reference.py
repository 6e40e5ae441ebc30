"""The reference pages are whole: every RPC, message, field, reason, option, setting and requirement. Takes 2 s."""

from __future__ import annotations

import re
from importlib import metadata
from typing import Any

import pytest
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from pydantic import SecretStr
from pydantic_core import PydanticUndefined
from tests.docs.pages import ROOT, all_commands, page, rows
from typer.main import get_command

from vasari.cli.app import app
from vasari.client import failure_of
from vasari.config import Settings
from vasari.jobs.states import JobState, StageState
from vasari.media.decoding import FORMATS
from vasari.proto.buf.validate import validate_pb2
from vasari.proto.v1 import controls_pb2, jobs_pb2
from vasari.values import InputError, Reason

API = page("reference/api.md")
CLI = page("reference/cli.md")
INPUTS = page("reference/inputs.md")
FILES = (controls_pb2.DESCRIPTOR, jobs_pb2.DESCRIPTOR)
MESSAGES = [message for file in FILES for message in file.message_types_by_name.values()]
ENUMS = [enum for file in FILES for enum in file.enum_types_by_name.values()]
COMMANDS: dict[str, Any] = all_commands(get_command(app))


def test_every_rpc() -> None:
    (service,) = jobs_pb2.DESCRIPTOR.services_by_name.values()
    documented = API.rows("## JobService")
    for method in service.methods:
        request, answer, words = documented[method.name]
        assert request.removeprefix("stream of ") == method.input_type.name
        assert answer.removeprefix("stream of ").rpartition(".")[2] == method.output_type.name
        assert request.startswith("stream") == method.client_streaming
        assert answer.startswith("stream") == method.server_streaming
        assert words
    assert set(documented) == {"RPC", *(method.name for method in service.methods)}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_every_field_of_every_message(message: Any) -> None:
    documented = API.rows(f"### {message.name}")
    assert set(documented) - {"field"} == {field.name for field in message.fields}
    for field in message.fields:
        kind, words = documented[field.name]
        named = field.message_type or field.enum_type
        assert kind.rpartition(" ")[2] == (named.name if named else SCALARS[field.type])
        assert kind.startswith("repeated ") == field.is_repeated
        assert words


SCALARS = {
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_FLOAT: "float",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_every_range_of_a_number(message: Any) -> None:
    documented = API.rows(f"### {message.name}")
    for field in message.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        for numbers in (rules.float, rules.int32):
            for bound in ("gte", "lte"):
                if numbers.HasField(bound):
                    limit = f"{getattr(numbers, bound):g}"
                    assert re.search(rf"(?<![\d.]){re.escape(limit)}(?![\d])", documented[field.name][1]), field.name


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.name)
def test_every_value_of_every_enum(enum: EnumDescriptor) -> None:
    documented = API.rows(f"### {enum.name}")
    assert set(documented) - {"value"} == {value.name for value in enum.values}
    assert all(words[0] for words in documented.values())


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_with_the_exit_code_of_a_job_that_failed_with_it(reason: Reason) -> None:
    _, exit_code = API.rows("### Reason")[f"REASON_{reason}"]
    failure = failure_of(
        jobs_pb2.Job(state="JOB_STATE_FAILED", failure=jobs_pb2.Failure(reason=f"REASON_{reason}", message="m"))
    )
    # Those that no job fails with are errors of their own class when a call is refused with them.
    if reason not in (Reason.NOT_FOUND, Reason.NOT_READY, Reason.UNAUTHENTICATED):
        assert (exit_code == "2") == isinstance(failure, InputError)
    assert exit_code in ("1", "2", "3")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_with_its_options_and_defaults(name: str) -> None:
    assert f"[`vasari {name}`](#vasari-{name.replace(' ', '-')})" in CLI.text
    _, _, section = CLI.text.partition(f"\n## vasari {name}\n")
    section = section.split("\n## ")[0]
    if "(#controls)" in section:
        section += CLI.text.partition("\n## Controls\n")[2]
    if "(#server)" in section:
        section += CLI.text.partition("\n## Server\n")[2].split("\n## ")[0]
    documented = {option: row for cell, row in rows(section).items() for option in re.findall(r"-[\w-]+", cell)}
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "argument":
            assert parameter.name.upper() in section
        elif parameter.name != "help":
            for option in (*parameter.opts, *parameter.secondary_opts):
                assert option in documented, option
            shown = parameter.show_default if isinstance(parameter.show_default, str) else parameter.default
            if parameter.secondary_opts:
                shown = parameter.opts[0]
            elif shown is False:
                shown = "off"
            assert documented[parameter.opts[0]][0] == f"`{shown if shown not in (None, '') else 'none'}`"
    own = {option for parameter in COMMANDS[name].params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert set(documented) <= own


def test_every_exit_code_that_the_help_names() -> None:
    words = " ".join((get_command(app).help or "").split())
    codes = re.findall(r"(\d+) ", words.partition("Exit codes:")[2].partition("VASARI_DEBUG")[0])
    documented = rows(CLI.text)
    assert len(codes) >= 5
    assert all(code in documented for code in codes)


def test_every_state() -> None:
    text = page("explanation/jobs-and-leases.md").text
    diagram = set(re.findall(r"\b[A-Z]+\b", page("explanation/jobs-and-leases.md").blocks("mermaid")[0]))
    assert {state.value for state in StageState} <= diagram
    assert all(state in text for state in JobState)


def test_every_setting_with_its_default() -> None:
    documented = {name: row for name, row in rows(page("reference/configuration.md").text).items() if len(row) == 2}
    assert {name for name in documented if name.startswith("VASARI_")} == {
        f"VASARI_{name.upper()}" for name in Settings.model_fields
    }
    for name, field in Settings.model_fields.items():
        assert field.default is not PydanticUndefined
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        shown = "none" if default is None else "empty" if default == "" else f"`{default}`"
        assert documented[f"VASARI_{name.upper()}"][0] == shown, name


def test_every_direct_requirement_with_its_licence() -> None:
    files = [ROOT / "requirements" / name for name in ("direct.in", "torch.txt", "models.txt")]
    lines = [line.partition("#")[0].strip() for file in files for line in file.read_text().splitlines()]
    names = {match[0] for line in lines if (match := re.match(r"[\w.-]+", line))}
    documented = {
        name: row for name, row in rows(page("dependencies.md").text).items() if name not in ("package", "---")
    }
    assert set(documented) == names
    assert all(words and licence for words, licence in documented.values())


@pytest.mark.parametrize("distribution", list(metadata.distributions()), ids=lambda found: found.metadata["Name"])
def test_no_requirement_forbids_commercial_use(distribution: metadata.Distribution) -> None:
    fields = distribution.metadata
    words = " ".join([fields["License-Expression"] or "", *(fields.get_all("Classifier") or [])]).lower()
    assert not re.search(r"non-?commercial|cc-by-nc|\bnc\b|free for non|research only", words)


def test_every_container_of_speech_and_every_reason_to_refuse_it() -> None:
    (containers,) = (line for line in INPUTS.text.splitlines() if line.startswith("| containers | `wav`"))
    assert set(re.findall(r"`(\w+)`", containers)) == set(FORMATS.split(","))
    named = set(re.findall(r"REASON_(\w+)", INPUTS.text))
    assert named <= set(Reason)
    assert {reason for reason in Reason if reason.startswith("SPEECH")} <= named
