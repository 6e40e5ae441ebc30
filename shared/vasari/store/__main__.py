"""Make the bucket if it is not there: `python -m vasari.store`."""

from vasari.config import settings
from vasari.store.store import Store

Store(settings()).ensure_bucket()
