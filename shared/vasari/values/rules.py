"""The rules that stand in the protos (protovalidate), checked alike by gateway, client and command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import protovalidate
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message

from vasari.values.errors import InputError, Reason


@dataclass(frozen=True)
class Violation:
    """One field that breaks its rule."""

    field: str
    """Path from the request, `controls.emotions[0].weight`; empty for the request as a whole."""
    description: str
    """The rule, with its range, and the value found."""

    def __str__(self) -> str:
        return f"{self.field} {self.description}".strip()


class InvalidRequest(InputError):
    """A request of which some fields cannot be used, with a violation for each.

    Args:
        message: one sentence; the violations in a row if not given.
    """

    def __init__(
        self, violations: Iterable[Violation], reason: Reason = Reason.INVALID_REQUEST, message: str | None = None
    ) -> None:
        self.violations = tuple(violations)
        super().__init__(reason, message or "; ".join(map(str, self.violations)))


def check(message: Message) -> None:
    """Raises InvalidRequest with every violation of the message's rules."""
    violations = protovalidate.collect_violations(message)
    if violations:
        raise InvalidRequest(_describe(message, violation) for violation in violations)


def _describe(message: Message, violation: protovalidate.Violation) -> Violation:
    elements = violation.proto.field.elements if violation.proto.field else []
    names = [element.field_name for element in elements]
    path = ".".join(
        element.field_name + (f"[{element.subscript.value}]" if element.subscript else "") for element in elements
    )
    rule = violation.proto.message
    enum = _enum_at(message, names)
    if enum:
        rule = f"must be one of {', '.join(value.name for value in enum.values if value.number)}"
    rule = rule.replace("must be greater than or equal to ", "must be at least ")
    rule = re.sub(r"at least (\S+) and less than or equal to (\S+)", r"from \1 to \2", rule)
    # A float32 limit such as 0.7 comes with all the digits of its double.
    rule = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):g}", rule)
    found = violation.field_value
    if isinstance(found, int | float) and not isinstance(found, bool):
        rule = f"{rule}, is {found:g}" if isinstance(found, float) else f"{rule}, is {found}"
    return Violation(path, rule)


def _enum_at(message: Message, names: Sequence[str]) -> EnumDescriptor | None:
    """The enum that the field at the end of a path takes its values from, if it is one."""
    parent: Any = message.DESCRIPTOR
    enum: EnumDescriptor | None = None
    for name in names:
        field = parent.fields_by_name.get(name)
        if field is None:  # a oneof stands in paths like a field
            return None
        parent, enum = field.message_type, field.enum_type
    return enum
