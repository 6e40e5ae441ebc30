"""What every worker does around its one function: claim a stage, keep the lease, report, and end the attempt well."""

from vasari.worker.appearances import read_appearance
from vasari.worker.attempt import Attempt, HandedBack, Unsound, Work, run_one
from vasari.worker.service import serve
from vasari.worker.watchfulness import watch_servers

__all__ = ["Attempt", "HandedBack", "Unsound", "Work", "read_appearance", "run_one", "serve", "watch_servers"]
