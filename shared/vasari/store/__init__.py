"""Blobs, in S3. A row in Postgres names the one that counts."""

from vasari.store.store import Store

__all__ = ["Store"]
