"""What the pages name exists: commands, options, targets, settings, files, headings. Takes 2 s."""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import fields
from importlib import import_module

import pytest
from pydantic import SecretStr
from tests.docs.pages import DOCS, PAGES, ROOT, Page
from typer.main import get_command

from vasari.cli.app import app
from vasari.cli.server import Server
from vasari.config import Settings

CLI = get_command(app)
SETTINGS = {
    *(f"VASARI_{name.upper()}" for name in Settings.model_fields),
    *(f"VASARI_{name.upper()}_FILE" for name, field in Settings.model_fields.items() if field.annotation is SecretStr),
    *(f"VASARI_{field.name.upper()}" for field in fields(Server)),
    "VASARI_DEBUG",
    "VASARI_",
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def arguments(line: str) -> list[str]:
    """What follows `vasari` in a line of shell, or nothing."""
    words = shlex.split(line, comments=True)
    for place, word in enumerate(words):
        if "=" not in word:
            return words[place + 1 :] if word.rpartition("/")[2] == "vasari" else []
    return []


def test_there_are_pages() -> None:
    assert len(PAGES) > 10
    assert sum(len(page.commands) for page in PAGES) > 20


@every_page
def test_commands_and_their_options_exist(page: Page) -> None:
    quoted = re.findall(r"^    (vasari .*)$", page.text, re.MULTILINE) if "[OPTIONS]" not in page.text else []
    for line in [*page.commands, *quoted]:
        if words := arguments(line):
            command = CLI.commands[words.pop(0)]  # type: ignore[attr-defined]
            while hasattr(command, "commands"):
                command = command.commands[words.pop(0)]
            context = command.context_class(command, info_name=command.name)
            # Raises for an option that is not there, or without its value.
            _, rest, _ = command.make_parser(context).parse_args(words)
            assert not rest, line


@every_page
def test_commands_in_the_text_exist(page: Page) -> None:
    for name in re.findall(r"`vasari ([a-z]+)", page.text):
        assert name in CLI.commands, name  # type: ignore[attr-defined]


@every_page
def test_targets_of_make_exist(page: Page) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = [line.split()[1] for line in page.commands if line.startswith("make ")]
    assert {*named, *re.findall(r"`make ([a-z-]+)`", page.text)} <= set(targets)


@every_page
def test_settings_exist(page: Page) -> None:
    assert set(re.findall(r"VASARI_[A-Z0-9_]+", page.text)) <= SETTINGS


@every_page
def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links:
        if not re.match(r"https?:", link):
            path, _, anchor = link.partition("#")
            target = (page.path.parent / path).resolve() if path else page.path
            assert target.exists(), link
            assert not anchor or anchor in Page(target).anchors, link


@every_page
def test_python_can_be_run_as_far_as_its_imports(page: Page) -> None:
    for block in page.blocks("python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = import_module(node.module)
                assert all(hasattr(module, alias.name) for alias in node.names), ast.unparse(node)


@every_page
def test_code_that_is_named_exists(page: Page) -> None:
    """Paths within the repository, and dotted names of our packages."""
    for path in re.findall(r"`((?:shared|services|tests|deploy|protos|requirements|samples)/[\w./-]+)`", page.text):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`(vasari(?:\.\w+)+)", page.text):
        module, _, attribute = name.rpartition(".")
        if name.startswith("vasari.v1"):
            continue  # the proto's package
        parent = import_module(module)
        assert hasattr(parent, attribute) or import_module(name), name


def test_every_page_can_be_reached() -> None:
    seen, todo = set(), [DOCS / "README.md", ROOT / "README.md"]
    while todo:
        path = todo.pop()
        if path not in seen and path.suffix == ".md" and path.exists():
            seen.add(path)
            links = [link.partition("#")[0] for link in Page(path).links]
            todo += [(path.parent / link).resolve() for link in links if link and "://" not in link]
    assert set(DOCS.rglob("*.md")) <= seen


@every_page
def test_no_page_knows_the_machine_it_was_written_on(page: Page) -> None:
    assert not re.search(r"/(?:work|home|root)/", page.text)
