"""What the images would hold, tried without Docker: `make images`.

Each Dockerfile's build stage is gone through instruction by instruction, in a folder and an environment of its own.
Then the entry points are started from these environments alone, beside real servers, and make one video together.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from tests.deploy.dockerfiles import ROOT, SERVICES, dockerfile

from vasari.cli.bench import inputs
from vasari.client import Client
from vasari.local.servers import HOST, Servers, free_ports
from vasari.proto.v1 import jobs_pb2
from vasari.values import Controls

NAMES: Final = [service.name for service in SERVICES]
WITHOUT_TORCH: Final = ("gateway", "dispatcher")
GATEWAY: Final = "127.0.0.1:8470"
"""Where the gateway's health check looks for it."""
READY_SECONDS: Final = 120.0
# What this shell or project would add to a container's environment.
BARE: Final = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "VASARI_"))}


class Image:
    """A service's environment in a folder."""

    def __init__(self, service: str, folder: Path) -> None:
        self.service, self.folder, self.file = service, folder, dockerfile(service)
        self.venv = folder / "venv"
        bin_of_ours = f"{Path(sys.executable).parent}:{BARE['PATH']}"
        self.environment = {**BARE, "PATH": bin_of_ours, "HOME": str(folder)}

    def build(self) -> None:
        source = self.folder / "src"
        source.mkdir(parents=True)
        for instruction, rest in self.file.stages[0]:
            if instruction == "COPY":
                _copy(rest.split(), source)
            elif instruction in ("ENV", "ARG"):
                self._set(rest)
            elif instruction == "RUN":
                assert self._start(["sh", "-ec", self._moved(rest)], source, self.environment).wait() == 0, self.log()
        shutil.rmtree(source)
        self.environment = {**BARE, "HOME": str(self.folder)}
        for instruction, rest in self.file.stages[-1]:
            if instruction == "ENV":
                self._set(rest)
        self.environment["VASARI_READY_FILE"] = str(self.ready_file)
        self.environment["VASARI_METRICS_ADDRESS"] = f"{HOST}:{free_ports(1)[0]}"

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready"

    def python(self, *arguments: str, **settings: str) -> subprocess.Popen[bytes]:
        """The image's Python, where nothing of this repository can be found."""
        return self._start([self.venv / "bin" / "python", *arguments], self.folder, self.environment | settings)

    def run(self, *arguments: str, **settings: str) -> int:
        return self.python(*arguments, **settings).wait()

    @property
    def healthy(self) -> bool:
        """By the image's own health check."""
        check = self.file.healthcheck
        if check[0] == "python":
            return self.run(*check[1:]) == 0
        return self.ready_file.exists()

    def log(self) -> str:
        """All that its processes have said."""
        return (self.folder / "log").read_text()

    def _start(self, command: list[Path | str], place: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log)

    def _moved(self, text: str) -> str:
        return text.replace("/venv", str(self.venv))

    def _set(self, text: str) -> None:
        for part in shlex.split(text):
            name, _, value = part.partition("=")
            self.environment[name] = self._moved(value).replace("$PATH", self.environment["PATH"])


def _copy(words: list[str], source: Path) -> None:
    """What git knows, or would."""
    *names, target = words
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *names]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split():
        place = source / target / Path(name).relative_to(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)


def _make_a_video(images: dict[str, Image], folder: Path) -> None:
    with ExitStack() as stack:
        servers = stack.enter_context(Servers(folder / "servers")).environment()
        dispatcher = images["dispatcher"]
        for module in ("vasari.jobs.migrate", "vasari.store"):
            assert dispatcher.run("-m", module, **servers) == 0, dispatcher.log()
        for image in images.values():
            arguments = image.file.entrypoint[1:]
            process = image.python(*arguments, **servers, VASARI_GATEWAY_ADDRESS=GATEWAY)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            deadline = time.monotonic() + READY_SECONDS
            while not image.healthy:
                assert process.poll() is None, image.log()
                assert time.monotonic() < deadline, image.log()
                time.sleep(0.5)
            print(f"{image.service}: {' '.join(image.file.entrypoint)} is healthy", flush=True)
        with Client(GATEWAY) as client:
            made = client.submit(inputs.portrait(), ROOT / "samples" / "speech.flac", Controls(size=256))
            *_, done = client.watch(made)
            assert done.state == jobs_pb2.JOB_STATE_SUCCEEDED, done.failure
            client.download(done, folder / "video.mp4")
            print(f"together: a video of {done.result.frames} frames, {done.result.size_bytes} bytes", flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="vasari-images-") as name:
        folder = Path(name)
        images = {service: Image(service, folder / service) for service in NAMES}
        for service, image in images.items():
            began = time.monotonic()
            image.build()
            there = image.run("-c", "import torch") == 0
            assert there is (service not in WITHOUT_TORCH), f"{service}: torch is {'there' if there else 'missing'}"
            size = sum(file.stat().st_size for file in image.venv.rglob("*") if file.is_file())
            seconds = time.monotonic() - began
            print(f"{service}: installed in {seconds:.0f} s, {size / 2**20:.0f} MiB, torch: {there}", flush=True)
        _make_a_video(images, folder)


if __name__ == "__main__":
    main()
