"""The Celery application that every sender and receiver of hints shares."""

from __future__ import annotations

from celery import Celery

from vasari.config import Settings

HINT_TASK = "vasari.hint"
QUEUES = ("face-encode", "motion", "render")
"""One for each stage that workers do: `vasari.jobs.states.StageKind.queue`."""


def make_app(settings: Settings) -> Celery:
    app = Celery("vasari", broker=settings.broker_url.get_secret_value())
    app.conf.update(
        # Nothing is acknowledged: a hint may be lost, and a receiver whose acknowledgement is lost with the broker
        # would wait for ever for the one message at a time that it may hold.
        task_queues={name: {"exchange": name, "routing_key": name, "no_ack": True} for name in QUEUES},
        worker_concurrency=1,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_keepalive": True, "socket_connect_timeout": 3, "socket_timeout": 10},
    )
    return app


def send_hint(app: Celery, queue: str) -> None:
    """Say on a queue that there is work. Raises kombu's OperationalError when the broker does not answer."""
    app.send_task(HINT_TASK, queue=queue, ignore_result=True, retry=False)
