"""What every process that draws needs: imported once, by the process that they are all forked from."""

from __future__ import annotations

import gc
from importlib import import_module


def _load() -> None:
    # Half a million objects that stay: the collector need not look at them, and forked processes share their pages.
    gc.disable()
    for module in ("vasari.media.video", "vasari.render"):
        import_module(module)
    gc.freeze()
    gc.enable()


_load()
