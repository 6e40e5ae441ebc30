"""`vasari data` and `vasari train`: how the shipped weights of the motion are made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

data = typer.Typer(no_args_is_help=True, help="Make what the motion is trained on.")
train = typer.Typer(no_args_is_help=True, help="Train the motion.")


@data.callback()
def _data() -> None:
    """Make what the motion is trained on."""


@train.callback()
def _train() -> None:
    """Train the motion."""


@data.command()
def tts(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where the takes are kept.")],
    minutes: Annotated[float, typer.Option(min=0.1, help="Minutes of each voice.")] = 12.0,
    seed: Annotated[int, typer.Option(min=0, help="Other sentences, pauses and disturbances.")] = 0,
) -> None:
    """Make synthetic speech whose phones are known, and what Whisper hears in it.

    Four free voices of Debian's flite say free sentences, each take once clean and once disturbed; some speak or sing
    over music of synthetic instruments. What is there already is kept: stop it and start it again as you like.

    [bold]Examples[/bold]

      vasari data tts corpus

      vasari data tts corpus --minutes 40
    """
    from vasari.cli.show import StageBars
    from vasari.device import use_device
    from vasari.motion.training.corpus import record, take_count

    use_device("cpu")
    total = take_count(minutes)
    with StageBars() as bars:
        for done, path in enumerate(record(folder, minutes, seed), 1):
            bars.update("takes", done, total, path.stem)


@train.command()
def motion(
    corpus: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="What `vasari data tts` made.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Checkpoints, curves and weights.")
    ] = Path("run"),
    steps: Annotated[int, typer.Option(min=1, help="Steps of the generator of head, eyes and expression.")] = 2000,
    lip_steps: Annotated[int, typer.Option(min=1, help="Steps of the network of lips and tongue.")] = 900,
    hold_out: Annotated[str, typer.Option(help="A voice to measure on instead of training on it.")] = "",
    start: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Go on from the weights in this folder.", show_default="none"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, batches and noise.")] = 0,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where it trains; auto takes a GPU if there is one.")
    ] = "auto",
    smoke: Annotated[bool, typer.Option("--smoke", help="A few steps of small networks, to see that it runs.")] = False,
) -> None:
    """Train the networks that turn speech into motion, and write their weights with a model card.

    Stopped at any moment, the same command goes on from the last checkpoint. The curves are in OUTPUT as CSV and PNG.
    To use the weights, put the two safetensors files in the place of those in vasari/motion.

    [bold]Examples[/bold]

      vasari train motion corpus -o run

      vasari train motion corpus -o test --hold-out slt

      vasari train motion corpus -o more --start run --steps 500
    """
    from vasari.cli.show import stdout
    from vasari.device import use_device
    from vasari.motion.training.whole import Plan, train_motion

    plan = Plan(lip_steps, steps, seed, hold_out or None, start, smoke)
    card = train_motion(corpus, output, plan, use_device(device))
    stdout.print(card, markup=False, highlight=False)


@train.command()
def lips(
    corpus: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="What `vasari data tts` made.")],
    clips: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Videos of one speaking person each.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", file_okay=False, help="Checkpoints, curves and weights.")
    ] = Path("run"),
    start: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Go on from the weights in this folder.", show_default="the shipped ones"
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Steps of the network of lips and tongue.")] = 60,
    leave_one_out: Annotated[
        bool, typer.Option("--leave-one-out", help="Measure each clip by what was learned from all others.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of batches and noise.")] = 0,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where it trains; auto takes a GPU if there is one.")
    ] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Go on training the lips on filmed speakers, and measure what it gave.

    Sound and picture of each clip are aligned first; a clip whose lips do not follow its sound is not trained on.
    Figures stand beside those of the weights that were started from. Without --leave-one-out they are measured on
    what was trained on, and flatter. Phones are read from CLIP.phones, as by `vasari eval motion`.

    [bold]Examples[/bold]

      vasari train lips corpus clips/*.mp4 -o mine

      vasari train lips corpus clips/*.mp4 -o out --leave-one-out
    """
    import json
    from importlib.resources import as_file, files

    from vasari.cli.show import StageBars, figure_table, stdout
    from vasari.device import use_device
    from vasari.evaluation import fine_tuned

    measure = fine_tuned.leave_one_out if leave_one_out else fine_tuned.fine_tune
    with StageBars() as bars, as_file(files("vasari.motion")) as shipped:

        def show(what: str, done: int, total: int) -> None:
            bars.update(what, done, total, f"{done} of {total}")

        figures = measure(clips, corpus, output, start or shipped, steps, seed, use_device(device), show)
    if as_json:
        print(json.dumps({figure.quantity.name: figure.to_json() for figure in figures}, indent=2))
    else:
        stdout.print(figure_table(figures))
