"""The command line: its help, its exit codes, and errors that say the mend in one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from vasari.cli.app import run
from vasari.cli.wishes import Wishes
from vasari.local.servers import free_ports
from vasari.values import Controls, Emotion, InputError

COMMANDS = ("render", "up", "submit", "status", "watch", "jobs", "cancel", "delete", "download", "bench")
GROUPS = {
    "keys": ("create", "list", "revoke"),
    "tenants": ("list", "limit"),
    "eval": ("render", "motion"),
    "data": ("tts",),
    "train": ("motion",),
}
Streams = pytest.CaptureFixture[str]


@pytest.fixture
def media(tmp_path: Path) -> tuple[str, str]:
    """Two files, which is all that is asked of them before they are read."""
    for name in ("portrait.jpg", "speech.wav"):
        (tmp_path / name).write_text(name)
    return str(tmp_path / "portrait.jpg"), str(tmp_path / "speech.wav")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which help is not wrapped."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("VASARI_TARGET", raising=False)


def error_of(streams: Streams) -> str:
    """The one line on stderr."""
    (line,) = [line for line in streams.readouterr().err.splitlines() if line.strip()]
    return line


class TestSize:
    def test_a_photo_gives_its_own(self, tmp_path: Path) -> None:
        assert self.of(tmp_path, 333, 501) == 500

    def test_of_a_larger_photo_than_a_video_may_be_the_largest(self, tmp_path: Path) -> None:
        assert self.of(tmp_path, 4001, 300) == 3840

    @staticmethod
    def of(folder: Path, width: int, height: int) -> int:
        Image.new("RGB", (width, height)).save(path := folder / "photo.png")
        return Wishes(size="photo", framing="portrait").controls(path).size

    @pytest.mark.parametrize(("size", "words"), [("photo", "add --framing portrait"), ("big", "or 'photo'")])
    def test_what_cannot_be_is_said(self, size: str, words: str) -> None:
        with pytest.raises(InputError, match=words):
            Wishes(size=size).controls()


def test_help_names_every_command_and_the_exit_codes(capsys: Streams) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for word in (*COMMANDS, "vasari render portrait.jpg", "Exit codes", "--install-completion"):
        assert word in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_teaches_by_example(command: str, capsys: Streams) -> None:
    assert run([command, "--help"]) == 0
    assert re.search(rf"\n +vasari {command}", capsys.readouterr().out)


@pytest.mark.parametrize("group", GROUPS)
def test_help_of_a_group_leads_to_its_commands(group: str, capsys: Streams) -> None:
    assert run(["--help"]) == 0
    assert group in capsys.readouterr().out
    for command in GROUPS[group]:
        assert run([group, command, "--help"]) == 0
        assert re.search(rf"\n +vasari {group} {command}", capsys.readouterr().out)


def test_help_loads_nothing_heavy() -> None:
    heavy = {"torch", "numpy", "grpc", "av", "google.protobuf", "sqlalchemy"}
    program = f"import sys; from vasari.cli.app import run; run(['--help']); print({heavy} & set(sys.modules))"
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert output.splitlines()[-1] == "set()"


def test_version(capsys: Streams) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("vasari 0.")


def test_the_options_default_to_the_defaults_of_controls() -> None:
    assert Wishes().controls() == Controls()


def test_emotions_over_time_are_typed_in_one_word_each() -> None:
    wish = Wishes(emotion=["0:neutral 2:happy=0.75 4:happy=0.25,surprised=0.5"]).controls()
    assert [(k.second, dict(k.emotion)) for k in wish.emotion_keyframes] == [
        (0.0, {}),
        (2.0, {Emotion.HAPPY: 0.75}),
        (4.0, {Emotion.HAPPY: 0.25, Emotion.SURPRISED: 0.5}),
    ]


@pytest.mark.parametrize("command", ["render", "submit"])
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--fps", "61"], "--fps must be from 10 to 60, is 61"),
        (["--fps", "99999999999"], "--fps is far out of range: 99999999999"),
        (["--fps", "fast"], "Invalid value for '--fps'"),
        (["--size", "513"], "--size must be even, is 513"),
        (["--seed", "-1"], "--seed must be at least 0, is -1"),
        (["--head-motion", "nan"], "--head-motion must be from 0 to 2, is nan"),
        (["--head-distance", "0.5"], "--head-distance must be from 0.7 to 1.5, is 0.5"),
        (["--blink-rate", "100"], "--blink-rate must be from 0 to 60, is 100"),
        (["--mouth-amplitude", "3"], "--mouth-amplitude must be from 0 to 2, is 3"),
        (["--look-away", "-0.5"], "--look-away must be from 0 to 1, is -0.5"),
        (["--emotion", "1:sad=2"], "--emotion must be from 0 to 1, is 2"),
        (["--emotion", "soon:sad=1"], "--emotion wants SECOND:NAME=WEIGHT such as 2:happy=0.6, is 'soon:sad=1'"),
        (["--emotion", "1:sad=1 1:angry=1"], "--emotion an emotion may have one keyframe at a time"),
        (["--emotion", "sad=1 1:angry=1"], "--emotion emotions either stay or have keyframes"),
        (["--face-index", "64"], "--face-index must be from 0 to 63, is 64"),
        (["--framing", "round"], "'round' is not one of 'face', 'portrait'"),
        (["--background", "blue"], "--background must be a color such as #204060"),
        (["--background", "#204060", "--framing", "portrait"], "--background a background needs framing face"),
        (["--background-picture", __file__, "--framing", "portrait"], "a background picture needs framing face"),
        (
            ["--background-picture", __file__, "--motion-only"],
            "a motion has no picture; leave --background-picture out",
        ),
        (["--background-picture", __file__, "--background", "#204060"], "a background is a color or a picture"),
        (["--gaze", "31,0"], "--gaze yaw must be from -30 to 30, is 31"),
        (["--gaze", "0,-21"], "--gaze pitch must be from -20 to 20, is -21"),
        (["--camera", "26,0"], "--camera [0].yaw must be from -25 to 25, is 26"),
        (["--camera", "1:0,0 1:5,0"], "--camera the camera may have one keyframe at a time"),
        (["--camera", "0:left"], "--camera wants YAW,PITCH[,DISTANCE] or SECOND:YAW,PITCH[,DISTANCE], is '0:left'"),
        (["--gaze", "left"], "--gaze wants YAW,PITCH in degrees such as 10,-5, is 'left'"),
        (["--emotion", "happy=2"], "--emotion must be from 0 to 1, is 2"),
        (["--emotion", "happy"], "--emotion wants NAME=WEIGHT such as happy=0.6, is 'happy'"),
        (
            ["--emotion", "glad=1"],
            "--emotion knows no 'glad'; it knows happy, sad, angry, surprised, afraid, disgusted, contempt",
        ),
        (["--emotion", "sad=0.1", "--emotion", "sad=0.2"], "--emotion each emotion may be named once"),
        (["--fps", "1", "--size", "2"], "--fps must be from 10 to 60, is 1; --size must be from 128 to 3840, is 2"),
        (["--output", "/nowhere/video.mp4"], "--output: there is no folder /nowhere; make it first"),
        (["--output", "/"], "--output / is a folder; name a file in it"),
        (["--output", "v.wav"], "--output: a video is .mp4 or .webm, or without sound .webp or .gif; name it v.mp4"),
        (["--output", "video"], "name it video.mp4"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_options_are_refused_alike(
    command: str, media: tuple[str, str], options: list[str], complaint: str, capsys: Streams
) -> None:
    assert run([command, *media, *options]) == 2
    line = error_of(capsys)
    assert line.startswith("error: ")
    assert complaint in line


@pytest.mark.parametrize("way", ["itself", "relative", "symbolic link", "hard link"])
@pytest.mark.parametrize(
    "command",
    [
        "render {portrait} {input}",
        "render {portrait} {input} --motion-only",
        "submit {input} {portrait}",
        "render {portrait} {portrait} --background-picture {input}",
        "submit {portrait} {portrait} --motion {input}",
        "render {portrait} {portrait} --pose-from {input}",
        "render {portrait} {portrait} --camera {input}",
        "track {input}",
        "sheet {input}",
        "sheet {portrait} --speech {input}",
        "eval motion {input} --plot {output}",
    ],
)
def test_no_input_is_written_over(
    command: str, way: str, media: tuple[str, str], tmp_path: Path, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given, output = tmp_path / "input.csv", tmp_path / "output.csv"
    given.write_text("second,yaw,pitch,roll\n0,5,5,1\n")
    match way:
        case "itself":
            output = given
        case "relative":
            output = Path("input.csv")
        case "symbolic link":
            output.symlink_to(given)
        case "hard link":
            output.hardlink_to(given)
    option = "" if "--plot" in command else f" -o {output}"
    arguments = command.format(portrait=media[0], input=given, output=output) + option
    assert run(arguments.split()) == 2
    assert f"{output} is an input of this command; name another file" in error_of(capsys)


@pytest.mark.parametrize("command", ["render", "submit"])
def test_files_that_are_not_there(command: str, media: tuple[str, str], capsys: Streams) -> None:
    assert run([command, media[0], "nowhere.wav"]) == 2
    assert "'nowhere.wav' does not exist" in error_of(capsys)


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("echo speech | vasari render - -", "- stands for one file"),
        ("vasari submit <(cat nowhere.jpg 2>&-) nowhere.wav", "nothing comes through a pipe"),
        (
            "head -c 3M /dev/zero | VASARI_MAX_SPEECH_BYTES=1048576 vasari render -",
            "more than 1 MiB come through a pipe",
        ),
    ],
)
def test_pipes_that_cannot_be(command: str, complaint: str) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=os.environ | {"PATH": path})
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["up", "--workers", "render"], "--workers wants STAGE=N such as render=2, is 'render'"),
        (["up", "--workers", "cook=2"], "there is no stage cook: workers are for face-encode, motion, render"),
        (["sing"], "No such command 'sing'"),
        (["render"], "PORTRAIT is missing"),
        (["submit"], "a job needs speech, a motion file, or both"),
    ],
)
def test_other_mistakes(arguments: list[str], complaint: str, capsys: Streams) -> None:
    assert run(arguments) == 2
    assert complaint.lower() in error_of(capsys).lower()


@pytest.mark.parametrize("command", ["status", "watch", "cancel", "delete", "download"])
def test_no_server(command: str, capsys: Streams) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    assert run([command, "7c9b6c1e-1111-4222-8333-444444444444", "--target", address]) == 3
    assert f"no Vasari server answers at {address}; start one with `vasari up`" in error_of(capsys)


def test_a_job_that_cannot_be(address: str, capsys: Streams) -> None:
    assert run(["status", "mine", "--target", address]) == 2
    assert error_of(capsys).startswith("error: name ")


def test_tracebacks_are_for_those_who_ask(media: tuple[str, str]) -> None:
    command = [Path(sys.executable).with_name("vasari"), "render", *media, "--fps", "1"]
    quiet = subprocess.run(command, capture_output=True, text=True)
    loud = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"VASARI_DEBUG": "1"})
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
