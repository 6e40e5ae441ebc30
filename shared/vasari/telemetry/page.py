"""A page for Prometheus and for probes: /metrics, /ready and /live over HTTP."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

from vasari.telemetry.readiness import Readiness, pulse


def serve_page(address: str | None, readiness: Readiness) -> None:
    """Serve, in threads of its own for as long as the process lives; at no address do nothing.

    /ready and /live answer 200, or 503 with a sentence. Exits with a sentence when the address cannot be used.
    """
    if address is None:
        return
    host, _, port = address.rpartition(":")
    try:
        server = _Server((host.strip("[]"), int(port)), _handler(readiness))
    except (OSError, ValueError) as error:
        sys.exit(f"error: VASARI_METRICS_ADDRESS={address} cannot be listened on ({error}); give a free host:port")
    threading.Thread(target=server.serve_forever, name="page", daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def _handler(readiness: Readiness) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # a visitor who says nothing must not hold a thread

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                encode, kind = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, kind, encode(REGISTRY))
            elif path in ("/ready", "/live"):
                problem = readiness.problem if path == "/ready" else pulse.problem()
                self._answer(503 if problem else 200, "text/plain; charset=utf-8", f"{problem or 'yes'}\n".encode())
            else:
                self._answer(404, "text/plain", b"/metrics, /ready or /live\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes come every few seconds; that they did is no news."""

    return Handler
