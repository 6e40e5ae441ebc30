"""The person in a photo, told from the background."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from vasari.face.picture.framing import Frame
from vasari.face.picture.matting import closed_form
from vasari.values.appearance import MARGIN
from vasari.values.landmarks import CHIN, FOREHEAD, OVAL
from vasari.weights import Weights, weight_files

Image = NDArray[np.float32]

_INPUT = 256
_VIEWS = (0.0, 0.125, 0.3, 0.55)
"""How far each view of the network reaches beyond the frame, parts of its side."""
_WITHIN, _BEYOND = 0.10, 0.22
"""Interocular distances from the network's outline in which the matte is found from the picture's colors."""
_HANGING = 0.5
"""Likewise, for what the network is not sure of: an earring, a strand blown aside."""
_BINS = 16
"""Of a histogram of colors, along each of its axes."""


def crown(picture: NDArray[np.uint8], landmarks: NDArray[np.floating[Any]]) -> float:
    """The highest row of the hair, or hat, above a face with these (478, 3) points."""
    face = float(np.linalg.norm((landmarks[CHIN] - landmarks[FOREHEAD])[:2]))
    x, y = landmarks[FOREHEAD, :2]
    top, bottom = max(0, int(y - 1.2 * face)), min(len(picture), int(y + 1.6 * face))
    left, right = max(0, int(x - 1.4 * face)), min(picture.shape[1], int(x + 1.4 * face))
    person = _run_network(picture[top:bottom, left:right]) > 0.5
    columns = slice(*(max(0, int((x + d * face - left) / (right - left) * _INPUT)) for d in (-0.3, 0.3)))
    above = ~person[: max(0, int((y - top) / (bottom - top) * _INPUT)), columns].any(1)
    return float(top + (np.flatnonzero(above).max(initial=-1) + 1) / _INPUT * (bottom - top))


def person_matte(
    picture: NDArray[np.uint8], frame: Frame, pixels: NDArray[np.uint8], points: NDArray[np.float64]
) -> Image:
    """How far each pixel belongs to the person with this face: hair by hair where the colors tell.

    Args:
        picture: (H, W, 3) RGB.
        pixels: (h, w, 3) of the part of the frame and its margin that lies in the picture (`Frame.within`).
        points: (478, 3) in frame units.

    Returns:
        (h, w) 0..1, exactly 0 and 1 away from the outline.

    Raises:
        Fault: the weights are not installed.
    """
    rows, columns = frame.within(*picture.shape[:2])
    landmarks = (points[:, :2] + MARGIN) * frame.side * frame.density - [columns.start, rows.start]
    unit = float(np.linalg.norm(landmarks[33] + landmarks[133] - landmarks[263] - landmarks[362])) / 2
    oval = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(oval, [np.round(landmarks[list(OVAL)]).astype(np.int32)], 1)
    face = cv2.erode(oval, _disk(0.10 * unit)) > 0

    likely = _told_by_color(_seen_by_network(picture, frame, pixels.shape[:2]), pixels, face, unit)
    person = _with_face(likely, face, unit)
    inside = cv2.distanceTransform(person.astype(np.uint8), cv2.DIST_L2, 5) / unit
    outside = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5) / unit
    unsure = (
        cv2.dilate(((likely > 0.15) & (likely < 0.85) & (outside < _HANGING)).astype(np.uint8), _disk(0.03 * unit)) > 0
    )
    unknown = (((inside < _WITHIN) & (outside < _BEYOND)) | unsure) & ~face
    # The farther from the outline, the surer.
    far = np.clip(np.maximum(inside / _WITHIN, outside / _BEYOND), 0, 1)
    trust = np.where(unsure, 1e-3, 1e-3 + 0.1 * far**4)
    guess = np.where(unknown, np.clip((likely - 0.25) / 0.4, 0, 1), person)
    matte = closed_form(pixels, guess.astype(np.float32), unknown, trust.astype(np.float32))
    return np.asarray(np.clip((matte - 0.04) / 0.92, 0, 1), np.float32)


def _seen_by_network(picture: NDArray[np.uint8], frame: Frame, shape: tuple[int, int]) -> Image:
    """(h, w) the mean of what MediaPipe's selfie segmentation makes of several views, each also seen in a mirror.

    The network squeezes any view to 256 x 256 and errs by a few of its pixels, differently in each.
    """
    rows, columns = frame.within(*picture.shape[:2])
    first, scale = frame.corner + np.array([columns.start, rows.start]) / frame.density, frame.density
    total, count = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    # Towards a view's own borders the network knows less.
    weight = np.pad(np.ones((_INPUT - 16, _INPUT - 16), np.float32), 8, mode="linear_ramp", end_values=0.05)
    for reach in _VIEWS:
        margin = int(reach * frame.side)
        top, left = max(0, frame.top - margin), max(0, frame.left - margin)
        view = picture[top : frame.top + frame.side + margin, left : frame.left + frame.side + margin]
        step = np.array(view.shape[1::-1]) / _INPUT * scale
        corner = (np.array([left, top]) - first) * scale + step / 2 - 0.5
        to_pixels = np.array([[step[0], 0, corner[0]], [0, step[1], corner[1]]])
        for mirror in (1, -1):
            seen = _run_network(view[:, ::mirror])[:, ::mirror]
            layers = cv2.warpAffine(np.dstack([seen * weight, weight]), to_pixels, shape[::-1])
            total += layers[..., 0]
            count += layers[..., 1]
    return np.asarray(total / np.maximum(count, 1e-3), np.float32)


def _run_network(view: NDArray[np.uint8]) -> Image:
    """(h, w, 3) -> (256, 256) how likely a person is seen."""
    network = load_network()
    small = cv2.resize(view, (_INPUT, _INPUT), interpolation=cv2.INTER_AREA)
    network.set_tensor(network.get_input_details()[0]["index"], small[None].astype(np.float32) / 255)
    network.invoke()
    return np.asarray(network.get_tensor(network.get_output_details()[0]["index"])[0, :, :, 0], np.float32)


def _told_by_color(likely: Image, pixels: NDArray[np.uint8], face: NDArray[np.bool_], unit: float) -> Image:
    """What the network is unsure of, decided by how often a color occurs in what it is sure of (as GrabCut does)."""
    small = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    sure = cv2.resize(likely, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    sure[cv2.resize(face.astype(np.uint8), small.shape[1::-1]) > 0] = 1
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    ratio = []
    for chosen in (sure > 0.95, sure < 0.05):
        histogram = cv2.calcHist([lab], [0, 1, 2], chosen.astype(np.uint8), [_BINS] * 3, [0, 256] * 3)
        for axis in range(3):
            histogram = np.moveaxis(histogram, axis, 0)
            padded = np.pad(histogram, ((1, 1), (0, 0), (0, 0)), mode="edge")
            histogram = np.moveaxis(0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:], 0, axis)
        ratio.append(histogram / max(1, chosen.sum()) + 1e-5)
    evidence = np.log(ratio[0] / ratio[1])
    at = (lab // (256 // _BINS)).reshape(-1, 3).T
    told = cv2.GaussianBlur(evidence[at[0], at[1], at[2]].reshape(sure.shape).astype(np.float32), (0, 0), 0.02 * unit)
    logit = np.log((sure + 1e-3) / (1.001 - sure)) + 0.5 * np.clip(told, -4, 4)
    return np.asarray(cv2.resize(1 / (1 + np.exp(-logit)), likely.shape[::-1]), np.float32)


def _with_face(likely: Image, face: NDArray[np.bool_], unit: float) -> NDArray[np.bool_]:
    """The connected part that the face belongs to, without holes, and small things close to it, such as an earring;
    other people are background."""
    _, parts, facts, _ = cv2.connectedComponentsWithStats(((likely > 0.5) | face).astype(np.uint8), connectivity=4)
    main = parts == np.bincount(parts[face]).argmax()
    close = np.bincount(parts[cv2.dilate(main.astype(np.uint8), _disk(0.2 * unit)) > 0], minlength=len(facts)) > 0
    close &= facts[:, cv2.CC_STAT_AREA] < (0.4 * unit) ** 2
    close[0] = False
    whole = main | close[parts]
    _, gaps, facts, _ = cv2.connectedComponentsWithStats((~whole).astype(np.uint8), connectivity=4)
    small = facts[:, cv2.CC_STAT_AREA] < 0.02 * face.sum()
    small[0] = False
    return np.asarray(whole | small[gaps])


def _disk(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


@cache
def load_network() -> Interpreter:
    """Raises Fault when the weights are not installed."""
    path = str(weight_files(Weights.PERSON_MATTE)[0])
    with _unheard():
        network = Interpreter(path, num_threads=2)
        network.allocate_tensors()
    return network


@contextmanager
def _unheard() -> Iterator[None]:
    """LiteRT says on stderr which of its parts it begins, among the bars of the command line, and has no option."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
