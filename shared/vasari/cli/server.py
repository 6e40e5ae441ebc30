"""How a server is reached: the options of every command that speaks to one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from vasari.client import Client

DEFAULT_TARGET: Final = "127.0.0.1:8470"


def _option(name: str, help: str, **more: Any) -> Any:
    variable = f"VASARI_{name.removeprefix('--').replace('-', '_').upper()}"
    return typer.Option(name, envvar=variable, help=help, rich_help_panel="Server", **more)


def _file(name: str, help: str) -> Any:
    return _option(name, help, exists=True, dir_okay=False, metavar="FILE")


@dataclass(frozen=True)
class Server:
    """The options as they were typed."""

    target: Annotated[str, _option("--target", "Where the gateway listens.", metavar="HOST:PORT")] = DEFAULT_TARGET
    api_key: Annotated[
        str | None,
        _option(
            "--api-key",
            "The key that `vasari keys create` printed. Better in the environment, where nobody sees it.",
            metavar="vsk_...",
            show_default=False,
        ),
    ] = None
    tls: Annotated[bool, _option("--tls", "Speak TLS, and trust what this system trusts.")] = False
    tls_ca: Annotated[Path | None, _file("--tls-ca", "Speak TLS, and trust these authorities (PEM) alone.")] = None
    tls_cert: Annotated[Path | None, _file("--tls-cert", "Certificate (PEM) to show to the gateway.")] = None
    tls_key: Annotated[Path | None, _file("--tls-key", "The certificate's private key (PEM).")] = None

    def client(self) -> Client:
        from vasari.client import Client, Tls
        from vasari.values import InputError, Reason

        if (self.tls_cert is None) != (self.tls_key is None):
            raise InputError(Reason.INVALID_REQUEST, "--tls-cert and --tls-key go together")
        encrypted = self.tls or self.tls_ca or self.tls_cert
        tls = Tls(ca=self.tls_ca, cert=self.tls_cert, key=self.tls_key) if encrypted else None
        return Client(self.target, api_key=self.api_key, tls=tls)
