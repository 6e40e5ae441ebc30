"""What a process tells on its page."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families


def read(address: str, path: str) -> tuple[int, str]:
    """Status and text of a page; (0, "") when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def metrics(address: str) -> dict[str, Any]:
    """The families that a process exports, by name."""
    status, text = read(address, "/metrics")
    assert status == 200
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(address: str, sample: str, **labels: str) -> float:
    """Sum of the samples of a name whose labels include some."""
    return sum(
        found.value
        for family in metrics(address).values()
        for found in family.samples
        if found.name == sample and labels.items() <= found.labels.items()
    )


def wait_until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
