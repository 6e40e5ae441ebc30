"""How fast is it, here: the model in one process, then the service around it."""

from vasari.cli.bench.command import bench

__all__ = ["bench"]
