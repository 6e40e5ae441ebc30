"""Hints that there is work, through Celery on Redis.

A message says only: look for a ready stage of your kind. It may come twice, late or never; what runs, and what runs
again, is decided in Postgres (`vasari.jobs.work.claim`). So Celery keeps no results and retries nothing.
"""

from vasari.broker.app import HINT_TASK, make_app, send_hint

__all__ = ["HINT_TASK", "make_app", "send_hint"]
