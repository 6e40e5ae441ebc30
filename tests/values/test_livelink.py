"""Motion as Live Link Face's CSV. Takes 1 s."""

from __future__ import annotations

import io

import numpy as np
import pytest

from vasari.values import COEFFICIENTS, InputError, Motion, Reason
from vasari.values.livelink import from_csv, to_csv, write_csv


def wandering(frames: int, fps: float) -> Motion:
    random = np.random.default_rng(0)

    def noise(*shape: int) -> np.ndarray:
        return random.uniform(0, 1, shape).astype(np.float32)

    return Motion(20 * noise(frames, 3), noise(frames, 3), noise(frames, 52), noise(frames), fps)


@pytest.mark.parametrize("frames", [2, 7, 130, 700])
@pytest.mark.parametrize("fps", [10.0, 24.0, 25.0, 29.97, 30.0, 59.94, 60.0])
def test_what_is_written_is_read_again(fps: float, frames: int) -> None:
    motion = wandering(frames, fps)
    again = from_csv(to_csv(motion))
    assert again.fps == pytest.approx(fps, rel=1e-3)
    for name in ("rotation", "translation", "coefficients", "tongue"):
        written = getattr(motion, name)
        assert getattr(again, name) == pytest.approx(written, abs=float(2e-3 * np.ptp(written))), name


def test_the_header_is_the_apps() -> None:
    columns = to_csv(Motion.neutral(1)).splitlines()[0].split(",")
    assert columns[:4] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft", "EyeLookDownLeft"]
    assert columns[2 + COEFFICIENTS.index("jawLeft") : 4 + COEFFICIENTS.index("jawLeft")] == ["JawRight", "JawLeft"]
    assert columns[53:57] == ["TongueOut", "HeadYaw", "HeadPitch", "HeadRoll"]
    assert len(columns) == 2 + 61 + 4


def test_rows_tell_their_time_and_count() -> None:
    rows = [line.split(",") for line in to_csv(Motion.neutral(60, 25.0)).splitlines()[1:]]
    # Sixtieths, whatever the frame rate: Unreal's importer takes no others for granted.
    assert (rows[0][0], rows[26][0]) == ("00:00:00:00.000", "00:00:01:02.400")
    assert rows[0][1] == "61"


def test_a_file_of_the_app_is_read() -> None:
    text = (
        "Timecode,BlendShapeCount,JawOpen,EyeBlinkLeft,HeadYaw\n"
        "14:03:52:28.207,61,0.1,0.5,0.05\n14:03:52:30.207,61,0.3,0.5,0.1\n14:03:52:58.207,61,,,\n"
    )
    motion = from_csv(text)
    assert len(motion) == 3
    assert motion.fps == pytest.approx(2 / 0.5)
    assert motion("jawOpen")[0] == pytest.approx(0.1)
    assert motion.rotation[0, 0] == pytest.approx(9)
    assert motion("mouthClose").max() == motion.translation.max() == 0


def test_timecodes_that_count_the_frames_of_a_slower_rate_are_read() -> None:
    """As other tools write them, and Vasari once did."""
    rows = (f"00:00:{second:02d}:{frame:02d},0.5" for second in range(3) for frame in range(25))
    motion = from_csv("Timecode,JawOpen\n" + "\n".join(rows))
    assert (len(motion), motion.fps) == (75, 25)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no Timecode column"),
        ("a,b\n1,2\n", "no Timecode column"),
        ("Timecode,JawOpen\n", "no rows"),
        ("Timecode,JawOpen\n0,1\n", "is no timecode"),
        ("Timecode,JawOpen\n00:00:00:01,x\n", "'x'"),
        ("Timecode,JawOpen\n00:00:01:00,0\n00:00:00:00,0\n", "must rise"),
        ("Timecode,JawOpen\nnan:00:01:00,0\n", "must rise"),
        (f"Timecode,JawOpen\n00:00:01:00,{'1' * 200_000}\n", "field larger than"),
    ],
)
def test_what_is_no_such_file_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        from_csv(text)
    assert refused.value.reason is Reason.MOTION_UNREADABLE


def test_windows_are_written_as_the_whole_is() -> None:
    motion, file = wandering(70, 25.0), io.StringIO()
    write_csv(file, (motion[first : first + 32] for first in range(0, 70, 32)))
    assert file.getvalue() == to_csv(motion)


def test_resampled_motion_keeps_its_length_in_seconds() -> None:
    motion = wandering(50, 25.0)
    slower = motion.resampled(10)
    assert (len(slower), slower.fps, slower.seconds) == (20, 10, motion.seconds)
    same = motion.resampled(25.0)
    assert np.array_equal(same.coefficients, motion.coefficients)
