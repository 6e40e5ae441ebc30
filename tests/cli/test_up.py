"""`vasari up`: real servers in the foreground, from the first line to the clean stop. No workers: they start slowly."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from vasari.cli.app import run
from vasari.client import Client
from vasari.local.servers import free_ports


def test_it_starts_says_where_and_stops_cleanly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (port,) = free_ports(1)
    workers = "face-encode=0,motion=0,render=0"
    command = [Path(sys.executable).with_name("vasari"), "up", "--port", str(port), "--data", tmp_path]
    options = ["--workers", workers, "--require-keys"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as up:
        assert up.stdout is not None
        assert up.stderr is not None
        started = []
        for line in up.stdout:
            if line.startswith("ready"):
                break
            if line.startswith("API key"):
                key = re.findall(r"vsk_\S+", line)[0]
                continue
            started.append(line.split()[0])
            last = line
        assert set(started) == {"postgres", "valkey", "seaweedfs", "gateway", "dispatcher", "metrics:"}
        pages = json.loads(Path(last.split()[-1]).read_text())
        assert {page["labels"]["process"] for page in pages} == {"gateway", "dispatcher"}
        for page in pages:
            with urllib.request.urlopen(f"http://{page['targets'][0]}/metrics") as answer:
                assert b"vasari_ready 1.0" in answer.read()
        assert f"ready at 127.0.0.1:{port}" in line
        with Client(f"127.0.0.1:{port}", api_key=key) as client:
            assert list(client.jobs()) == []
        assert run(["jobs", "--target", f"127.0.0.1:{port}"]) == 2
        assert "give it in VASARI_API_KEY, or as --api-key" in capsys.readouterr().err

        assert run(["up", "--port", str(port), "--data", str(tmp_path)]) == 2
        assert f"port {port} cannot be used" in capsys.readouterr().err

        up.send_signal(signal.SIGTERM)
        assert up.wait(30) == 0
        assert up.stdout.read() == "stopping\n"
        assert up.stderr.read() == ""
