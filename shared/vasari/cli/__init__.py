"""The command line: `vasari --help`."""


def main() -> None:
    """Run the command line and exit with its code."""
    # Here, because every process that `vasari render` starts reads this file too and needs nothing of it.
    from vasari.cli import app

    app.main()
