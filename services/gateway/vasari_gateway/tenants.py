"""Who asks."""

from __future__ import annotations

from typing import Any, Final

import grpc

DEFAULT_TENANT: Final = "default"


def tenant_of(context: grpc.aio.ServicerContext[Any, Any]) -> str:  # noqa: ARG001 - keys will come with the call
    """The tenant on whose behalf a call is made: one for all, until callers have keys."""
    return DEFAULT_TENANT
