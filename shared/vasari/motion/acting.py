"""How a speaker acts what is said, phrase by phrase: an attitude that sets in with the first stress and is let go of at
the end, brows and nods on accents, and a look away while the next words are sought.

Brows rise and heads nod with stresses (Graf et al. 2002, Munhall et al. 2004); raised and knitted brows underline and
ask (Ekman 1979, "About brows"); who seeks the next words looks away, and back when they are found (Cassell et al.
1999). Figures are chosen such that faces change as far and as fast as filmed ones do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vasari.motion.chance import Times, Wander
from vasari.motion.emotions import emotion_path
from vasari.motion.phrases import Cut, Moment, Phrases
from vasari.values import COEFFICIENTS, Emotion, EmotionKeyframe

Array = NDArray[np.float64]
Curves = NDArray[np.floating]


class Attitude(NamedTuple):
    """What a face says of what is said."""

    mood: float
    """-1 grave to 1 glad: attitudes of like moods follow each other."""
    face: Mapping[str, float]
    """Coefficients, without the side's name; "+" before it is the side to which the head leans, "-" the other."""
    head: tuple[float, float, float, float]
    """Yaw, pitch, roll in degrees and distance, interocular; yaw and roll to the side."""
    averted: float = 0.0
    """How often the eyes are still elsewhere when it sets in."""


ATTITUDES: Final = (
    Attitude(0.1, {"eyeBlink": 0.05, "mouthSmile": 0.06}, (3.0, 0.5, -1.0, 0.0)),
    Attitude(
        0.3,
        {"browInnerUp": 0.28, "browOuterUp": 0.56, "eyeWide": 0.20, "mouthSmile": 0.16},
        (2.0, 3.0, 1.5, -0.14),
    ),
    Attitude(
        0.9,
        {"mouthSmile": 0.70, "cheekSquint": 0.45, "eyeSquint": 0.16, "browOuterUp": 0.15},
        (2.5, 2.0, 3.0, -0.06),
    ),
    Attitude(
        0.7,
        {"+mouthSmile": 0.70, "-mouthSmile": 0.30, "+cheekSquint": 0.40, "-cheekSquint": 0.2, "browOuterUp": 0.30},
        (-4.0, 1.5, 3.0, 0.0),
    ),
    Attitude(
        -0.5,
        {"browDown": 0.42, "eyeSquint": 0.14, "eyeBlink": 0.04, "mouthFrown": 0.26, "mouthPress": 0.12},
        (1.5, -3.5, 1.0, -0.12),
    ),
    Attitude(
        -0.2,
        {"+browOuterUp": 0.60, "-browDown": 0.28, "eyeSquint": 0.14, "eyeBlink": 0.04, "-mouthDimple": 0.25},
        (-4.5, 0.5, 4.0, 0.10),
        0.3,
    ),
    Attitude(
        -0.1,
        {"browDown": 0.18, "browOuterUp": 0.15, "eyeBlink": 0.08, "mouthFrown": 0.24, "mouthShrugLower": 0.15},
        (4.5, -3.0, 2.0, 0.08),
        0.8,
    ),
    Attitude(
        -0.6,
        {"browInnerUp": 0.40, "browOuterUp": 0.10, "browDown": 0.10, "eyeBlink": 0.06, "mouthFrown": 0.30},
        (-2.0, -1.5, 3.0, -0.06),
    ),
)
"""Attending, eager, warm, amused, earnest, doubtful, thoughtful, concerned."""
_MOODS: Final = {
    Emotion.HAPPY: 1.0,
    Emotion.SAD: -0.8,
    Emotion.ANGRY: -0.8,
    Emotion.SURPRISED: 0.2,
    Emotion.AFRAID: -0.6,
    Emotion.DISGUSTED: -0.6,
    Emotion.CONTEMPT: -0.3,
}
_CALM: Final = 0.4
_SWINGS: Final = 0.5
"""A speaker's own mood, mean and standard deviation, and what each emotion adds to it."""
_ALIKE: Final = 0.55
"""How far an attitude's mood may well be from the speaker's, which wanders slowly."""
_STRENGTH: Final = (0.8, 1.5)
_RISE: Final = (0.35, 0.6)
"""Seconds in which an attitude sets in, half of them before the stress,"""
_SETTLE: Final = 0.9
"""in which its brows sink then to a part,"""
_SETTLED: Final = 0.6
_RELEASE: Final = (0.5, 0.9)
"""and in which, at the phrase's end, it is let go of but for a rest."""
_REST: Final = 0.3
_FLASH: Final = 0.6
"""Part of the accents on which brows rise, and by how much;"""
_FLASHES: Final = (0.25, 0.85)
_FLASH_SECONDS: Final = 0.13
_RAISED: Final = {"browInnerUp": 0.6, "browOuterUp": 1.0, "eyeWide": 0.28}
"""What rises then: more of the inner brows looks worried."""
_PULL: Final = 0.5
"""Part on which the mouth's corners are pulled, and by how much;"""
_PULLS: Final = (0.15, 0.45)
_PULL_SECONDS: Final = 0.2
_PULLED: Final[Mapping[bool, Mapping[str, float]]] = {
    True: {"+mouthSmile": 1.0, "-mouthSmile": 0.6, "cheekSquint": 0.3},
    False: {"+mouthFrown": 0.9, "-mouthFrown": 0.6, "-mouthDimple": 0.3},
}
"""What is pulled in a glad attitude, and in a grave one."""
_NOD: Final = 0.45
"""part on which the head nods, and by how many degrees."""
_NODS: Final = (1.5, 4.5)
_NOD_SECONDS: Final = 0.15
_BOW: Final = -0.012
"""Interocular distances by which a head that is lifted by a degree comes up as a whole: the back takes part."""
_SEEKS: Final = 0.5
"""Part of the pauses in which the eyes leave the viewer."""
_SACCADE: Final = 0.05
_UNEVEN: Final = 0.12
"""Difference of the two sides, standard deviation."""

