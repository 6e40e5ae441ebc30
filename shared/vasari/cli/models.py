"""Which published weights the model reads, and whether they are here."""

from __future__ import annotations

import typer


def models() -> None:
    """List the published weights that the model reads: licence, size, hash, and how to get them.

    Every source of a file is named; one is enough. What is installed is checked against its hash.

    [bold]Examples[/bold]

      vasari models
    """
    from vasari.values import Fault
    from vasari.weights import Weights, weight_files

    missing = 0
    for weights in Weights:
        try:
            paths = weight_files(weights)
            state = f"installed, {sum(path.stat().st_size for path in paths) / 1e6:.1f} MB"
        except Fault:
            missing += 1
            state = "MISSING"
        typer.echo(f"{weights.name}: {state}\n  {weights.purpose}\n  licence: {weights.licence}")
        for source in weights.sources:
            typer.echo(f"  from: {source.install}\n    sha256 {source.sha256}")
    if missing:
        typer.echo("`make setup` brings what is missing; so does any of the commands above.")
        raise typer.Exit(1)
