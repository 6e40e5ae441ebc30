"""Where settings come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from vasari.config import Settings, settings

SECRETS = ("database_url", "broker_url", "s3_access_key", "s3_secret_key")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_lie_in_a_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv(f"VASARI_{name.upper()}_FILE", str(tmp_path / "secret"))
    assert getattr(Settings(), name).get_secret_value() == "from the file"
    monkeypatch.setenv(f"VASARI_{name.upper()}", "from the environment")
    assert getattr(Settings(), name).get_secret_value() == "from the environment"


def test_a_secrets_file_that_is_not_there_is_no_secret_that_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VASARI_S3_SECRET_KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError):
        Settings()


def test_no_secret_shows() -> None:
    settings = Settings(**dict.fromkeys(SECRETS, "hidden"))  # type: ignore[arg-type]
    assert "hidden" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_a_variable_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VASARI_RESULT_LINK_SECONDS", "700000")
    monkeypatch.setenv("VASARI_MAX_ATTEMPTS", "many")
    with pytest.raises(SystemExit, match=r"VASARI_RESULT_LINK_SECONDS: .* 604800") as ended:
        settings.__wrapped__()
    assert "VASARI_MAX_ATTEMPTS: " in str(ended.value)
