"""Entry point: `python -m vasari_motion`."""

from vasari.jobs.states import StageKind
from vasari.worker import serve
from vasari_motion.stage import load

serve(StageKind.MOTION, load)
