"""TLS and mTLS, with certificates made here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from tests.conftest import Gateway, Start

from vasari.cli.app import run
from vasari.client import Client, Tls, Unreachable
from vasari.config import Settings
from vasari.values import InputError
from vasari_gateway.tls import server_credentials


@dataclass(frozen=True)
class Files:
    """PEM files of an authority and of a certificate from it."""

    ca: Path
    cert: Path
    key: Path


def issue(folder: Path, authority: trustme.CA, name: str) -> Files:
    folder.mkdir(exist_ok=True)
    files = Files(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    leaf = authority.issue_cert(name)
    authority.cert_pem.write_to_path(files.ca)
    leaf.cert_chain_pems[0].write_to_path(files.cert)
    leaf.private_key_pem.write_to_path(files.key)
    return files


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return issue(tmp_path_factory.mktemp("server"), trustme.CA(), "localhost")


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return issue(tmp_path_factory.mktemp("caller"), trustme.CA(), "caller@vasari.example")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return issue(tmp_path_factory.mktemp("stranger"), trustme.CA(), "localhost")


@pytest.fixture(scope="module")
def encrypted(start_gateway: Start, server: Files) -> Iterator[Gateway]:
    with start_gateway(tls_cert_file=server.cert, tls_key_file=server.key) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def mutual(start_gateway: Start, server: Files, caller: Files) -> Iterator[Gateway]:
    """Callers too must show a certificate."""
    own = {"tls_cert_file": server.cert, "tls_key_file": server.key, "tls_client_ca_file": caller.ca}
    with start_gateway(**own) as gateway:
        yield gateway


def reaches(gateway: Gateway, tls: Tls | None) -> bool:
    with Client(gateway.address, tls=tls, timeout=5) as client:
        try:
            list(client.jobs())
        except Unreachable:
            return False
    return True


def test_who_trusts_the_authority_is_answered(encrypted: Gateway, server: Files, photo: bytes) -> None:
    with Client(encrypted.address, tls=Tls(ca=server.ca)) as client:
        asset = client.upload(b"speech through TLS")
        job = client.submit(photo, asset)
        assert next(client.watch(job)) == job
        client.delete(job)


@pytest.mark.parametrize("tls", ["none", "another authority"])
def test_nobody_else_is(encrypted: Gateway, stranger: Files, tls: str) -> None:
    assert not reaches(encrypted, None if tls == "none" else Tls(ca=stranger.ca))


def test_callers_show_their_certificate_where_it_is_asked_for(
    mutual: Gateway, server: Files, caller: Files, stranger: Files
) -> None:
    assert reaches(mutual, Tls(ca=server.ca, cert=caller.cert, key=caller.key))
    assert not reaches(mutual, Tls(ca=server.ca))
    assert not reaches(mutual, Tls(ca=server.ca, cert=stranger.cert, key=stranger.key))


def test_the_command_line_speaks_it(
    mutual: Gateway, server: Files, caller: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--tls-ca", str(server.ca), "--tls-cert", str(caller.cert), "--tls-key", str(caller.key)]
    assert run(["jobs", "--target", mutual.address, *options]) == 0
    assert run(["jobs", "--target", mutual.address, *options[:-2]]) == 2
    assert "--tls-cert and --tls-key go together" in capsys.readouterr().err


def test_a_renewed_certificate_needs_no_restart(start_gateway: Start, tmp_path: Path) -> None:
    first = issue(tmp_path, trustme.CA(), "localhost")
    with start_gateway(tls_cert_file=first.cert, tls_key_file=first.key) as gateway:
        assert reaches(gateway, Tls(ca=first.ca))
        old = tmp_path / "old.pem"
        old.write_bytes(first.ca.read_bytes())
        time.sleep(0.01)
        second = issue(tmp_path, trustme.CA(), "localhost")
        assert reaches(gateway, Tls(ca=second.ca))
        assert not reaches(gateway, Tls(ca=old))
        second.key.unlink()  # half a renewal: the last whole one stays
        assert reaches(gateway, Tls(ca=second.ca))


def test_half_of_what_tls_needs_is_refused(server: Files, tmp_path: Path) -> None:
    assert server_credentials(Settings()) is None
    with pytest.raises(InputError, match="needs both VASARI_TLS_CERT_FILE and VASARI_TLS_KEY_FILE"):
        server_credentials(Settings(tls_cert_file=server.cert))
    with pytest.raises(InputError, match=f"No such file or directory: {tmp_path}/none"):
        server_credentials(Settings(tls_cert_file=server.cert, tls_key_file=tmp_path / "none"))
