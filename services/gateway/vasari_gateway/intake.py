"""Media on their way in: limited, hashed, checked by their headers, stored, and only then registered."""

from __future__ import annotations

import asyncio
import hashlib
import math
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

from vasari.config import Settings
from vasari.jobs import requests, schema
from vasari.jobs.states import AssetRole
from vasari.media.motion_file import HEAD_BYTES, check_motion_head
from vasari.media.portrait_header import called, check_portrait_header
from vasari.proto.v1 import jobs_pb2
from vasari.store import Store, names
from vasari.values import InputError, NotFound
from vasari.values.rules import InvalidRequest, Violation
from vasari_gateway.transactions import Transactions


class Intake:
    def __init__(self, transactions: Transactions, store: Store, settings: Settings) -> None:
        self._transactions = transactions
        self._store = store
        self._settings = settings

    async def digest(self, tenant_id: str, role: AssetRole, media: jobs_pb2.Media) -> str:
        """The digest of what a request brings or names; what it brings is limited, checked and kept.

        Raises:
            InvalidRequest: over the limit, or a picture or motion file whose beginning shows that it is none.
            NotFound: there is no motion file of this name.
        """
        if media.asset:
            digest = media.asset.removeprefix("assets/")
            if role.is_motion:
                asset = await self._transactions.run(lambda session: requests.find_asset(session, tenant_id, digest))
                _check_motion(role, await asyncio.to_thread(self._store.get, asset.object_name, HEAD_BYTES))
            return digest
        self._limit(role, len(media.content))
        if role.is_motion:
            _check_motion(role, media.content[:HEAD_BYTES])
        pixels = await self._pixels(role, media.content) if role.is_picture else None
        return await self._keep(tenant_id, media.content, pixels)

    def unseen_picture(self, assets: Mapping[AssetRole, schema.Asset]) -> tuple[AssetRole, schema.Asset] | None:
        """A picture, if one has to be looked at before all is well. Raises InvalidRequest: over the limit."""
        for role, asset in assets.items():
            self._limit(role, asset.size)
        for role, asset in assets.items():
            if role.is_picture and (asset.portrait_pixels or math.inf) > self._settings.max_portrait_pixels:
                return role, asset
        return None

    async def look_at(self, role: AssetRole, picture: schema.Asset) -> None:
        """Check an uploaded picture by its header, and remember it. Raises as `digest`."""
        pixels = await self._pixels(role, await asyncio.to_thread(self._store.get, picture.object_name))
        await self._note(picture.tenant_id, picture.sha256, pixels)

    async def upload(self, tenant_id: str, requests_in: AsyncIterator[jobs_pb2.UploadAssetRequest]) -> schema.Asset:
        """Take in an upload: a header, then chunks. Bytes that are there already need not be sent again.

        Raises:
            InvalidRequest: parts out of order, over the limit, or not what the header announced.
        """
        first = await anext(requests_in, None)
        if first is None or first.WhichOneof("part") != "header":
            raise InvalidRequest([Violation("header", "must be the first message, and only the first")])
        header, settings = first.header, self._settings
        limit = max(settings.max_speech_bytes, settings.max_portrait_bytes, settings.max_motion_bytes)
        _limit("header.size_bytes", header.size_bytes, limit)
        if asset := await self._find(tenant_id, header.sha256):
            return asset

        with tempfile.TemporaryDirectory(prefix="vasari-upload-") as folder:
            path = Path(folder, "asset")
            await _receive(requests_in, header, path)
            return await self._put(
                tenant_id, header.sha256, header.size_bytes, lambda name: self._store.put_file(name, path)
            )

    async def _keep(self, tenant_id: str, content: bytes, pixels: int | None) -> str:
        """Make an asset of inline bytes, unless there is one. Returns its digest."""
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        asset = await self._find(tenant_id, digest)
        if asset is None:
            asset = await self._put(tenant_id, digest, len(content), lambda name: self._store.put(name, content))
        if pixels is not None and asset.portrait_pixels is None:
            await self._note(tenant_id, digest, pixels)
        return digest

    async def _note(self, tenant_id: str, digest: str, pixels: int) -> None:
        await self._transactions.run(lambda session: requests.note_portrait(session, tenant_id, digest, pixels))

    async def _pixels(self, role: AssetRole, content: bytes) -> int:
        try:
            with called(role.replace("_", " ")):
                most = self._settings.max_portrait_pixels
                width, height = await asyncio.to_thread(check_portrait_header, content, most)
        except InputError as error:
            raise InvalidRequest([Violation(role, error.message)], error.reason, error.message) from error
        return width * height

    def _limit(self, role: AssetRole, size: int) -> None:
        settings = self._settings
        if role.is_picture:
            limit = settings.max_portrait_bytes
        else:
            limit = settings.max_motion_bytes if role.is_motion else settings.max_speech_bytes
        _limit(role, size, limit)

    async def _find(self, tenant_id: str, digest: str) -> schema.Asset | None:
        try:
            return await self._transactions.run(lambda session: requests.find_asset(session, tenant_id, digest))
        except NotFound:
            return None

    async def _put(self, tenant_id: str, digest: str, size: int, put: Callable[[str], None]) -> schema.Asset:
        """Let `put` store the bytes under a new name, and register that; if this process dies between, they go."""
        name = names.asset(tenant_id, digest)
        await self._transactions.run(lambda session: requests.expect_upload(session, name))
        await asyncio.to_thread(put, name)
        return await self._transactions.run(
            lambda session: requests.register_asset(session, tenant_id, digest, size, name)
        )


async def _receive(
    requests_in: AsyncIterator[jobs_pb2.UploadAssetRequest], header: jobs_pb2.AssetHeader, path: Path
) -> None:
    """Write the chunks to a file. Raises InvalidRequest as soon as they cannot be what the header announced."""
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for request in requests_in:
            if request.WhichOneof("part") != "chunk":
                raise InvalidRequest([Violation("header", "must be the first message, and only the first")])
            chunk = request.chunk
            size += len(chunk)
            if size > header.size_bytes:
                raise InvalidRequest([Violation("chunk", f"goes beyond the {header.size_bytes} bytes of the header")])
            await asyncio.to_thread(digest.update, chunk)
            await asyncio.to_thread(file.write, chunk)
    if size < header.size_bytes:
        raise InvalidRequest([Violation("header.size_bytes", f"is {header.size_bytes}, but {size} bytes came")])
    if digest.hexdigest() != header.sha256:
        raise InvalidRequest([Violation("header.sha256", f"is not that of the bytes that came: {digest.hexdigest()}")])


def _check_motion(role: AssetRole, head: bytes) -> None:
    try:
        check_motion_head(head)
    except InputError as error:
        raise InvalidRequest([Violation(role, error.message)], error.reason, error.message) from error


def _limit(field: str, size: int, limit: int) -> None:
    if size > limit:
        raise InvalidRequest([Violation(field, f"must be at most {limit} bytes, is {size}")])
