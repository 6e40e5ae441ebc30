"""Entry point: `python -m vasari_render`."""

from vasari.jobs.states import StageKind
from vasari.worker import serve
from vasari_render.stage import load

serve(StageKind.RENDER, load)
