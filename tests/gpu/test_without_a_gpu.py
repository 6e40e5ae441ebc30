"""What runs on a GPU, on one that is only pretended: nothing lies on the wrong device, and a frame never waits for the
host. About 15 s. `python -m tests.gpu.check` is for a machine that has one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from tests.gpu import check
from tests.gpu.pretended import Waits, never_waits, pretended_gpu
from tests.render.measure import motion, wandering
from torch import Tensor

from vasari.motion import animate
from vasari.motion.articulation import articulation
from vasari.motion.diffusion_transformer import diffusion_transformer
from vasari.motion.whisper import whisper
from vasari.render import Renderer, RenderOptions
from vasari.render.canvas.operations import as_gpus_draw
from vasari.values import Motion

MOTIONS: dict[str, Callable[[], Motion]] = {
    "everything moves": lambda: wandering(2),
    "a camera that goes round": lambda: dataclasses.replace(wandering(1), camera=np.array([[12, -6, 1.1]], np.float32)),
    "the widest mouth, the tongue put out": lambda: motion(jawOpen=1, tongueOut=1),
}


BENCH = check.Bench("cpu", short=True)


@pytest.fixture(scope="module")
def renderers() -> tuple[Renderer, Renderer]:
    """As GPUs draw, but on the CPU; and on the pretended GPU."""
    options = RenderOptions(192)
    with as_gpus_draw():
        here = Renderer(BENCH.appearance, options)
    with pretended_gpu():
        return here, Renderer(BENCH.appearance, options, "cuda")


@pytest.mark.parametrize("name", MOTIONS)
def test_a_frame(name: str, renderers: tuple[Renderer, Renderer]) -> None:
    here, there = renderers
    asked = here._asked(MOTIONS[name]())
    with as_gpus_draw():
        expected = here._drawn_as(asked).numpy().astype(int)
    with pretended_gpu():
        given = asked.to("cuda")
        with never_waits():
            drawn = there._drawn_as(given)
        assert drawn.device.type == "cuda"
        assert np.abs(drawn.cpu().numpy() - expected).max() <= 1


def test_motion() -> None:
    speech = BENCH.speech[:32_000]
    try:
        with pretended_gpu():
            there = animate(speech, device="cuda")
    finally:
        for network in (whisper, articulation, diffusion_transformer):
            network.cache_clear()
    here = animate(speech)
    assert np.abs(there.coefficients - here.coefficients).max() < 1e-4
    assert np.abs(there.rotation - here.rotation).max() < 1e-2


def test_a_step_of_training() -> None:
    with pretended_gpu(), patch.object(torch.cuda, "synchronize", lambda: None):
        check.learning(check.Bench("cuda", short=True))


class TestThePretendedGpuRefuses:
    def test_operations_that_mix_devices(self) -> None:
        with pretended_gpu(), pytest.raises(RuntimeError, match="mixes devices"):
            torch.ones(3, device="cuda") + torch.ones(3)

    def test_numpy(self) -> None:
        with pretended_gpu(), pytest.raises(TypeError, match="copy it to the host"):
            torch.ones(3, device="cuda").numpy()

    @pytest.mark.parametrize("wait", [bool, float, Tensor.tolist, Tensor.cpu, Tensor.nonzero])
    def test_waits_where_there_may_be_none(self, wait: Callable[[torch.Tensor], object]) -> None:
        with pretended_gpu(), never_waits(), pytest.raises(Waits):
            wait(torch.ones((), device="cuda"))


def test_the_check_of_a_gpu_rehearsed_on_a_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measures = ["machine", "one_frame", "recorded_against_eager", "drawing", "sharing", "copies"]
    output = tmp_path / "gpu.json"
    monkeypatch.setattr("sys.argv", ["check", "--device=cpu", "--short", f"--output={output}", "--only", *measures])
    assert check.main() == 0
    figures = json.loads(output.read_text())
    assert set(figures) == set(measures)
    assert all(row["frames_per_second"] > 0 for row in figures["drawing"]["rows"])