SIDES: Final = ("Left", "Right")
_NAMES: Final = tuple(
    dict.fromkeys(
        name
        for attitude in ATTITUDES
        for key in attitude.face
        for name in ([key] if key in COEFFICIENTS else [f"{key.lstrip('+-')}{side}" for side in SIDES])
    )
)
_HEAD: Final = len(_NAMES)
"""Columns of a posture: coefficients, then yaw, pitch, roll and distance."""
_WIDTH: Final = _HEAD + 4
_BROWS: Final = [k for k, name in enumerate(_NAMES) if name.startswith("brow")]


class Acted(NamedTuple):
    """What is acted at T frames."""

    face: Mapping[str, Curves]
    """(T,) coefficients by name, beside what the face does anyhow."""
    pose: Array
    """(T, 6) as `Motion`'s rotation and translation."""
    gaze: Array
    """(T, 2) degrees beside the aim."""
    ends: Array
    """(n,) seconds at which phrases end, of late and soon."""


class Acting:
    """One speaker over a whole recording; blocks must come in order.

    Args:
        felt: emotions that are shown beside it: they set the mood.
    """

    def __init__(self, seed: np.random.SeedSequence, felt: Sequence[EmotionKeyframe] = ()) -> None:
        self._felt = felt
        mood, chance, phrases = seed.spawn(3)
        self._mood = Wander(np.random.default_rng(mood), 0.02, 0.12)
        self._chance = np.random.default_rng(chance)
        self._phrases = Phrases(int(phrases.generate_state(1)[0]))
        self._posture, self._gaze = _Path(_WIDTH), _Path(2)
        self._held = np.zeros(_WIDTH)
        self._last = 0
        self._beats: list[tuple[float, float, Array]] = []
        self._ends: list[float] = []

    def __call__(self, times: Times, first: int, activity: Curves, energy: Curves) -> Acted:
        """
        Args:
            times: (T,) seconds, after those of the last call.
            first: the tick at which the curves begin; they go on for a second and more after the last frame.
            activity: (n,) 0 in pauses, 1 in speech.
            energy: (n,) loudness 0..1.
        """
        for moment in self._phrases.hear(first, activity, energy):
            self._react(moment)
        posture = self._posture(times)
        self._beats = [beat for beat in self._beats if beat[0] > times[0] - 4 * beat[1]]
        for second, width, change in self._beats:
            posture += np.exp(-0.5 * ((times - second) / width) ** 2)[:, None] * change
        pose = np.zeros((len(times), 6))
        pose[:, [0, 1, 2, 5]] = posture[:, _HEAD:]
        pose[:, 4] = _BOW * pose[:, 1]
        self._ends = [end for end in self._ends if end > times[0] - 2]
        face = {name: np.maximum(posture[:, k], 0) for k, name in enumerate(_NAMES)}
        return Acted(face, pose, self._gaze(times), np.array(self._ends))

    def _react(self, moment: Moment) -> None:
        if moment.cut is Cut.END:
            self._let_go(moment.second)
            return
        if moment.cut is Cut.ONSET:
            self._take(moment.second)
        self._stress(moment)

    def _take(self, second: float) -> None:
        """Another attitude."""
        chance = self._chance
        mood = _CALM + _SWINGS * float(self._mood(np.array([second]))[0])
        if self._felt:
            (weights,) = emotion_path(self._felt, np.array([second]))
            mood += float(weights @ [_MOODS[emotion] for emotion in Emotion])
        likely = np.array([np.exp(-0.5 * ((attitude.mood - mood) / _ALIKE) ** 2) for attitude in ATTITUDES])
        likely[self._last] = 0
        self._last = int(chance.choice(len(ATTITUDES), p=likely / likely.sum()))
        attitude = ATTITUDES[self._last]
        self._held = chance.uniform(*_STRENGTH) * _posture(attitude, float(chance.choice((-1, 1))), chance)
        rise = chance.uniform(*_RISE)
        begin = second - rise / 2
        self._posture.go(begin, rise, self._held)
        settled = self._held.copy()
        settled[_BROWS] *= _SETTLED
        self._posture.go(begin + rise, _SETTLE, settled)
        if chance.random() < attitude.averted:
            self._gaze.go(begin, _SACCADE, _elsewhere(chance))
            self._gaze.go(second + chance.uniform(0.4, 1.1), _SACCADE, np.zeros(2))
        else:
            self._gaze.go(second - 0.1, _SACCADE, np.zeros(2))

    def _stress(self, moment: Moment) -> None:
        chance, change = self._chance, np.zeros(_WIDTH)
        flash = chance.uniform(*_FLASHES) * moment.strength * (chance.random() < _FLASH)
        change[:_HEAD] = flash * _face(_RAISED, 1, chance)
        self._beats.append((moment.second, _FLASH_SECONDS, change))
        corners = np.zeros(_WIDTH)
        pulled = chance.uniform(*_PULLS) * moment.strength * (chance.random() < _PULL)
        glad = ATTITUDES[self._last].mood > 0
        corners[:_HEAD] = pulled * _face(_PULLED[glad], float(chance.choice((-1, 1))), chance)
        self._beats.append((moment.second + 0.1, _PULL_SECONDS, corners))
        nod = np.zeros(_WIDTH)
        nod[_HEAD + 1] = -chance.uniform(*_NODS) * moment.strength * (chance.random() < _NOD)
        self._beats.append((moment.second + 0.04, _NOD_SECONDS, nod))

    def _let_go(self, second: float) -> None:
        chance = self._chance
        self._ends.append(second)
        self._posture.go(second, chance.uniform(*_RELEASE), _REST * self._held)
        if chance.random() < _SEEKS:
            self._gaze.go(second + chance.uniform(0.0, 0.25), _SACCADE, _elsewhere(chance))


