"""Tenants, their API keys, and the limits that are their own."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from vasari.jobs.schema import ApiKey, Tenant
from vasari.values import InputError, NotFound, Reason

DEFAULT_TENANT: Final = "default"
"""To whom all belongs that is asked for without a key."""
KEY_RULE: Final = re.compile(r"vsk_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_TENANT_RULE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Limits:
    """What one tenant may use; None: what the deployment's settings say."""

    requests_per_second: float | None = None
    """Calls to each gateway."""
    max_unfinished_jobs: int | None = None
    retention_seconds: float | None = None


@dataclass(frozen=True)
class Directory:
    """Who may call, as of one moment."""

    tenants: dict[str, Limits]
    keys: dict[str, tuple[str, str]]
    """Tenant and digest of each key that is not revoked, by its id."""

    def tenant_of(self, key: str) -> str | None:
        """The tenant that a key belongs to; None for any that is not valid."""
        rule = KEY_RULE.fullmatch(key)
        found = self.keys.get(rule[1]) if rule else None
        return found[0] if found and hmac.compare_digest(found[1], digest(key)) else None


def digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def read_directory(session: Session) -> Directory:
    """All tenants and valid keys, in two statements."""
    tenants = session.execute(
        select(Tenant.id, Tenant.requests_per_second, Tenant.max_unfinished_jobs, Tenant.retention_seconds)
    )
    keys = session.execute(select(ApiKey.id, ApiKey.tenant_id, ApiKey.digest).where(ApiKey.revoked_at.is_(None)))
    return Directory(
        {name: Limits(rate, jobs, kept) for name, rate, jobs, kept in tenants},
        {key: (tenant, hashed) for key, tenant, hashed in keys},
    )


def ensure_tenant(session: Session, tenant_id: str) -> None:
    """Make the tenant's row if there is none.

    Raises:
        InputError: INVALID_REQUEST, the name cannot be one; the names of its objects begin with it.
    """
    if not _TENANT_RULE.fullmatch(tenant_id):
        words = f"a tenant's name has up to 63 of a-z, 0-9 and -, is {tenant_id!r}"
        raise InputError(Reason.INVALID_REQUEST, words)
    session.execute(insert(Tenant).values(id=tenant_id).on_conflict_do_nothing())


def list_tenants(session: Session) -> list[Tenant]:
    return list(session.scalars(select(Tenant).order_by(Tenant.id)))


def limit_tenant(session: Session, tenant_id: str, limits: Limits) -> None:
    """Set all of the tenant's own limits. Raises NotFound."""
    changed = update(Tenant).where(Tenant.id == tenant_id).values(asdict(limits)).returning(Tenant.id)
    if session.scalar(changed) is None:
        raise NotFound(f"there is no tenant {tenant_id}; making its first key makes it")


def create_key(session: Session, tenant_id: str, name: str = "") -> str:
    """Make a key for a tenant, and the tenant if there is none.

    Returns:
        The key, `vsk_{id}_{secret}`. It is kept nowhere: only its digest is.
    """
    ensure_tenant(session, tenant_id)
    key_id = secrets.token_hex(6)
    key = f"vsk_{key_id}_{secrets.token_urlsafe(32)}"
    session.add(ApiKey(id=key_id, tenant_id=tenant_id, name=name, digest=digest(key)))
    return key


def list_keys(session: Session, tenant_id: str | None = None) -> list[ApiKey]:
    """All keys, also revoked ones, or one tenant's, oldest first."""
    keys = select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)
    return list(session.scalars(keys.where(ApiKey.tenant_id == tenant_id) if tenant_id else keys))


def revoke_key(session: Session, key_id: str) -> None:
    """No gateway accepts the key any more, within seconds. Raises NotFound."""
    revoked = update(ApiKey).where(ApiKey.id == key_id).values(revoked_at=func.coalesce(ApiKey.revoked_at, func.now()))
    if session.scalar(revoked.returning(ApiKey.id)) is None:
        raise NotFound(f"there is no key {key_id}")
