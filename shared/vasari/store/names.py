"""Names of objects. The first part is always the tenant, so that one prefix is all that a tenant has."""

from __future__ import annotations

from uuid import uuid4


def asset(tenant_id: str, sha256: str) -> str:
    """A new name for uploaded bytes; never used twice, so that a deletion cannot hit a later upload."""
    return f"{tenant_id}/assets/{sha256}/{uuid4().hex}"


def appearance_key(encoder_version: str, portrait_sha256: str, face_index: int | None) -> str:
    """What an appearance is cached under: equal keys mean equal appearances."""
    return f"{encoder_version}/{portrait_sha256}/{'dominant' if face_index is None else face_index}"


def appearance(prefix: str) -> str:
    """An Appearance, under its attempt's prefix."""
    return f"{prefix}appearance.safetensors"


def motion(prefix: str, index: int) -> str:
    """One window of Motion, under its attempt's prefix (`Lease.prefix`)."""
    return f"{prefix}motion-{index:05d}.safetensors"


def audio(prefix: str) -> str:
    """The speech as AAC, under its attempt's prefix."""
    return f"{prefix}speech.m4a"


def segment(prefix: str, index: int) -> str:
    """One segment of video, under its attempt's prefix."""
    return f"{prefix}segment-{index:05d}.mp4"


def video(prefix: str) -> str:
    """The finished video, under its attempt's prefix."""
    return f"{prefix}video.mp4"


def motion_file(prefix: str) -> str:
    """The finished motion of a job that makes no video, under its attempt's prefix."""
    return f"{prefix}motion.csv"
