"""The motion space beside the lips: head, gaze, lids, brows and expression, as groups of channels.

The network knows a space only by its width and the spread of its channels. Another space (face latents learned from
video, as VASA-1 has them) takes this one's place by another `Space` and another composition into what is rendered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FPS: Final = 25
"""Frames per second at which motion is learned and generated."""


@dataclass(frozen=True)
class Channel:
    """One curve."""

    name: str
    centre: float
    spread: float
    """Mean and standard deviation, about, of its values: what the generator sees is normalised by them."""


@dataclass(frozen=True)
class Group:
    """Channels that belong together."""

    name: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Space:
    """Groups of channels, in order."""

    groups: tuple[Group, ...]

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(channel for group in self.groups for channel in group.channels)

    @property
    def width(self) -> int:
        return len(self.channels)

    def index(self, name: str) -> int:
        """Column of a channel. Raises ValueError for a name that the space does not have."""
        return [channel.name for channel in self.channels].index(name)

    def normalised(self, curves: NDArray[np.floating]) -> NDArray[np.float32]:
        """(..., width) in the channels' own units -> about standard normal."""
        return ((curves - self._centre) / self._spread).astype(np.float32)

    def restored(self, curves: NDArray[np.floating]) -> NDArray[np.float64]:
        """The way back."""
        return np.asarray(curves * self._spread + self._centre, np.float64)

    @property
    def _centre(self) -> NDArray[np.float64]:
        return np.array([channel.centre for channel in self.channels])

    @property
    def _spread(self) -> NDArray[np.float64]:
        return np.array([channel.spread for channel in self.channels])


FACE: Final = Space(
    (
        Group(
            "head",
            (
                Channel("yaw", 0.0, 5.0),
                Channel("pitch", 0.0, 4.0),
                Channel("roll", 0.0, 3.0),
                Channel("x", 0.0, 0.05),
                Channel("y", 0.0, 0.06),
                Channel("z", 0.0, 0.05),
            ),
        ),
        Group("gaze", (Channel("glance_yaw", 0.0, 3.0), Channel("glance_pitch", 0.0, 1.8))),
        Group("lids", (Channel("blink", 0.1, 0.25),)),
        Group("brows", (Channel("inner_up", 0.15, 0.15), Channel("outer_up", 0.1, 0.1), Channel("knit", 0.05, 0.1))),
        Group("expression", (Channel("smile", 0.06, 0.1), Channel("frown", 0.03, 0.07), Channel("squint", 0.04, 0.06))),
        Group("emotion", (Channel("strength", 1.0, 0.2),)),
    )
)
"""Head in degrees and interocular distances, glances in degrees beside where the eyes were wished to look, lids, brows
and expression as blendshape coefficients, the strength of the wished emotion relative to its weight."""
