"""Controls: what a user may wish of a video. One-to-one with `vasari.v1.Controls`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Emotion(StrEnum):
    """The basic emotions (Ekman's seven and neutral) that blend by weight."""

    HAPPY = "happy"
    SAD = "sad"
    ANGRY = "angry"
    SURPRISED = "surprised"
    AFRAID = "afraid"
    DISGUSTED = "disgusted"
    CONTEMPT = "contempt"


class Framing(StrEnum):
    """What part of the photo the video shows."""

    FACE = "face"
    """A square crop around head and shoulders."""
    PORTRAIT = "portrait"
    """The whole photo, with the moving face pasted back into it."""


@dataclass(frozen=True)
class Gaze:
    """Where the eyes look, relative to the head. Degrees."""

    yaw: float = 0.0
    """-30..30, positive to the image's right."""
    pitch: float = 0.0
    """-20..20, positive up."""


@dataclass(frozen=True)
class EmotionKeyframe:
    """The emotions at one moment. Between keyframes they pass into each other."""

    second: float = 0.0
    """From the video's beginning."""
    emotion: Mapping[Emotion, float] = field(default_factory=lambda: MappingProxyType({}))
    """As `Controls.emotion`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "emotion", _scaled(self.emotion))


@dataclass(frozen=True)
class CameraKeyframe:
    """Where the camera stands at one moment. Between keyframes it moves smoothly."""

    second: float = 0.0
    """From the video's beginning."""
    yaw: float = 0.0
    """Degrees round the person, -25..25, positive to the image's right."""
    pitch: float = 0.0
    """Degrees, -15..15, positive above the person."""
    distance: float = 1.0
    """Relative to the photo, 0.7..1.5."""


@dataclass(frozen=True)
class Controls:
    """Wishes for motion and picture. Defaults give a neutral, natural speaker.

    Ranges are checked where requests enter (the rules stand in controls.proto); the functions trust them.
    """

    emotion: Mapping[Emotion, float] = field(default_factory=lambda: MappingProxyType({}))
    """Weight 0..1 for each emotion; what they leave to 1 is neutral. A sum over 1 is scaled to 1."""
    emotion_keyframes: tuple[EmotionKeyframe, ...] = ()
    """Emotions that change, in any order of time, instead of `emotion`."""
    gaze: Gaze = Gaze()
    head_motion: float = 1.0
    """Amplitude of the generated head motion: 0 still, 1 as a speaker moves, at most 2."""
    head_distance: float = 1.0
    """Distance of the head relative to the photo, 0.7..1.5; larger is farther away and so smaller."""
    blink_rate: float = 28.0
    """Blinks per minute, 0..60."""
    mouth_amplitude: float = 1.0
    """How far the mouth moves: 0 shut, 1 natural, at most 2."""
    brow_amplitude: float = 1.0
    """How far the brows move, in an emotion too: 0 not at all, 1 as a speaker's do, at most 2."""
    expressiveness: float = 1.0
    """How much is acted beside the lips: brows, lids, smiles, looks and the head's part in them. 0 nothing, 1 as a
    speaker on film does, at most 2, an actor's."""
    look_away: float = 0.625
    """Share of the time in which the eyes glance beside what they look at, 0..1; 0 never leaves it."""
    seed: int = 0
    """The same seed and inputs give the same video. 0..2^63-1."""
    fps: int = 25
    """Frames per second, 10..60."""
    size: int = 512
    """Longer side of the video in pixels, even, 128..3840."""
    framing: Framing = Framing.FACE
    background: str | None = None
    """Color behind the person, "#" and six hexadecimal digits; None for the photo's own. With Framing.FACE only."""
    camera: tuple[CameraKeyframe, ...] = ()
    """Where the video is seen from, in any order; without keyframes, from where the photo was taken."""
    face_index: int | None = None
    """Which face of the portrait to animate when it shows several: 0 is the largest."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "emotion", _scaled(self.emotion))


def _scaled(emotion: Mapping[Emotion, float]) -> Mapping[Emotion, float]:
    total = sum(emotion.values())
    return MappingProxyType({e: weight / total for e, weight in emotion.items()}) if total > 1 else emotion
