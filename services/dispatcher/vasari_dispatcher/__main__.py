"""Entry point: `python -m vasari_dispatcher`."""

from vasari.config import settings
from vasari_dispatcher.loops import serve

serve(settings())
