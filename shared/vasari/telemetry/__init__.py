"""What a process lets be seen of it from outside: logs, metrics, traces, and whether it is ready and alive."""

from vasari.telemetry.logs import configure_logging
from vasari.telemetry.page import serve_page
from vasari.telemetry.readiness import Readiness, pulse

__all__ = ["Readiness", "configure_logging", "pulse", "serve_page"]
