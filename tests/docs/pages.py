"""The pages of the documentation, and what can be checked of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"


@dataclass(frozen=True)
class Page:
    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    def blocks(self, language: str) -> list[str]:
        """Contents of the fenced blocks of a language."""
        return re.findall(rf"^```{language}\n(.*?)^```", self.text, re.MULTILINE | re.DOTALL)

    @property
    def commands(self) -> list[str]:
        """Lines of shell blocks, with continued ones joined."""
        return [line for block in self.blocks("sh") for line in block.replace("\\\n", " ").splitlines() if line]

    @property
    def links(self) -> list[str]:
        return re.findall(r"\]\(([^)\s]+)\)", self.text)

    @property
    def anchors(self) -> set[str]:
        """What a link may point to within the page: headings, as GitHub names them."""
        headings = re.findall(r"^#+ (.+)$", self.text, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

    def rows(self, heading: str) -> dict[str, list[str]]:
        """The table below a heading: its rows by the first cell."""
        _, _, rest = self.text.partition(f"\n{'#' * heading.count('#')}{heading.lstrip('#')}\n")
        assert rest, f"{self.name} has no heading {heading!r}"
        section = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
        return rows(section)


def rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables in a text, by their first cell without code marks."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return {row[0].replace("`", ""): row[1:] for row in cells}


def all_commands(group: Any, prefix: str = "") -> dict[str, Any]:
    """Every command below a group by its full name, such as "keys create"."""
    found = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= all_commands(command, f"{prefix}{name} ")
        else:
            found[prefix + name] = command
    return found


PAGES: Final = [
    Page(path) for path in [*sorted(DOCS.rglob("*.md")), *ROOT.glob("README.md"), *ROOT.glob("samples/README.md")]
]


def page(name: str) -> Page:
    return Page(DOCS / name)
