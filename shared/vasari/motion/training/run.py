"""One run of training: its folder, its checkpoint and its curves. Stopped at any moment, it goes on from there."""

from __future__ import annotations

import copy
import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Generic, TypeVar

import matplotlib
import torch
from torch import Tensor, nn

_SAVED_EVERY: Final = 200
_WARMUP: Final = 100


Network = TypeVar("Network", bound=nn.Module)


class Run(Generic[Network]):
    """A network and its optimiser in a folder.

    Args:
        folder: holds NAME.pt (the checkpoint), NAME.csv and NAME.png (the curves); made when it is not there.
        steps: to be done in all, those of earlier runs included.
        rate: the highest learning rate, reached after a warm-up and left along half a cosine.
        kept: share of the running mean of the weights that a step keeps.
    """

    def __init__(self, folder: Path, name: str, network: Network, steps: int, rate: float, kept: float = 0.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.network = network
        self.optimiser = torch.optim.AdamW(network.parameters(), rate, weight_decay=0.01)
        self._folder, self._name, self._steps, self._rate = folder, name, steps, rate
        self._kept = kept
        self._mean = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
        self._done = 0
        self._figures: list[dict[str, float]] = []
        if self._checkpoint.exists():
            state = torch.load(self._checkpoint, weights_only=True)
            network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
            self._done, self._figures, self._mean = state["step"], state["figures"], state["mean"]

    @property
    def _checkpoint(self) -> Path:
        return self._folder / f"{self._name}.pt"

    def steps(self) -> Iterator[int]:
        """The steps that are still to be done; the checkpoint is saved now and then, and at the end."""
        for step in range(self._done, self._steps):
            torch.manual_seed(step)  # dropout alike after a resumption
            for group in self.optimiser.param_groups:
                cosine = 0.5 * (1 + math.cos(math.pi * step / self._steps))
                group["lr"] = self._rate * min((step + 1) / _WARMUP, 1.0) * cosine
            yield step
            self._done = step + 1
            if self._done % _SAVED_EVERY == 0 or self._done == self._steps:
                self._save()

    def descend(self, loss: Tensor) -> None:
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        kept = min(self._kept, self._done / (self._done + 10))  # the first steps are soon forgotten
        for name, tensor in self.network.state_dict().items():
            self._mean[name].lerp_(tensor.detach(), 1 - kept)

    def averaged(self) -> Network:
        """The network with the running mean of its weights."""
        network = copy.deepcopy(self.network)
        network.load_state_dict(self._mean)
        return network

    def log(self, step: int, **figures: float) -> None:
        self._figures.append({"step": step, **figures})
        print(" ".join(f"{name} {figure:.4g}" for name, figure in self._figures[-1].items()), flush=True)

    def _save(self) -> None:
        unfinished = self._checkpoint.with_suffix(".part")
        state = {"network": self.network.state_dict(), "optimiser": self.optimiser.state_dict(), "mean": self._mean}
        torch.save({**state, "step": self._done, "figures": self._figures}, unfinished)
        unfinished.rename(self._checkpoint)
        if self._figures:
            self._draw()

    def _draw(self) -> None:
        names = list(dict.fromkeys(name for row in self._figures for name in row))
        with (self._folder / f"{self._name}.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, names)
            table.writeheader()
            table.writerows(self._figures)
        matplotlib.use("Agg")
        from matplotlib import pyplot

        curves = [name for name in names if name != "step"]
        picture, axes = pyplot.subplots(len(curves), sharex=True, squeeze=False, figsize=(7, 2 * len(curves)))
        for name, axis in zip(curves, axes[:, 0], strict=True):
            rows = [row for row in self._figures if name in row]
            axis.plot([row["step"] for row in rows], [row[name] for row in rows])
            axis.set_ylabel(name)
        picture.savefig(self._folder / f"{self._name}.png")
        pyplot.close(picture)