def _posture(attitude: Attitude, side: float, chance: np.random.Generator) -> Array:
    """(_WIDTH,) of an attitude to one side, no two of them alike."""
    head = np.array(attitude.head) * chance.uniform(0.5, 1.5, 4) * (side, 1, side, 1)
    return np.concatenate([_face(attitude.face, side, chance), head])


def _face(face: Mapping[str, float], side: float, chance: np.random.Generator) -> Array:
    """(_HEAD,) coefficients, a little uneven but for the lids, which move as one."""
    values = np.zeros(_HEAD)
    for key, value in face.items():
        for name, sign in zip(SIDES, (side, -side), strict=True):
            if key[0] not in "+-" or (key[0] == "+") == (sign > 0):
                column = _NAMES.index(key if key in _NAMES else f"{key.lstrip('+-')}{name}")
                values[column] = value * (1 + _UNEVEN * chance.normal() * (not key.startswith("eye")))
    return values


def _elsewhere(chance: np.random.Generator) -> Array:
    """(2,) degrees of where somebody looks who thinks: aside, and up or down."""
    return np.array([chance.choice((-1, 1)) * chance.uniform(6, 15), chance.choice((-1, 1)) * chance.uniform(1, 7)])


class _Path:
    """A way from target to target, to each in a smooth step; it may leave for the next before it has arrived."""

    def __init__(self, width: int) -> None:
        self._left = np.zeros(width)
        self._steps: list[tuple[float, float, Array]] = []

    def go(self, second: float, within: float, target: Array) -> None:
        """From a second on, which was not asked for yet, within so many seconds; it forgets where it was to go then."""
        self._steps = [step for step in self._steps if step[0] < second]
        self._steps.append((second, within, target))

    def __call__(self, times: Times) -> Array:
        """(T,) seconds, not before those of the last call -> (T, width)"""
        while self._steps and sum(self._steps[0][:2]) < times[0]:
            self._left = self._steps.pop(0)[2]
        path, before = np.repeat(self._left[None], len(times), 0), self._left
        for second, within, target in self._steps:
            way = np.clip((times - second) / within, 0, 1)
            path += (way * way * (3 - 2 * way))[:, None] * (target - before)
            before = target
        return path
