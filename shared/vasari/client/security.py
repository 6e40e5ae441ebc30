"""How a client and its gateway know each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import grpc


@dataclass(frozen=True)
class Tls:
    """Speak TLS."""

    ca: Path | str | None = None
    """PEM file of the authorities that the gateway's certificate must come from; gRPC's own roots if not given."""
    cert: Path | str | None = None
    """PEM file of the client's own certificate, where the gateway asks for one (mTLS)."""
    key: Path | str | None = None
    """PEM file of its private key."""

    def credentials(self) -> grpc.ChannelCredentials:
        """As gRPC wants them. Raises OSError for a file that cannot be read."""
        ca, cert, key = (Path(file).read_bytes() if file else None for file in (self.ca, self.cert, self.key))
        return grpc.ssl_channel_credentials(ca, key, cert)
