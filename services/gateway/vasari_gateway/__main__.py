"""Entry point: `python -m vasari_gateway [--insecure]`."""

import argparse
import asyncio
import sys

from vasari.config import settings
from vasari.values import VasariError
from vasari_gateway.server import serve

parser = argparse.ArgumentParser("vasari_gateway", description="Serve the gRPC API.")
parser.add_argument("--insecure", action="store_true", help="let in whoever reaches the port, as VASARI_INSECURE=true")
configured = settings()
if parser.parse_args().insecure:
    configured = configured.model_copy(update={"insecure": True})
try:
    asyncio.run(serve(configured))
except VasariError as error:
    sys.exit(f"error: {error.message}")
