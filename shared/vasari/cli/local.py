"""Commands that need no server: render, and up, which starts one."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    del app
