"""Figures, their aims, and what is the worst of them. Takes 1 s."""

from __future__ import annotations

import math

import pytest

from vasari.evaluation.figures import Figure, Quantity, at_least, at_most, gathered, within


def test_a_mean_keeps_an_aim_that_one_value_misses() -> None:
    values = {"a": 1.0, "b": 3.0}
    assert Figure(Quantity("error", "deg", at_most(2)), values).kept
    assert not Figure(Quantity("error", "deg", at_most(2, each=True)), values).kept


@pytest.mark.parametrize(("aim", "worst"), [(at_least(0.95), "low"), (at_most(0.23), "high")])
def test_the_worst_lies_on_the_aims_far_side(aim: object, worst: str) -> None:
    assert Figure(Quantity("x", "", aim), {"low": 0.1, "high": 1.0}).worst == worst  # type: ignore[arg-type]


def test_a_band_is_kept_between_its_bounds_and_missed_beyond_either() -> None:
    aim = within(1.0, 2.0)
    assert str(aim) == "1 to 2"
    assert [aim.kept(value) for value in (0.9, 1.0, 2.0, 2.1)] == [False, True, True, False]
    assert Figure(Quantity("x", "", aim), {"low": 0.5, "high": 2.2}).worst == "low"


def test_what_could_not_be_measured_counts_for_nothing() -> None:
    figure = Figure(Quantity("identity", "", at_most(0.23)), {"a": math.nan, "b": 0.2})
    assert (figure.mean, figure.worst, figure.kept) == (0.2, "b", True)
    assert figure.to_json()["values"] == {"a": None, "b": 0.2}
    nothing = Figure(figure.quantity, {"a": math.nan})
    assert nothing.worst is nothing.kept is nothing.to_json()["mean"] is None


def test_figures_are_gathered_by_quantity_in_order() -> None:
    x, y = Quantity("x"), Quantity("y")
    figures = gathered({"a": [(x, 1.0), (y, 2.0)], "b": [(x, 3.0)]})
    assert [(f.quantity.name, dict(f.values)) for f in figures] == [("x", {"a": 1, "b": 3}), ("y", {"a": 2})]
