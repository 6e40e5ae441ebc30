"""Entry point of `vasari`: its commands, and what becomes of an error.

Modules here import what is heavy inside the commands, so that help and completion answer at once.
"""

from __future__ import annotations

import gc
import os
import sys
import warnings
from typing import Annotated, Final

import typer
from typer.main import get_command

from vasari.cli import evaluate, keys, local, remote, tenants, training
from vasari.cli.bench import bench
from vasari.cli.evaluate_motion import motion
from vasari.cli.look import sheet
from vasari.cli.models import models
from vasari.cli.track import track

FAULT: Final = 1
INPUT_WRONG: Final = 2
UNREACHABLE: Final = 3
INTERRUPTED: Final = 130

app = typer.Typer(
    name="vasari",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
local.register(app)
app.command(rich_help_panel="On this machine")(bench)
app.command(rich_help_panel="On this machine")(track)
app.command(rich_help_panel="Looking and measuring")(sheet)
evaluate.app.command()(motion)
app.add_typer(evaluate.app, name="eval", rich_help_panel="Looking and measuring")
app.command(rich_help_panel="On this machine")(models)
app.add_typer(training.data, name="data", rich_help_panel="Training")
app.add_typer(training.train, name="train", rich_help_panel="Training")
remote.register(app)
for group in (keys.app, tenants.app):
    app.add_typer(group, rich_help_panel="Who may call")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"vasari {version('vasari')}")
        raise typer.Exit


@app.callback()
def vasari(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A portrait photo and a piece of speech in, a talking-face video out.

    [bold]At once, without a server:[/bold]

      vasari render portrait.jpg speech.wav -o video.mp4

    [bold]As a service:[/bold] start it in one terminal, use it in another.

      vasari up
      vasari submit portrait.jpg speech.wav -o video.mp4

    [bold]Exit codes:[/bold] 0 done; 1 a fault of ours; 2 the input cannot be used, and the message says why;
    3 no server answers; 130 interrupted. VASARI_DEBUG=1 shows tracebacks.
    """


def main() -> None:
    """Run the command line and exit with its code."""
    # Loading torch makes half a million objects, and they stay: looking through them for what is not used any more
    # took a fourth of loading, and a third of a second at the end.
    gc.set_threshold(50_000)
    code = run(sys.argv[1:])
    gc.freeze()
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line. Errors become one line on stderr and an exit code."""
    from typer._click.exceptions import ClickException

    command = get_command(app)
    if os.environ.get("VASARI_DEBUG") == "1":
        return command.main(arguments, "vasari", standalone_mode=False) or 0
    # Libraries warn their developers; users can do nothing about it.
    warnings.simplefilter("ignore")
    try:
        return command.main(arguments, "vasari", standalone_mode=False) or 0
    except ClickException as error:
        return _complain(error.format_message(), INPUT_WRONG)
    except typer.Abort:
        return INTERRUPTED
    except Exception as error:
        from vasari.values import InputError, NotFound, NotReady, Unauthenticated, VasariError

        if isinstance(error, Unauthenticated):
            return _complain(f"{error.message}; give it in VASARI_API_KEY, or as --api-key", INPUT_WRONG)
        if isinstance(error, InputError | NotFound | NotReady):
            return _complain(error.message, INPUT_WRONG)
        if isinstance(error, VasariError):
            from vasari.client import Unreachable

            if isinstance(error, Unreachable):
                return _complain(
                    f"{error.message}; start one with `vasari up`, or name another with --target", UNREACHABLE
                )
            return _complain(error.message, FAULT)
        return _complain(f"{type(error).__name__}: {error} (VASARI_DEBUG=1 shows where)", FAULT)


def _complain(message: str, code: int) -> int:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    return code
