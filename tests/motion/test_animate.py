"""What `animate` promises to everybody who renders what it gives. About 60 s."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vasari.evaluation.microphones import music
from vasari.motion import animate, animate_windows, frame_count
from vasari.motion.emotions import emotion_path
from vasari.values import COEFFICIENTS, Controls, Emotion, EmotionKeyframe, Gaze, InputError, Motion, Reason
from vasari.values.motion import CAMERA_DISTANCE, GAZE_YAW

Floats = NDArray[np.float32]
SAMPLE = Path(__file__).parents[2] / "samples" / "speech.flac"
SILENCES = ((0.05, 0.2), (6.45, 6.55))
BREATH = (2.12, 2.33)
"""Seconds of the sample in which nothing is said: before and after it, and between two sentences."""
PLOSIVES = {"portrait": 3.15, "bring": 4.90, "picture": 5.25}
NASALS = {"my": 0.70, "name": 1.10, "me": 2.70}
"""Where its p, b and m begin, by forced alignment."""
LIFE = (5.75, 5.95)
"""Where the l of its last word is."""
OPEN_VOWELS = {"hello": 0.5, "my": 0.82, "vasari": 1.65, "life": 5.9}


@pytest.fixture(scope="module")
def speech() -> Floats:
    with av.open(str(SAMPLE)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return np.asarray(np.concatenate(frames, 1)[0] / 32768, np.float32)


@pytest.fixture(scope="module")
def motion(speech: Floats) -> Motion:
    return animate(speech)


def gap(motion: Motion) -> Floats:
    """How far the lips are apart."""
    return motion("jawOpen") - motion("mouthClose") + motion("mouthLowerDownLeft") + motion("mouthUpperUpLeft")


def frames(motion: Motion, start: float, stop: float) -> slice:
    return slice(round(start * motion.fps), round(stop * motion.fps) + 1)


def same(a: Motion, b: Motion) -> bool:
    pairs = ((a.rotation, b.rotation), (a.translation, b.translation), (a.coefficients, b.coefficients))
    return all(np.array_equal(x, y) for x, y in pairs)


@given(st.integers(1, 10**8), st.integers(10, 60))
def test_picture_lasts_as_long_as_sound_to_one_frame(samples: int, fps: int) -> None:
    assert 0 <= frame_count(samples, fps) / fps - samples / 16000 < 1 / fps


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 14 * 16000), st.integers(1, 600), st.integers(10, 60), st.integers(0, 2**63 - 1))
def test_windows_join_to_the_whole(speech: Floats, samples: int, window: int, fps: int, seed: int) -> None:
    long = np.resize(speech, samples)
    controls = Controls(fps=fps, seed=seed)
    whole = animate(long, controls)
    windows = list(animate_windows(long, controls, None, window))
    assert len(whole) == frame_count(samples, fps)
    assert [len(w) for w in windows[:-1]] == [window] * (len(windows) - 1)
    assert 1 <= len(windows[-1]) <= window
    assert same(Motion.concatenate(windows), whole)


def test_same_seed_same_motion_other_seed_other_motion_but_the_same_lips(speech: Floats, motion: Motion) -> None:
    other = animate(speech, Controls(seed=7))
    assert same(animate(speech), motion)
    assert np.abs(other.rotation - motion.rotation).max() > 1
    assert np.array_equal(other("jawOpen"), motion("jawOpen"))


def test_one_seed_does_not_turn_the_head_alike_whatever_is_said(speech: Floats, motion: Motion) -> None:
    other = animate(speech[::-1].copy())
    turned = np.corrcoef(np.concatenate([other.rotation, motion.rotation], 1).T)[:3, 3:]
    assert np.diag(turned).mean() < 0.5
    assert not np.array_equal(other("eyeBlinkLeft"), motion("eyeBlinkLeft"))


@pytest.mark.parametrize("fps", [10, 25, 30, 60])
def test_curves_are_those_of_a_face(speech: Floats, fps: int) -> None:
    motion = animate(np.tile(speech, 3), Controls(fps=fps))
    assert np.isfinite(motion.coefficients).all()
    assert motion.coefficients.min() >= 0
    assert motion.coefficients.max() <= 1
    assert (np.abs(motion.rotation).max(0) < (16, 12, 9)).all()
    turning = np.linalg.norm(np.diff(motion.rotation, axis=0), axis=1) * fps
    assert turning.max() < 90
    assert np.abs(np.diff(motion("jawOpen"))).max() * fps < 8


def test_first_frame_shows_the_pose_of_the_photo(motion: Motion) -> None:
    assert np.abs(motion.rotation[0]).max() < 0.5
    assert np.abs(motion.translation[0]).max() < 0.01


def test_lips_are_closed_before_and_after_speech(motion: Motion) -> None:
    for silence in SILENCES:
        assert gap(motion)[frames(motion, *silence)].max() < 0.06


def test_lips_rest_between_sentences_a_little_apart(motion: Motion) -> None:
    """As on filmed speakers, who do not shut their mouths for a breath."""
    resting = gap(motion)[frames(motion, *BREATH)] / np.percentile(gap(motion), 95)
    assert resting.min() > 0.1
    assert resting.max() < 0.5


def test_lips_close_in_a_long_pause(speech: Floats) -> None:
    paused = animate(np.concatenate([speech, np.zeros(2 * 16000, np.float32), speech]))
    assert gap(paused)[frames(paused, 7.3, 8.1)].max() < 0.06


def test_the_tongue_is_raised_for_l_and_t_and_rests_in_silence(motion: Motion) -> None:
    assert motion.tongue[frames(motion, *LIFE)].max() > 0.4
    assert motion.tongue[frames(motion, *SILENCES[0])].max() < 0.05


def narrowest(motion: Motion, start: float) -> float:
    """The smallest gap just after a time, relative to the widest of the speech."""
    return float(gap(motion)[frames(motion, start - 0.04, start + 0.1)].min() / np.percentile(gap(motion), 95))


@pytest.mark.parametrize("word", PLOSIVES)
def test_lips_are_pressed_together_at_p_and_b(motion: Motion, word: str) -> None:
    start = PLOSIVES[word]
    assert narrowest(motion, start) < 0.05
    assert motion("mouthPressLeft")[frames(motion, start - 0.04, start + 0.1)].max() > 0.3


@pytest.mark.parametrize("word", NASALS)
def test_lips_draw_together_at_m(motion: Motion, word: str) -> None:
    assert narrowest(motion, NASALS[word]) < 0.4


def test_jaw_stays_open_behind_closed_lips(motion: Motion) -> None:
    within = frames(motion, 5.2, 5.35)
    shut = motion("jawOpen") - motion("mouthClose")
    assert shut[within].min() < 0.01 < motion("jawOpen")[within].min()


@pytest.mark.parametrize("word", OPEN_VOWELS)
def test_mouth_opens_for_open_vowels(motion: Motion, word: str) -> None:
    around = frames(motion, OPEN_VOWELS[word] - 0.06, OPEN_VOWELS[word] + 0.06)
    assert gap(motion)[around].max() > 0.55 * np.percentile(gap(motion), 95)


def test_lips_round_for_w(motion: Motion) -> None:
    rounding = motion("mouthPucker") + motion("mouthFunnel")
    few_words = rounding[frames(motion, 3.95, 4.1)].max()
    assert few_words > 3 * rounding[frames(motion, 2.76, 2.82)].max()


def test_quiet_and_loud_speech_move_the_lips_alike(speech: Floats, motion: Motion) -> None:
    quiet = animate(0.05 * speech)
    assert np.abs(gap(quiet) - gap(motion)).max() < 0.05


def test_silence_keeps_the_lips_still_while_the_eyes_blink() -> None:
    motion = animate(np.zeros(30 * 16000, np.float32))
    assert gap(motion).max() == 0
    assert (motion("eyeBlinkLeft") > 0.8).any()
    assert motion.rotation.std() > 0.5


def test_noise_is_not_speech() -> None:
    noise = np.random.default_rng(0).normal(0, 0.003, 10 * 16000).astype(np.float32)
    assert np.percentile(gap(animate(noise)), 95) < 0.1


def test_music_is_not_speech_and_hides_none(speech: Floats, motion: Motion) -> None:
    """Chords of plucked strings, which the corpus does not have in this form."""
    chords = music(len(speech)).astype(np.float32)
    assert np.percentile(gap(animate(0.1 * chords)), 95) < 0.1
    over = gap(animate(speech + speech.std() * 10**-0.5 * chords))
    assert np.corrcoef(over, gap(motion))[0, 1] > 0.85


@pytest.mark.parametrize("samples", [1, 160, 1600])
def test_very_short_speech(speech: Floats, samples: int) -> None:
    assert len(animate(speech[16000 : 16000 + samples])) == frame_count(samples, 25)


def test_no_speech_at_all_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        animate(np.zeros(0, np.float32))
    assert caught.value.reason is Reason.SPEECH_EMPTY


def test_mouth_amplitude(speech: Floats, motion: Motion) -> None:
    shut, wide = (animate(speech, Controls(mouth_amplitude=a)) for a in (0.0, 1.6))
    assert gap(shut).max() == 0
    assert np.percentile(gap(wide), 95) > 1.3 * np.percentile(gap(motion), 95)


@pytest.mark.parametrize("emotion", [{}, {Emotion.SURPRISED: 0.5}])
def test_brow_amplitude(speech: Floats, emotion: dict[Emotion, float]) -> None:
    still, natural, lively = (animate(speech, Controls(emotion=emotion, brow_amplitude=a)) for a in (0.0, 1.0, 1.6))
    brows = [k for k, name in enumerate(COEFFICIENTS) if name.startswith("brow")]
    rest = [k for k in range(len(COEFFICIENTS)) if k not in brows]
    assert not still.coefficients[:, brows].any()
    wanted = np.minimum(1.6 * natural.coefficients[:, brows], 1)
    assert lively.coefficients[:, brows] == pytest.approx(wanted, abs=1e-5)
    assert np.array_equal(still.coefficients[:, rest], lively.coefficients[:, rest])


def test_expressiveness(speech: Floats, motion: Motion) -> None:
    """The more, the farther brows, lids and the mouth's corners move; the lips' opening stays what is said."""
    still, lively = (animate(speech, Controls(expressiveness=e)) for e in (0.0, 2.0))
    for acted in (still, lively):
        assert np.array_equal(acted("jawOpen"), motion("jawOpen"))
    assert not still("browOuterUpLeft").any()
    assert not still("mouthFrownLeft").any()
    for name in ("browOuterUpLeft", "browInnerUp", "eyeWideLeft"):
        assert lively(name).std() > 1.2 * motion(name).std()


def test_a_mouth_widens_as_it_opens_but_for_w(speech: Floats) -> None:
    motion = animate(speech, Controls(expressiveness=0))
    wide = motion("mouthStretchLeft") - motion("mouthPucker") - motion("mouthFunnel")
    assert np.corrcoef(wide, gap(motion))[0, 1] > 0.3
    assert wide[frames(motion, 1.55, 1.75)].max() > 0.2
    assert wide[frames(motion, 3.95, 4.1)].min() < -0.2


def test_a_small_mouth_opens_less_far_than_a_large_one(speech: Floats) -> None:
    identity = np.array([0.74, 0.11, 0.15, 0.46, 0.15, 0.19, 0.65, 0.7, 2.2, 1.75, 0.51, 0.8], np.float32)
    small, large = identity.copy(), identity.copy()
    small[[0, 10]] *= 0.85
    large[[0, 10]] *= 1.15
    narrow, wide = (np.percentile(gap(animate(speech, identity=face)), 95) for face in (small, large))
    assert wide > 1.15 * narrow


@pytest.mark.parametrize(("rate", "away"), [(0, 0.0), (12, 0.3), (24, 0.6), (50, 1.0)])
def test_blink_rate_and_look_away(rate: float, away: float) -> None:
    """A head that is still, so that the eyes do not have to make up for its turning."""
    held = Controls(gaze=Gaze(yaw=10), head_motion=0, blink_rate=rate, look_away=away)
    motion = animate(np.zeros(120 * 16000, np.float32), held)
    lids = motion("eyeBlinkLeft")
    blinks = int(((lids[1:] > 0.5) & (lids[:-1] <= 0.5)).sum())
    assert blinks / 2 == pytest.approx(rate, rel=0.3)
    assert np.array_equal(lids, motion("eyeBlinkRight"))
    beside = np.abs(motion("eyeLookOutLeft") * GAZE_YAW - 10) > 0.01
    assert beside.mean() == pytest.approx(away, abs=0.15)


def test_gaze(speech: Floats) -> None:
    motion = animate(speech, Controls(gaze=Gaze(yaw=15, pitch=-10)))
    assert motion("eyeLookOutLeft").mean() == pytest.approx(0.5, abs=0.12)
    assert motion("eyeLookInRight").mean() == pytest.approx(0.5, abs=0.12)
    assert motion("eyeLookDownLeft").mean() == pytest.approx(0.4, abs=0.12)
    assert motion("eyeLookInLeft").max() < 0.1


def test_emotions_come_and_go_with_their_keyframes(speech: Floats) -> None:
    keyframes = (
        EmotionKeyframe(2),
        EmotionKeyframe(3, {Emotion.HAPPY: 0.8}),
        EmotionKeyframe(4, {Emotion.HAPPY: 0.8}),
        EmotionKeyframe(5, {Emotion.ANGRY: 1.0}),
    )
    felt, calm = animate(speech, Controls(emotion_keyframes=keyframes)), animate(speech)

    def rise(name: str, start: float, stop: float) -> float:
        within = frames(felt, start, stop)
        return float((felt(name) - calm(name))[within].mean())

    assert np.abs(felt.coefficients - calm.coefficients)[frames(felt, 0, 1.9)].max() < 0.2
    assert rise("mouthSmileLeft", 3.1, 3.9) > 0.2
    assert rise("mouthSmileLeft", 5.1, 6.5) < 0.1
    assert rise("browDownLeft", 5.1, 6.5) > 0.4
    assert rise("browDownLeft", 3.1, 3.9) < 0.1
    assert np.abs(np.diff(felt("browDownLeft"))).max() < 0.2


@given(
    st.lists(
        st.tuples(st.floats(0, 60), st.dictionaries(st.sampled_from(Emotion), st.floats(0, 1))),
        min_size=1,
        unique_by=lambda pair: pair[0],
    )
)
def test_emotions_pass_through_their_keyframes_and_never_sum_to_more_than_one(
    wished: list[tuple[float, dict[Emotion, float]]],
) -> None:
    keyframes = [EmotionKeyframe(*pair) for pair in wished]
    path = emotion_path(keyframes, np.array([second for second, _ in wished]))
    for weights, keyframe in zip(path, keyframes, strict=True):
        assert weights == pytest.approx([keyframe.emotion.get(e, 0.0) for e in Emotion], abs=1e-6)
    anywhere = emotion_path(keyframes, np.linspace(0, 61, 500))
    assert anywhere.min() >= 0
    assert anywhere.sum(1).max() <= 1 + 1e-9


def test_head_motion_and_distance(speech: Floats, motion: Motion) -> None:
    still = animate(speech, Controls(head_motion=0, head_distance=1.2))
    lively = animate(speech, Controls(head_motion=1.8))
    assert not still.rotation.any()
    assert still.translation == pytest.approx(np.tile([0, 0, 0.2 * CAMERA_DISTANCE], (len(still), 1)), abs=1e-5)
    assert lively.rotation.std() > 1.3 * motion.rotation.std()
    extreme = animate(np.tile(speech, 20), Controls(head_motion=2)).rotation
    assert (np.abs(extreme).max(0) < (16, 12, 9)).all()


@pytest.mark.parametrize("emotion", Emotion)
def test_emotions_show_and_leave_the_mouth_able_to_close(speech: Floats, motion: Motion, emotion: Emotion) -> None:
    felt = animate(speech, Controls(emotion={emotion: 1.0}))
    change = felt.coefficients.mean(0) - motion.coefficients.mean(0)
    assert change.max() > 0.25, dict(zip(COEFFICIENTS, change.round(2), strict=True))
    assert max(narrowest(felt, start) for start in PLOSIVES.values()) < 0.1


def test_memory_does_not_grow_with_the_speech(speech: Floats) -> None:
    def peak(seconds: int) -> int:
        long = np.resize(speech, seconds * 16000)
        tracemalloc.start()
        for _ in animate_windows(long, Controls(), None, 100):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(180) < 1.5 * peak(60)  # two blocks may be listened to at once, or one after the other


def test_first_window_comes_long_before_the_whole(speech: Floats) -> None:
    long = np.resize(speech, 1200 * 16000)
    start = time.perf_counter()
    assert len(next(animate_windows(long, Controls(), None, 100))) == 100
    assert time.perf_counter() - start < 5
