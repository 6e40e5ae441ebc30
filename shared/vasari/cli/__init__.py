"""The command line: `vasari --help`."""

from vasari.cli.app import main

__all__ = ["main"]
