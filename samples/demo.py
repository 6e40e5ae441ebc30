"""`make demo`: start the whole stack, send one job through its gateway, leave out/demo.mp4, stop the stack.

The portrait is the US Navy's of Grace Hopper (public domain), which matplotlib carries; the speech is `speech.flac`
beside this file. The stack's data stay in .vasari/, so that a second run finds the face in the cache.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib

from vasari.local.servers import free_ports

HERE = Path(__file__).parent
VASARI = Path(sys.executable).with_name("vasari")
PORTRAIT = Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")
SPEECH = HERE / "speech.flac"
OUTPUT = HERE.parent / "out" / "demo.mp4"
DATA = HERE.parent / ".vasari"


def main() -> int:
    OUTPUT.parent.mkdir(exist_ok=True)
    (port,) = free_ports(1)
    up = subprocess.Popen(
        [VASARI, "up", "--data", DATA, "--port", str(port)], stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        assert up.stdout is not None
        for line in up.stdout:
            print(line, end="", flush=True)
            if line.startswith("ready"):
                break
        else:
            return up.wait() or 1
        submit = [VASARI, "submit", PORTRAIT, SPEECH, "-o", OUTPUT, "--target", f"127.0.0.1:{port}"]
        return subprocess.run(submit).returncode
    finally:
        if up.poll() is None:
            up.terminate()
        rest, _ = up.communicate(timeout=60)
        print(rest, end="")


if __name__ == "__main__":
    sys.exit(main())
