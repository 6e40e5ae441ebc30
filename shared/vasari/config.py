"""Settings of every process, from the environment (prefix VASARI_) or a `.env` file.

Only addresses, secrets and limits differ between one machine and a cluster; the code is the same.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class _SecretFiles(PydanticBaseSettingsSource):
    """A secret NAME from the file that the variable NAME_FILE names, as containers are given them."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{self.config['env_prefix']}{field_name.upper()}_FILE"
        if field.annotation is SecretStr and (path := os.environ.get(variable)):
            return Path(path).read_text().strip(), field_name, False
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    """All settings with their defaults. Times are seconds."""

    model_config = SettingsConfigDict(env_prefix="VASARI_", env_file=".env", extra="ignore")

    # Where things are.
    database_url: SecretStr = SecretStr("postgresql://vasari@127.0.0.1:5432/vasari")
    broker_url: SecretStr = SecretStr("redis://127.0.0.1:6379/0")
    s3_endpoint: str = Field(default="127.0.0.1:9000", description="host:port of the object store")
    s3_public_endpoint: str | None = Field(
        default=None, description="host:port in presigned links, if callers see another"
    )
    s3_secure: bool = False
    s3_region: str = "us-east-1"
    s3_bucket: str = "vasari"
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    gateway_address: str = Field(default="127.0.0.1:8470", description="host:port on which the gateway listens")
    tls_cert_file: Path | None = Field(
        default=None, description="PEM: the gateway's certificate and those that lead to its root; makes it speak TLS"
    )
    tls_key_file: Path | None = Field(default=None, description="PEM: the certificate's private key")
    tls_client_ca_file: Path | None = Field(
        default=None, description="PEM: only callers with a certificate of these authorities are let in"
    )
    require_keys: bool = Field(default=False, description="ask callers for API keys on loopback too")
    insecure: bool = Field(
        default=False, description="let in callers without keys although the gateway listens beyond loopback"
    )
    device: str = Field(default="auto", description="auto, cpu or cuda: where models run")
    render_threads: int = Field(
        default=2, ge=1, description="of a render worker, on CPUs; 1 where there is a worker for each core"
    )
    ready_file: Path | None = Field(default=None, description="exists while the process is ready to work")
    metrics_address: str | None = Field(
        default=None, description="host:port of the pages /metrics, /ready and /live; none for no such pages"
    )

    # What is accepted.
    max_portrait_bytes: int = 32 * 2**20
    max_portrait_pixels: int = 50_000_000
    max_speech_bytes: int = 512 * 2**20
    max_speech_seconds: float = Field(default=3600.0, description="of motion files too")
    max_motion_bytes: int = 256 * 2**20
    decode_seconds: float = Field(default=600.0, description="most that decoding one file may take")
    decode_memory_bytes: int = Field(default=2 * 2**30, description="most address space that it may need")
    max_unfinished_jobs: int = Field(
        default=1000, description="of a tenant; one more is refused with RESOURCE_EXHAUSTED"
    )
    requests_per_second: float | None = Field(
        default=None, description="calls of a tenant to each gateway; more are refused with RESOURCE_EXHAUSTED"
    )
    job_timeout: float = Field(default=86400.0, description="deadline of a job whose caller names none")

    # How work is shared and retried.
    segment_seconds: float = Field(default=4.0, description="length of the pieces that render workers share")
    lease_seconds: float = Field(default=15.0, description="a worker silent for longer has lost its stage")
    heartbeat_seconds: float = Field(
        default=0.5, description="how often a worker renews its lease and asks whether to stop"
    )
    max_attempts: int = Field(default=4, description="how often a stage may be started before its job fails")
    retry_seconds: float = Field(
        default=1.0, description="wait before the second attempt; doubles with each further one"
    )
    grace_seconds: float = Field(
        default=8.0, description="a stopping worker that is not done by then hands its stage back"
    )
    hint_seconds: float = Field(
        default=20.0, description="a ready stage that nobody claimed is announced again after this"
    )
    engine_seconds: float = Field(
        default=300.0, description="a job whose engine version no worker has served for so long begins anew"
    )

    # How long things are kept.
    result_link_seconds: float = Field(
        default=3600.0, ge=1, le=7 * 86400.0, description="life of a presigned link; S3 allows seven days at most"
    )
    retention_seconds: float = Field(
        default=7 * 86400.0, description="ended jobs, their media, and uploads that no job uses are deleted after this"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then `.env`, then files that hold secrets."""
        return init_settings, env_settings, dotenv_settings, _SecretFiles(settings_cls), file_secret_settings


@cache
def settings() -> Settings:
    """The settings of this process, read once. Exits with a sentence when a variable cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = (f"VASARI_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        sys.exit(f"error: {'; '.join(wrong)}")
