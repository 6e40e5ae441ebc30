"""`vasari keys` and `vasari tenants`, on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from vasari.cli.app import run
from vasari.config import Settings
from vasari.config import settings as read_settings

Streams = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def database(settings: Settings, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM api_keys")
    monkeypatch.setenv("VASARI_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("COLUMNS", "200")
    read_settings.cache_clear()
    yield
    read_settings.cache_clear()


def test_a_key_is_shown_once_and_then_only_its_id(capsys: Streams) -> None:
    assert run(["keys", "create", "--tenant", "acme", "--name", "the video team"]) == 0
    key = capsys.readouterr().out.strip()
    _, key_id, secret = key.split("_", 2)

    run(["keys", "create", "--tenant", "other"])
    capsys.readouterr()
    assert run(["keys", "list", "--tenant", "acme"]) == 0
    shown = capsys.readouterr().out
    assert secret not in shown
    (line,) = shown.splitlines()[1:]
    assert line.split()[:2] == [key_id, "acme"]
    assert line.endswith("valid  the video team")


@pytest.mark.parametrize("by", ["id", "whole key"])
def test_a_revoked_key_stays_in_the_list(by: str, capsys: Streams) -> None:
    run(["keys", "create", "--tenant", "acme"])
    key = capsys.readouterr().out.strip()
    assert run(["keys", "revoke", key if by == "whole key" else key.split("_")[1]]) == 0
    run(["keys", "list"])
    shown = capsys.readouterr().out
    assert "revoked" in shown.splitlines()[-1]
    assert key not in shown


def test_what_cannot_be(capsys: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "Acme", "a/b", "../b", "x" * 64):
        assert run(["keys", "create", "--tenant", name]) == 2
        assert "a tenant's name has up to 63 of a-z, 0-9 and -" in capsys.readouterr().err
    assert run(["keys", "revoke", "000000000000"]) == 2
    assert "there is no key 000000000000" in capsys.readouterr().err
    assert run(["tenants", "limit", "nobody"]) == 2
    assert "there is no tenant nobody" in capsys.readouterr().err
    monkeypatch.setenv("VASARI_DATABASE_URL", "postgresql://vasari:secret@127.0.0.1:9/vasari")
    read_settings.cache_clear()
    assert run(["keys", "list"]) == 1
    error = capsys.readouterr().err
    assert "the database does not answer; VASARI_DATABASE_URL names it" in error
    assert "secret" not in error


def test_a_tenants_own_limits(capsys: Streams) -> None:
    def shown() -> list[str]:
        capsys.readouterr()
        run(["tenants", "list"])
        return next(line.split()[1:4] for line in capsys.readouterr().out.splitlines() if line.startswith("acme "))

    run(["keys", "create", "--tenant", "acme"])
    run(["tenants", "limit", "acme", "--requests-per-second", "50", "--retention-seconds", "3600"])
    assert shown() == ["50", "-", "3600"]
    run(["tenants", "limit", "acme"])
    assert shown() == ["-", "-", "-"]
