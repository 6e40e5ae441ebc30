"""The repository's Dockerfiles, as lists of instructions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
SERVICES: Final = sorted(path.parent for path in ROOT.glob("services/*/pyproject.toml"))


@dataclass(frozen=True)
class Dockerfile:
    path: Path

    @property
    def stages(self) -> list[list[tuple[str, str]]]:
        """Each stage's instructions after FROM with what follows them, continued lines joined."""
        text = re.sub(r"^#.*\n", "", self.path.read_text(), flags=re.MULTILINE).replace("\\\n", "")
        stages: list[list[tuple[str, str]]] = []
        for line in filter(None, text.splitlines()):
            instruction, _, rest = line.partition(" ")
            if instruction == "FROM":
                stages.append([])
            else:
                stages[-1].append((instruction, rest))
        return stages

    def all(self, instruction: str) -> list[str]:
        """What follows an instruction, each time that it occurs."""
        return [rest for stage in self.stages for name, rest in stage if name == instruction]

    @property
    def entrypoint(self) -> list[str]:
        return [str(part) for part in json.loads(self.all("ENTRYPOINT")[-1])]

    @property
    def healthcheck(self) -> list[str]:
        return [str(part) for part in json.loads(self.all("HEALTHCHECK")[-1].partition("CMD ")[2])]

    @property
    def sources(self) -> list[str]:
        """What is copied out of the build context."""
        return [source for copy in self.all("COPY") if not copy.startswith("--from") for source in copy.split()[:-1]]

    @property
    def environment(self) -> dict[str, str]:
        return dict(re.findall(r"(\w+)=(\S+)", " ".join(self.all("ENV"))))


def dockerfile(service: str) -> Dockerfile:
    return Dockerfile(ROOT / "services" / service / "Dockerfile")


def runnable(module: str) -> bool:
    """Whether `python -m module` would find something to run."""
    spec = find_spec(module)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = find_spec(f"{module}.__main__")
    return spec is not None
