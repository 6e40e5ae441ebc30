"""What a process lets be seen of it from outside: logs, metrics, traces, and whether it is ready and alive."""

from vasari.telemetry.logs import configure_logging
from vasari.telemetry.page import serve_page
from vasari.telemetry.readiness import Readiness, pulse
from vasari.telemetry.traces import configure_tracing

__all__ = ["Readiness", "configure_logging", "configure_tracing", "pulse", "serve_page"]
