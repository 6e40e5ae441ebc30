"""Who calls, and how often they may."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from vasari.config import Settings
from vasari.jobs.tenants import DEFAULT_TENANT, Directory, Limits, ensure_tenant, read_directory
from vasari.values import RateLimited, Unauthenticated
from vasari_gateway.transactions import Transactions

log = structlog.get_logger()

FRESH_SECONDS: Final = 2.0
"""How old the directory of keys and limits may be: so long may a revoked key still open."""
AGAIN_SECONDS: Final = 0.2
"""A key that is not in it, being new perhaps, has it read anew, but not more often than so: the call waits."""
BURST_SECONDS: Final = 2.0
"""A caller that was quiet may send so many seconds' worth of calls at once."""

_caller: ContextVar[str] = ContextVar("caller")


def caller() -> str:
    """The tenant on whose behalf the call is made that this runs for."""
    return _caller.get()


def keys_are_required(settings: Settings) -> bool:
    """On loopback, or where it was said that it be so, whoever reaches the port may call."""
    if settings.require_keys:
        return True
    host = settings.gateway_address.rpartition(":")[0].strip("[]")
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    return not loopback and not settings.insecure


class Callers:
    """The directory of tenants and keys, read every few seconds, so that a call costs no statement."""

    def __init__(self, transactions: Transactions, settings: Settings) -> None:
        self._transactions = transactions
        self._settings = settings
        self._required = keys_are_required(settings)
        self._directory = Directory({}, {})
        self._read_at = -AGAIN_SECONDS
        self._reading = asyncio.Lock()
        self._buckets: dict[str, _Bucket] = {}

    async def prepare(self) -> None:
        """Read the directory for the first time.

        Raises:
            SQLAlchemyError: the database does not answer, or has no tables yet.
            Unauthenticated: keys are required and there is none: nobody could call.
        """
        await self._transactions.run(lambda session: ensure_tenant(session, DEFAULT_TENANT))
        await self._read()
        if self._required and not self._directory.keys:
            raise Unauthenticated(
                f"callers at {self._settings.gateway_address} must show an API key, and there is none: make one with "
                "`vasari keys create --tenant NAME`, or set VASARI_INSECURE=true to let in whoever reaches the port"
            )

    async def keep_fresh(self) -> None:
        """Read it again every few seconds; until cancelled."""
        while True:
            await asyncio.sleep(FRESH_SECONDS)
            try:
                await self._read()
            except (SQLAlchemyError, OSError) as error:
                log.warning("the directory of API keys could not be read", error=str(error))

    async def admit(self, metadata: Iterable[tuple[str, str | bytes]]) -> str:
        """The tenant that a call is made for, and one call less that it may make now.

        Raises:
            Unauthenticated: no key, or none that is valid.
            RateLimited: too many calls.
        """
        tenant = await self._tenant(metadata) if self._required else DEFAULT_TENANT
        rate = self.limits(tenant).requests_per_second
        if rate is None:
            rate = self._settings.requests_per_second
        if rate is not None:
            bucket = self._buckets.get(tenant)
            if bucket is None or bucket.rate != rate:
                bucket = self._buckets[tenant] = _Bucket(rate)
            bucket.take()
        _caller.set(tenant)
        return tenant

    def limits(self, tenant: str) -> Limits:
        return self._directory.tenants.get(tenant, Limits())

    async def _tenant(self, metadata: Iterable[tuple[str, str | bytes]]) -> str:
        scheme, _, key = str(dict(metadata).get("authorization", "")).partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("this server asks for an API key: `authorization: Bearer vsk_...`")
        tenant = self._directory.tenant_of(key)
        if tenant is None:
            await self._read()
            tenant = self._directory.tenant_of(key)
        if tenant is None:
            raise Unauthenticated("the API key is not valid, or was revoked")
        return tenant

    async def _read(self) -> None:
        asked = time.monotonic()
        async with self._reading:
            if self._read_at > asked:  # for another call, meanwhile
                return
            await asyncio.sleep(self._read_at + AGAIN_SECONDS - asked)
            now = time.monotonic()
            self._directory = await self._transactions.run(read_directory)
            self._read_at = now


class _Bucket:
    """A token bucket: fills by `rate` tokens a second; each call takes one."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._most = max(1.0, rate * BURST_SECONDS)
        self._tokens, self._at = self._most, time.monotonic()

    def take(self) -> None:
        """Raises RateLimited."""
        now = time.monotonic()
        self._tokens = min(self._most, self._tokens + self.rate * (now - self._at))
        self._at = now
        if self._tokens < 1.0:
            wait = (1.0 - self._tokens) / self.rate if self.rate > 0 else 60.0
            raise RateLimited(f"more than {self.rate:g} calls a second, which is the limit; try again later", wait)
        self._tokens -= 1.0
