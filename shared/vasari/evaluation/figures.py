"""Figures and what is aimed at: the rows of the table that an evaluation ends with."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Show = Callable[[str, int, int], None]
"""Called with what is done, and how much of it and in all."""


@dataclass(frozen=True)
class Aim:
    """The bounds that a figure should keep."""

    low: float = -math.inf
    high: float = math.inf
    each: bool = False
    """Whether every single value should keep them; else their mean."""

    def kept(self, value: float) -> bool:
        return self.low <= value <= self.high

    def beyond(self, value: float) -> float:
        """How far a value lies beyond the nearer bound; negative inside."""
        return max(self.low - value, value - self.high)

    def __str__(self) -> str:
        if math.isinf(self.high):
            bounds = f"≥ {self.low:g}"
        elif math.isinf(self.low):
            bounds = f"≤ {self.high:g}"
        else:
            bounds = f"{self.low:.3g} to {self.high:.3g}"
        return f"{bounds}{' each' if self.each else ''}"


def at_least(bound: float, *, each: bool = False) -> Aim:
    return Aim(low=bound, each=each)


def at_most(bound: float, *, each: bool = False) -> Aim:
    return Aim(high=bound, each=each)


def within(low: float, high: float) -> Aim:
    return Aim(low, high)


@dataclass(frozen=True)
class Quantity:
    """What can be measured on a portrait or a clip."""

    name: str
    unit: str = ""
    aim: Aim | None = None


Measured = tuple[Quantity, float]
"""A quantity and its value; NaN where it cannot be measured."""


def gathered(measured: Mapping[str, Iterable[Measured]]) -> list[Figure]:
    """What was measured on each portrait or clip, by quantity, in the order in which quantities first appear."""
    values: dict[Quantity, dict[str, float]] = {}
    for of, found in measured.items():
        for quantity, value in found:
            values.setdefault(quantity, {})[of] = value
    return [Figure(quantity, by) for quantity, by in values.items()]


@dataclass(frozen=True)
class Figure:
    """One quantity, measured on several portraits or clips."""

    quantity: Quantity
    values: Mapping[str, float]
    """By portrait or clip."""

    @property
    def aim(self) -> Aim | None:
        return self.quantity.aim

    @property
    def measured(self) -> dict[str, float]:
        return {name: value for name, value in self.values.items() if not math.isnan(value)}

    @property
    def mean(self) -> float:
        measured = self.measured
        return sum(measured.values()) / len(measured) if measured else math.nan

    @property
    def worst(self) -> str | None:
        """Whose value is the worst, measured by the aim; None without one."""
        measured = self.measured
        if not measured or self.aim is None:
            return None
        aim = self.aim
        return max(measured, key=lambda name: aim.beyond(measured[name]))

    @property
    def kept(self) -> bool | None:
        """Whether the aim is kept; None without one, or without values."""
        if self.aim is None or not self.measured:
            return None
        worst = self.worst
        return self.aim.kept(self.measured[worst] if self.aim.each and worst else self.mean)

    def to_json(self) -> dict[str, Any]:
        """What `--json` prints; a value that could not be measured is null."""
        return {
            "unit": self.quantity.unit,
            "mean": None if math.isnan(self.mean) else self.mean,
            "worst": self.worst,
            "aim": str(self.aim) if self.aim else None,
            "kept": self.kept,
            "values": {name: None if math.isnan(value) else value for name, value in self.values.items()},
        }
