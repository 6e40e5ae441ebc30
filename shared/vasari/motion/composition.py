"""From what is generated, the lips and a user's wishes to `Motion`."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vasari.motion import lips
from vasari.motion.acting import Acting
from vasari.motion.camera import camera_path
from vasari.motion.chance import Times
from vasari.motion.control_signals import ControlSignals
from vasari.motion.emotions import emotion_path
from vasari.motion.expression import PATTERNS, POSTURES, blend
from vasari.motion.eyes import Blinks, Glances, look
from vasari.motion.reach import reach
from vasari.motion.space import FACE
from vasari.motion.speech import TICK
from vasari.values import COEFFICIENTS, Controls, Emotion, EmotionKeyframe, Motion
from vasari.values.motion import CAMERA_DISTANCE

Array = NDArray[np.float64]

_LIMIT: Final = np.array([16.0, 12.0, 9.0])
"""Degrees that a single photo can carry."""
_EASE_SECONDS: Final = 0.9
"""The first frame shows the photo's own pose; motion sets in over about this time."""
_COUNTER: Final = np.array([0.35, 0.3])
"""Part of the head's yaw and pitch that the eyes take back to stay on the viewer. More looks wall-eyed."""
_NEAR: Final = 8.0
"""Degrees: who is asked to look further away than this does not hold on to the viewer."""
_WIDER: Final = 0.4
"""How far raised brows lift the upper lids."""
_HELD: Final = 0.75
"""Part of what is acted that an emotion at weight 1 takes away; a weaker one takes less, as the root of its weight."""
_MOST: Final = {"eyeBlink": 0.2, "eyeWide": 0.6}
"""Of what is acted: lids that hang lower look drowsy, and eyes that open wider frightened."""
_SEEN: Final = 0.7
"""Power of an emotion's weight by which it shows: a smile half as wide as the widest passes for none."""
_MOUTH_YIELDS: Final = 0.3
"""Part of an emotion's hold on the mouth that speech takes away."""


