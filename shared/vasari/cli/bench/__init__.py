"""How fast is it, here: the model alone, then the service around it."""

from vasari.cli.bench.command import bench

__all__ = ["bench"]
