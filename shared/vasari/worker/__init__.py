"""What every worker does around its one function: claim a stage, keep the lease, report, and end the attempt well."""

from vasari.worker.attempt import Unsound, Work, run_one
from vasari.worker.context import HandedBack, StageContext
from vasari.worker.inputs import read_appearance, read_motion
from vasari.worker.service import serve
from vasari.worker.watchfulness import watch_servers

__all__ = [
    "HandedBack",
    "StageContext",
    "Unsound",
    "Work",
    "read_appearance",
    "read_motion",
    "run_one",
    "serve",
    "watch_servers",
]
