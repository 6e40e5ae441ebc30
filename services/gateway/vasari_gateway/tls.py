"""The gateway's certificate, read anew when its files change, so that it can be renewed without a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import grpc
import structlog

from vasari.config import Settings
from vasari.values import InputError, Reason

log = structlog.get_logger()


def server_credentials(settings: Settings) -> grpc.ServerCredentials | None:
    """How to speak TLS; None for plain text.

    Raises:
        InputError: INVALID_REQUEST, the settings do not go together, or name files that cannot be read.
    """
    key, cert, client_ca = settings.tls_key_file, settings.tls_cert_file, settings.tls_client_ca_file
    if key is None and cert is None and client_ca is None:
        return None
    if key is None or cert is None:
        raise InputError(Reason.INVALID_REQUEST, "TLS needs both VASARI_TLS_CERT_FILE and VASARI_TLS_KEY_FILE")
    try:
        files = _Files(key, cert, client_ca)
        first = files.read()
    except OSError as error:
        raise InputError(Reason.INVALID_REQUEST, f"TLS: {error.strerror}: {error.filename}") from error
    return grpc.dynamic_ssl_server_credentials(
        first,
        files.renewed,  # type: ignore[arg-type]  # the stubs do not know that None means: as before
        require_client_authentication=client_ca is not None,
    )


class _Files:
    def __init__(self, key: Path, cert: Path, client_ca: Path | None) -> None:
        self._key: Final = key
        self._cert: Final = cert
        self._client_ca: Final = client_ca
        self._last = self._stamps()

    def read(self) -> grpc.ServerCertificateConfiguration:
        authorities = self._client_ca.read_bytes() if self._client_ca else None
        return grpc.ssl_server_certificate_configuration(
            [(self._key.read_bytes(), self._cert.read_bytes())], authorities
        )

    def renewed(self) -> grpc.ServerCertificateConfiguration | None:
        """What the files hold now; None if they are as before. gRPC asks at every handshake."""
        try:
            if (now := self._stamps()) == self._last:
                return None
            fresh = self.read()
        except OSError as error:
            log.warning("the certificate cannot be read; the last one stays", error=str(error))
            return None
        self._last = now
        log.info("the certificate was renewed")
        return fresh

    def _stamps(self) -> list[tuple[int, int]]:
        files = [file.stat() for file in (self._key, self._cert, self._client_ca) if file is not None]
        return [(file.st_mtime_ns, file.st_ino) for file in files]
