"""The options that shape a video, defined once for `render` and `submit` and checked by the rules of controls.proto."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

if TYPE_CHECKING:
    from vasari.proto.v1 import controls_pb2
    from vasari.values import Controls, InputError
    from vasari.values.rules import Violation

_PANEL: Final = "Controls"
LARGEST: Final = 3840
"""Pixels along the longer side of a video, as controls.proto has it."""


def _option(help: str, metavar: str | None = None) -> Any:
    return typer.Option(help=help, metavar=metavar, rich_help_panel=_PANEL)


@dataclass(frozen=True)
class Wishes:
    """The options as they were typed."""

    seed: Annotated[int, _option("The same seed and inputs give the same video.")] = 0
    fps: Annotated[int, _option("Frames per second, 10 to 60.")] = 25
    size: Annotated[
        str,
        _option(
            "Longer side of the video in pixels, even, 128 to 3840; or 'photo' for the photo's own, with --framing "
            "portrait.",
            "PIXELS",
        ),
    ] = "512"
    framing: Annotated[Literal["face", "portrait"], _option("A square around the head, or the whole photo.")] = "face"
    background: Annotated[
        str | None,
        _option("A color to stand behind the person instead of the photo's background.", "#RRGGBB"),
    ] = None
    emotion: Annotated[
        list[str] | None,
        _option(
            "happy, sad, angry, surprised, afraid, disgusted or contempt, with a weight of 0 to 1. Repeatable. With "
            "seconds before them they change: '0:neutral 2:happy=0.8 4:happy=0.2,surprised=0.6'.",
            metavar="NAME=WEIGHT",
        ),
    ] = None
    gaze: Annotated[
        str,
        _option("Degrees: -30 to 30 to the image's right, -20 to 20 up, from where the head looks.", "YAW,PITCH"),
    ] = "0,0"
    head_motion: Annotated[float, _option("0 keeps the head still, 1 moves as a speaker does, at most 2.")] = 1.0
    head_distance: Annotated[float, _option("Relative to the photo, 0.7 to 1.5; more is farther away.")] = 1.0
    blink_rate: Annotated[float, _option("Blinks a minute, 0 to 60.")] = 28.0
    mouth_amplitude: Annotated[float, _option("How far the mouth moves: 0 shut, 1 natural, at most 2.")] = 1.0
    brow_amplitude: Annotated[
        float, _option("How far the brows move, in an emotion too: 0 not at all, 1 as a speaker's do, at most 2.")
    ] = 1.0
    expressiveness: Annotated[
        float,
        _option("How much brows, lids, smiles, looks and head act: 0 nothing, 1 as a speaker on film, at most 2."),
    ] = 1.0
    look_away: Annotated[
        float,
        _option("Share of the time in which the eyes glance beside what they look at, 0 to 1; 0 never leaves it."),
    ] = 0.625
    camera: Annotated[
        str,
        _option(
            "The camera goes round the person: degrees to the image's right, degrees up, and the distance relative to "
            "the photo. One place, such as 15,5 or 15,0,1.2; or keyframes with their seconds, such as "
            "'0:0,0 2:15,0 4:0,5,1.2'; or a CSV file of second,yaw,pitch,distance. At most 25 degrees aside and 15 up.",
            "YAW,PITCH[,DISTANCE]",
        ),
    ] = ""
    face_index: Annotated[int | None, _option("Which face when the photo shows several: 0 is the largest.")] = None

    @property
    def camera_file(self) -> Path | None:
        """The file with the camera's keyframes, where --camera names one."""
        path = Path(self.camera)
        return path if path.suffix == ".csv" and path.is_file() else None

    def controls(self, portrait: Path | None = None) -> Controls:
        """What the options ask for.

        Args:
            portrait: the photo whose size `size` may be.

        Raises:
            InputError: the portrait's size cannot be read.
            InvalidRequest: with a violation for each option that breaks its rule.
        """
        from vasari.values.rules import InvalidRequest, Violation, check
        from vasari.values.wire import controls_from_proto

        message = self._message(portrait)
        try:
            check(message)
        except InvalidRequest as error:
            raise InvalidRequest(Violation(_flag(v), v.description) for v in error.violations) from None
        return controls_from_proto(message)

    def _message(self, portrait: Path | None) -> controls_pb2.Controls:
        from vasari.proto.v1 import controls_pb2

        words = [word for text in self.emotion or () for word in text.split() or [text]]
        yaw, pitch = _parse_gaze(self.gaze)
        message = controls_pb2.Controls(
            emotions=[share for word in words if ":" not in word for share in _parse_emotions(word)],
            emotion_keyframes=[_parse_emotion_keyframe(word) for word in words if ":" in word],
            gaze=controls_pb2.Gaze(yaw=yaw, pitch=pitch),
            head_motion=self.head_motion,
            head_distance=self.head_distance,
            blink_rate=self.blink_rate,
            mouth_amplitude=self.mouth_amplitude,
            brow_amplitude=self.brow_amplitude,
            look_away=self.look_away,
            expressiveness=self.expressiveness,
            framing=f"FRAMING_{self.framing.upper()}",
            size=self._pixels(portrait),
            camera=_parse_camera(_one_line(self.camera_file) if self.camera_file else self.camera),
        )
        for name in ("seed", "fps", "background", "face_index"):
            value = getattr(self, name)
            try:
                if value is not None:
                    setattr(message, name, value)
            except ValueError:  # beyond the message's integers, let alone the rule
                raise _refusal(f"--{name.replace('_', '-')}", f"is far out of range: {value}") from None
        return message

    def _pixels(self, portrait: Path | None) -> int:
        """The video's longer side: at most `LARGEST` of a larger photo."""
        if self.size != "photo":
            if not self.size.isdecimal() or len(self.size) > 6:
                raise _refusal("--size", f"must be from 128 to {LARGEST}, or 'photo', is {self.size!r}")
            return int(self.size)
        if self.framing != "portrait" or portrait is None:
            raise _refusal("--size", "photo shows the whole photo: add --framing portrait")
        from vasari.media.portrait_header import check_portrait_header

        return min(max(check_portrait_header(portrait)) // 2 * 2, LARGEST)


def _parse_emotion(text: str) -> controls_pb2.EmotionWeight:
    from vasari.proto.v1 import controls_pb2
    from vasari.values import Emotion

    name, _, weight = text.partition("=")
    known = [emotion.value for emotion in Emotion]
    if name not in known:
        raise _refusal("--emotion", f"knows no {name!r}; it knows {', '.join(known)}")
    try:
        return controls_pb2.EmotionWeight(emotion=f"EMOTION_{name.upper()}", weight=float(weight))
    except ValueError:
        raise _refusal("--emotion", f"wants NAME=WEIGHT such as happy=0.6, is {text!r}") from None


def _parse_emotions(text: str) -> list[controls_pb2.EmotionWeight]:
    """What is felt at one time: NAME=WEIGHT, or several with commas between them."""
    return [] if text == "neutral" else [_parse_emotion(part) for part in text.split(",")]


def _parse_emotion_keyframe(text: str) -> controls_pb2.EmotionKeyframe:
    from vasari.proto.v1 import controls_pb2

    second, _, felt = text.partition(":")
    try:
        moment = float(second)
    except ValueError:
        raise _refusal("--emotion", f"wants SECOND:NAME=WEIGHT such as 2:happy=0.6, is {text!r}") from None
    return controls_pb2.EmotionKeyframe(second=moment, emotions=_parse_emotions(felt))


def _parse_gaze(text: str) -> tuple[float, float]:
    try:
        yaw, pitch = map(float, text.split(","))
    except ValueError:
        raise _refusal("--gaze", f"wants YAW,PITCH in degrees such as 10,-5, is {text!r}") from None
    return yaw, pitch


def _one_line(path: Path) -> str:
    """A file's keyframes, as they are typed."""
    lines = [line.strip() for line in path.read_text().splitlines()]
    return " ".join(line.replace(",", ":", 1) for line in lines if line and not line[0].isalpha())


def _parse_camera(text: str) -> list[controls_pb2.CameraKeyframe]:
    """Keyframes as they are typed; a place without a second is one at the beginning."""
    from vasari.proto.v1 import controls_pb2

    keyframes = []
    for word in text.split():
        second, _, place = word.rpartition(":")
        try:
            moment, (yaw, pitch, *distance) = float(second or 0), map(float, place.split(","))
            if len(distance) > 1:
                raise ValueError
        except ValueError:
            raise _refusal(
                "--camera", f"wants YAW,PITCH[,DISTANCE] or SECOND:YAW,PITCH[,DISTANCE], is {word!r}"
            ) from None
        keyframe = controls_pb2.CameraKeyframe(second=moment, yaw=yaw, pitch=pitch)
        if distance:
            keyframe.distance = distance[0]
        keyframes.append(keyframe)
    return keyframes


def _flag(violation: Violation) -> str:
    """The option behind a field of vasari.v1.Controls: `emotions[0].weight` is --emotion, `gaze.yaw` is --gaze yaw."""
    whole = next((name for name in ("background", "camera") if name in violation.description), "emotions")
    path = violation.field or whole
    if path.startswith("camera"):
        return f"--camera {path.removeprefix('camera')}".strip()
    if path.startswith("emotion"):
        return "--emotion"
    return f"--{path.replace('_', '-').replace('.', ' ')}"


def _refusal(option: str, description: str) -> InputError:
    from vasari.values.rules import InvalidRequest, Violation

    return InvalidRequest([Violation(option, description)])
