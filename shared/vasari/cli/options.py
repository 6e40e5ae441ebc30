"""Groups of options that several commands share, each defined once as a dataclass."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def takes(**groups: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a command take groups of options: each named parameter is made from the fields of a dataclass."""
    options = {name: inspect.signature(group, eval_str=True).parameters for name, group in groups.items()}

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters

        def expanded(**given: Any) -> None:
            made = {
                name: group(**{field: given.pop(field) for field in options[name]}) for name, group in groups.items()
            }
            command(**given, **made)

        shared = [parameter for fields in options.values() for parameter in fields.values()]
        parameters = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in (*own.values(), *shared)
            if parameter.name not in groups
        ]
        expanded.__name__, expanded.__doc__ = command.__name__, command.__doc__
        expanded.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        expanded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return expanded

    return decorate
