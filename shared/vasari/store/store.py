"""The object store: any S3, through the minio client."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from vasari.config import Settings
from vasari.telemetry.metrics import STORE_READ_BYTES, STORE_WRITTEN_BYTES
from vasari.values import Fault, Reason

_BUSY: Final = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "XMinioServerNotInitialized"}
"""S3 error codes of a store that will be back. Any other is about the request, and would be the same next time."""


class Store:
    """One bucket. Every method raises Fault: UNAVAILABLE when the store does not answer, INTERNAL when it refuses."""

    def __init__(self, settings: Settings) -> None:
        self._bucket = settings.s3_bucket
        self._client = self._connect(settings, settings.s3_endpoint)
        # Presigning is arithmetic on the host name that the caller will use; nothing is sent to it from here.
        self._public = self._connect(settings, settings.s3_public_endpoint or settings.s3_endpoint)

    @staticmethod
    def _connect(settings: Settings, endpoint: str) -> Minio:
        return Minio(
            endpoint,
            access_key=settings.s3_access_key.get_secret_value(),
            secret_key=settings.s3_secret_key.get_secret_value(),
            secure=settings.s3_secure,
            region=settings.s3_region,
            http_client=urllib3.PoolManager(
                # A worker that is told to stop must not wait longer for a store than it may live, and one whose store
                # is away does best to hand its stage back, which costs no attempt.
                timeout=urllib3.Timeout(connect=2, read=10),
                maxsize=16,
                retries=urllib3.Retry(total=1, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
            ),
        )

    def ensure_bucket(self) -> None:
        """Make the bucket if it is not there."""
        with _faults():
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket)

    def ping(self) -> None:
        """Ask whether the bucket is there."""
        with _faults():
            if not self._client.bucket_exists(self._bucket):
                raise Fault(Reason.UNAVAILABLE, f"the bucket {self._bucket} does not exist")

    def put(self, name: str, data: bytes) -> None:
        with _faults():
            self._client.put_object(self._bucket, name, io.BytesIO(data), len(data))
        STORE_WRITTEN_BYTES.inc(len(data))

    def put_file(self, name: str, path: Path, content_type: str = "application/octet-stream") -> None:
        with _faults():
            self._client.fput_object(self._bucket, name, str(path), content_type=content_type)
        STORE_WRITTEN_BYTES.inc(path.stat().st_size)

    def get(self, name: str, most: int = 0) -> bytes:
        """The object's bytes, or the first so many of them."""
        return b"".join(self.stream(name, most=most))

    def get_file(self, name: str, path: Path) -> Path:
        with _faults():
            self._client.fget_object(self._bucket, name, str(path))
        STORE_READ_BYTES.inc(path.stat().st_size)
        return path

    def stream(self, name: str, chunk: int = 256 * 1024, most: int = 0) -> Iterator[bytes]:
        """The object's bytes, or the first so many of them, in chunks."""
        with _faults():
            response = self._client.get_object(self._bucket, name, length=most)
            try:
                for part in response.stream(chunk):
                    STORE_READ_BYTES.inc(len(part))
                    yield part
            finally:
                response.close()
                response.release_conn()

    def presign(self, name: str, seconds: float) -> tuple[str, datetime]:
        """A link with which anyone can GET the object for some seconds, and when it expires."""
        now, life = datetime.now(UTC).replace(microsecond=0), timedelta(seconds=seconds)  # links know whole seconds
        return self._public.presigned_get_object(self._bucket, name, expires=life, request_date=now), now + life

    def names(self, prefix: str) -> list[str]:
        """Names of all objects under a prefix."""
        with _faults():
            found = self._client.list_objects(self._bucket, prefix, recursive=True)
            return [item.object_name for item in found if item.object_name]

    def remove(self, prefix: str, keep: str | None = None) -> None:
        """Delete every object under a prefix except one."""
        doomed = [DeleteObject(name) for name in self.names(prefix) if name != keep]
        with _faults():
            errors = list(self._client.remove_objects(self._bucket, doomed))
        if errors:
            raise Fault(Reason.UNAVAILABLE, f"the object store could not delete {errors[0].name}: {errors[0].message}")


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        answer = f"the object store answered {error.code} for {error.object_name}"
        raise Fault(Reason.UNAVAILABLE if error.code in _BUSY else Reason.INTERNAL, answer) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise Fault(Reason.UNAVAILABLE, f"the object store does not answer: {error}") from error