class Composition:
    """The wishes of one job, over all its blocks.

    Args:
        identity: proportions of the face that will speak: they set how far its mouth opens.
        said: what tells the recording from others, see `fingerprint`: eyes do not do the same in each.
    """

    def __init__(self, controls: Controls, identity: NDArray[np.floating] | None, said: int) -> None:
        self._controls = controls
        self._mouth = controls.mouth_amplitude * reach(identity)
        # The eyes keep to rules: of what it was taught of them the generator has not learned enough yet. It blinks 18
        # to 23 times where 6 to 50 were wished for, and its glances stay away for too long.
        blinks, glances, acting = np.random.SeedSequence((controls.seed, 3, said)).spawn(3)
        self._blinks = Blinks(np.random.default_rng(blinks), controls.blink_rate)
        self._glances = Glances(np.random.default_rng(glances), ControlSignals.of(controls), controls.look_away)
        self._felt = controls.emotion_keyframes or (EmotionKeyframe(emotion=controls.emotion),)
        self._acting = Acting(acting, self._felt)
        self._averted = controls.expressiveness * min(1.0, controls.look_away / Controls.look_away)
        self._start: Array | None = None

    def __call__(self, times: Times, generated: Array, first: int, lip_curves: lips.LipCurves) -> Motion:
        """Frames at the given times, in order from the first: `generated` (T, 16) has the curves of `FACE`,
        `lip_curves` begins at tick `first`."""
        controls = self._controls
        ticks = (first + np.arange(len(lip_curves.activity))) * TICK

        def at_frames(curve: NDArray[np.floating]) -> NDArray[np.floating]:
            return np.asarray(np.interp(times, ticks, curve))

        strength = generated[:, FACE.index("strength"), None]
        weights = emotion_path(self._felt, times)
        posture = np.zeros((len(times), 6))
        posture[:, [0, 1, 2, 5]] = weights @ np.array([POSTURES[emotion] for emotion in Emotion])
        acted = self._acting(times, first, lip_curves.activity, lip_curves.energy)
        lively = controls.expressiveness * (1 - _HELD * np.sqrt(weights.sum(1, keepdims=True)))
        rotation, translation = self._head(times, generated[:, :6] + strength * posture + lively * acted.pose)
        aim = np.array([controls.gaze.yaw, controls.gaze.pitch])
        counter = _COUNTER * np.exp(-((aim / _NEAR) ** 2).sum())
        gaze = aim + self._glances(times) + self._averted * acted.gaze - counter * rotation[:, :2]
        activity = at_frames(lips.smooth(lip_curves.activity, 0.2))
        curves: dict[str, NDArray[np.floating]] = {**look(gaze), **self._expression(generated, weights, activity)}
        for name, curve in acted.face.items():
            most = _MOST.get(name.removesuffix("Left").removesuffix("Right"), 1.0)
            curves[name] = blend(curves.get(name, np.zeros(len(times))), _limited(lively[:, 0] * curve, most))
        for side in ("Left", "Right"):
            curves[f"mouthFrown{side}"] = curves[f"mouthFrown{side}"] * (1 - curves[f"mouthSmile{side}"])
        for name, curve in lips.mouth(lip_curves, self._mouth).items():
            curves[name] = blend(curves[name], at_frames(curve)) if name in curves else at_frames(curve)
        closed = at_frames(lip_curves.closed)
        for name in ("mouthUpperUpLeft", "mouthUpperUpRight"):
            curves[name] = curves[name] * (1 - closed)
        curves["mouthClose"] = np.maximum(curves["mouthClose"], closed * curves["jawOpen"])
        blink = self._blinks(times, acted.ends)
        for side in ("Left", "Right"):
            curves[f"eyeBlink{side}"] = blend(curves.get(f"eyeBlink{side}", np.zeros(len(times))), blink)

        coefficients = np.zeros((len(times), len(COEFFICIENTS)), np.float32)
        for name, curve in curves.items():
            amplitude = controls.brow_amplitude if name.startswith("brow") else 1.0
            coefficients[:, COEFFICIENTS.index(name)] = np.clip(amplitude * curve, 0, 1)
        tongue = np.clip(at_frames(lip_curves.alveolar), 0, 1).astype(np.float32)
        return Motion(
            rotation.astype(np.float32),
            translation.astype(np.float32),
            coefficients,
            tongue,
            float(controls.fps),
            camera_path(controls.camera, times),
        )

    def _head(self, times: Times, pose: Array) -> tuple[Array, Array]:
        """Rotation in degrees and translation in interocular distances, starting as the photo is."""
        if self._start is None:
            self._start = pose[:1]
        eased = pose - self._start * np.exp(-((times / _EASE_SECONDS) ** 2))[:, None]
        rotation, translation = np.hsplit(self._controls.head_motion * eased, 2)
        translation[:, 2] += CAMERA_DISTANCE * (self._controls.head_distance - 1)
        return _limited(rotation, _LIMIT), translation

    def _expression(
        self, generated: Array, weights: Array, activity: NDArray[np.floating]
    ) -> dict[str, NDArray[np.floating]]:
        def channel(name: str) -> Array:
            return _limited(self._controls.expressiveness * np.maximum(generated[:, FACE.index(name)], 0), 1.0)

        outer_up, smile, frown, squint = (channel(name) for name in ("outer_up", "smile", "frown", "squint"))
        curves: dict[str, NDArray[np.floating]] = {"browInnerUp": channel("inner_up"), "mouthShrugLower": 0.4 * frown}
        for side in ("Left", "Right"):
            curves[f"browOuterUp{side}"] = outer_up
            curves[f"browDown{side}"] = channel("knit")
            curves[f"eyeWide{side}"] = _WIDER * outer_up
            curves[f"mouthSmile{side}"] = smile
            curves[f"mouthFrown{side}"] = frown
            curves[f"cheekSquint{side}"] = 0.5 * smile
            curves[f"eyeSquint{side}"] = squint
        strength = generated[:, FACE.index("strength")]
        pattern: dict[str, Array] = {}
        felt = weights * np.maximum(weights.sum(1, keepdims=True), 1e-6) ** (_SEEN - 1)
        for emotion, weight in zip(Emotion, felt.T, strict=True):
            if weight.any():
                for name, value in PATTERNS[emotion].items():
                    pattern[name] = pattern.get(name, np.zeros(len(weight))) + weight * value
        for name, wished in pattern.items():
            held = 1 - _MOUTH_YIELDS * activity if name.startswith(("mouth", "jaw")) else 1.0
            curves[name] = blend(curves.get(name, np.zeros(len(strength))), np.clip(wished * strength * held, 0, 1))
        return curves


def _limited(curve: Array, limit: Array | float) -> Array:
    """Approaches +-limit and never passes it; half of it is left as it is, to 1.5%."""
    return np.asarray(curve / (1 + np.abs(curve / limit) ** 4) ** 0.25)
