"""What is locked can be installed, and what a service declares is enough to run it. Takes 6 s."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from tests.deploy.dockerfiles import ROOT, SERVICES

NAMES = [service.name for service in SERVICES]


def project(folder: Path) -> dict[str, Any]:
    return dict(tomllib.loads((folder / "pyproject.toml").read_text())["project"])


def requirements(name: str, extra: str) -> list[Requirement]:
    """What a distribution requires always (`extra` empty), or for one of its extras."""
    if name == "vasari":
        ours = project(ROOT / "shared")
        return [Requirement(line) for line in (ours["optional-dependencies"][extra] if extra else ours["dependencies"])]
    lines = [Requirement(line) for line in metadata.requires(name) or ()]
    if extra:
        return [line for line in lines if line.marker and line.marker.evaluate({"extra": extra})]
    return [line for line in lines if line.marker is None or line.marker.evaluate({"extra": ""})]


@cache
def closure(service: str) -> frozenset[str]:
    """Names of the distributions that an installation of a service consists of, `vasari` itself included."""
    todo = [Requirement(line) for line in project(ROOT / "services" / service)["dependencies"]]
    seen: set[tuple[str, str]] = set()
    while todo:
        wanted = todo.pop()
        for extra in ("", *wanted.extras):
            key = (canonicalize_name(wanted.name), extra)
            if key not in seen:
                seen.add(key)
                todo += requirements(*key)
    return frozenset(name for name, _ in seen)


def install(service: str, folder: Path) -> list[Path]:
    """Lay out, in links, exactly what the service requires. Returns the path to import from."""
    for name in closure(service) - {"vasari"}:
        for file in metadata.files(name) or ():
            source, target = Path(str(file.locate())), folder / file
            if ".." in file.parts or not source.exists():
                continue  # scripts, and bytecode
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                target.symlink_to(source)
    return [ROOT / "services" / service, ROOT / "shared", folder]


@pytest.mark.parametrize("service", ["gateway", "dispatcher"])
def test_with_only_what_it_declares_it_imports_and_there_is_no_torch(service: str, tmp_path: Path) -> None:
    modules = ["vasari.jobs.migrate", "vasari.store"]
    modules += ["vasari.cli.app", "vasari.cli.keys"] if service == "dispatcher" else []  # keys are made there
    modules += [
        f"vasari_{service}.{path.stem}"
        for path in (ROOT / "services" / service / f"vasari_{service}").glob("*.py")
        if not path.stem.startswith("__")
    ]
    code = f"""
import importlib, sys
sys.path += {[str(path) for path in install(service, tmp_path)]}
for name in {modules}:
    importlib.import_module(name)
try:
    import torch
except ModuleNotFoundError:
    sys.exit()
sys.exit("torch is there")
"""
    # Without `site` there is nothing but the standard library and the links.
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("service", NAMES)
def test_everything_that_it_imports_is_declared(service: str) -> None:
    graph, package = graph_of_imports(), f"vasari_{service}"
    own = {package} | graph.find_descendants(package)
    reached = {module for part in own for module in graph.find_upstream_modules(part)}
    external = {module.split(".")[0] for module in reached if graph.is_module_squashed(module)}
    external -= sys.stdlib_module_names
    assert external
    providers = metadata.packages_distributions()
    undeclared = {
        module
        for module in external
        if not {canonicalize_name(name) for name in providers.get(module, ())} & closure(service)
    }
    assert not undeclared


@cache
def graph_of_imports() -> grimp.ImportGraph:
    packages = [f"vasari_{name}" for name in NAMES]
    return grimp.build_graph("vasari", *packages, include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("service", ["gateway", "dispatcher"])
def test_it_declares_no_torch(service: str) -> None:
    assert "torch" not in closure(service)


@pytest.mark.parametrize("service", sorted(set(NAMES) - {"gateway", "dispatcher"}))
def test_workers_declare_torch(service: str) -> None:
    assert "torch" in closure(service)


@pytest.mark.parametrize(
    "pin",
    [line.strip() for line in (ROOT / "requirements" / "lock.txt").read_text().splitlines() if line[:1].isalnum()],
)
def test_what_is_locked_is_installed_and_meant_for_this_python(pin: str) -> None:
    wanted = Requirement(pin)
    found = metadata.metadata(wanted.name)
    assert found["Version"] in wanted.specifier
    # The resolver of `make lock` looks past upper limits; pip, which installs the lock, does not.
    assert "3.11" in SpecifierSet(found["Requires-Python"] or "")
