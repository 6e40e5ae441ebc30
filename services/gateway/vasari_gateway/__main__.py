"""Entry point: `python -m vasari_gateway`."""

import asyncio

from vasari.config import settings
from vasari_gateway.server import serve

asyncio.run(serve(settings()))
