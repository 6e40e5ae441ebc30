"""The Python client of the gRPC API.

with Client("127.0.0.1:8470") as client:
    job = client.submit("portrait.jpg", "speech.wav", Controls(emotion={Emotion.HAPPY: 0.5}))
    for job in client.watch(job):
        print(f"{job.progress:.0%}")
    client.download(job, "video.mp4")
"""

from vasari.client.aio import DEFAULT_TARGET, ENDED, AsyncClient
from vasari.client.errors import Unreachable, failure_of
from vasari.client.security import Tls
from vasari.client.sync import Client

__all__ = ["DEFAULT_TARGET", "ENDED", "AsyncClient", "Client", "Tls", "Unreachable", "failure_of"]
