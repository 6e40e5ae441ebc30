"""Alert rules, their runbook and the dashboard speak of metrics that there are. Takes 3 s, and once a download."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from tests.deploy.dockerfiles import ROOT
from tests.docs.pages import page, rows

MONITORING: Final = ROOT / "deploy" / "monitoring"
RULES: Final[list[dict[str, Any]]] = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD: Final[dict[str, Any]] = json.loads((MONITORING / "grafana" / "vasari.json").read_text())
QUERIES: Final = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.fixture(scope="session")
def promtool() -> str:
    """Prometheus's own checker."""
    if found := shutil.which("promtool"):
        return found
    got = subprocess.run(["make", "promtool"], cwd=ROOT, capture_output=True, text=True)
    if got.returncode != 0:
        pytest.skip(f"RULES NOT CHECKED BY PROMTOOL: it is not there, and `make promtool` failed: {got.stderr[-300:]}")
    return str(ROOT / ".venv" / "bin" / "promtool")


def check(promtool: str, *arguments: str | Path) -> None:
    done = subprocess.run([promtool, *arguments], cwd=MONITORING, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_rules_and_the_settings(promtool: str) -> None:
    check(promtool, "check", "rules", "alerts.yaml")
    check(promtool, "check", "config", "prometheus.yaml")


def test_each_alert_fires_on_what_it_is_for_and_is_quiet_else(promtool: str) -> None:
    check(promtool, "test", "rules", "alerts.test.yaml")
    quiet, wrong = yaml.safe_load((MONITORING / "alerts.test.yaml").read_text())["tests"]
    assert {test["alertname"] for test in quiet["alert_rule_test"]} == {rule["alert"] for rule in RULES}
    assert wrong["promql_expr_test"][0]["exp_samples"][0]["value"] == len(RULES)


def test_the_dashboards_queries_are_queries(promtool: str, tmp_path: Path) -> None:
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(QUERIES)]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    check(promtool, "check", "rules", file)


@pytest.mark.parametrize("query", [rule["expr"] for rule in RULES] + QUERIES)
def test_every_metric_exists_with_the_labels_that_are_asked_of_it(query: str) -> None:
    documented = rows(page("reference/metrics.md").text)
    for name, selector in re.findall(r"\b(vasari_\w+)(?:\{(.*?)\})?", query):
        base = re.sub(r"_(bucket|count|sum)$", "", name)
        assert base in documented, name
        kind, labels = documented[base][:2]
        assert (kind == "histogram") == (base != name)
        known = {*re.findall(r"\w+", labels), "process", "instance", "job", "le"}
        assert set(re.findall(r"(\w+)\s*[=!]", selector or "")) <= known, name
    asked = {label for group in re.findall(r"by \(([^)]*)\)", query) for label in re.findall(r"\w+", group)}
    named = {label for row in documented.values() if len(row) == 3 for label in re.findall(r"`(\w+)`", row[1])}
    assert asked <= named | {"process", "le"}


def test_every_alert_says_in_the_runbook_what_to_do() -> None:
    sections = re.split(r"^## ", page("runbook.md").text, flags=re.MULTILINE)[1:]
    written = {section.partition("\n")[0]: section.partition("\n")[2].strip() for section in sections}
    assert list(written) == [rule["alert"] for rule in RULES]
    assert all(len(words) > 100 for words in written.values())
    for rule in RULES:
        assert rule["annotations"]["summary"]
        assert rule["labels"]["severity"] in ("warning", "critical")


def test_every_metric_is_shown_or_watched() -> None:
    shown = " ".join([*QUERIES, *(rule["expr"] for rule in RULES)])
    names = {
        name for name, row in rows(page("reference/metrics.md").text).items() if len(row) == 3 and "vasari" in name
    }
    assert {name for name in names if name not in shown} == set()
