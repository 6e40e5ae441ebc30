"""A broker that delivers twice: every message that reaches it is put into its queue again, byte for byte."""

from __future__ import annotations

import codecs
import re
import threading
import time
from typing import Final, Self

import redis

from vasari.broker.app import QUEUES

# As MONITOR tells of it: when, of which client's connection, and what was said, with C's escapes.
_PUSH: Final = re.compile(rb'^\S+ \[\d+ (\S+)\] "LPUSH" "(%s)" "(.*)"$' % "|".join(QUEUES).encode())


class Twice:
    """Listens to a broker for as long as the context lasts, through its restarts."""

    def __init__(self, broker_url: str) -> None:
        self.messages = 0
        """That came twice so far."""
        self._url = broker_url
        self._until = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="twice")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def for_a_while(self, seconds: float) -> None:
        """Every message that comes from now on comes twice, until so many seconds have passed."""
        self._until = max(self._until, time.monotonic() + seconds)

    def _run(self) -> None:
        while not self._ended.wait(0.2):
            try:
                with redis.Redis.from_url(self._url, single_connection_client=True) as own:
                    self._repeat(own)
            except redis.RedisError:
                continue  # it is just being restarted

    def _repeat(self, own: redis.Redis) -> None:
        me = own.client_info()["addr"].encode()
        with own.monitor() as monitor:
            while not self._ended.is_set():
                if not monitor.connection.can_read(timeout=0.2):
                    continue
                said = _PUSH.match(monitor.connection.read_response(disable_decoding=True))
                if said and said[1] != me and time.monotonic() < self._until:
                    own.lpush(said[2].decode(), codecs.escape_decode(said[3])[0])
                    self.messages += 1
