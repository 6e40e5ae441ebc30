"""BlazeFace (arXiv 1907.05047): a fast detector of faces, with a box and six key points for each."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vasari.face.finding import region
from vasari.face.finding.tflite_graph import TfliteGraph
from vasari.weights import Weights, weight_files

_INPUT = 128
_BATCH = 16
"""Windows seen at once: more no longer fit a processor's cache, and take twice as long each."""
_MAPS = ((16, 2), (8, 6))
"""Cells across a feature map, and anchors in each of its cells."""
_MIN_SCORE = 0.5
_SEARCHED = 1024
"""Pixels along the longer side of the copy that is searched: a face too small to be seen in it is of no use."""
_OVERLAP = 0.3
"""Boxes that overlap more than this (intersection over union) show one face."""


@dataclass(frozen=True)
class Detections:
    """N detected faces, the surest first; pixels of the image."""

    boxes: Tensor
    """(N, 4) x0 y0 x1 y1: brows to chin, ear to ear."""
    keypoints: Tensor
    """(N, 6, 2): the eye at the image's left, the eye at its right, nose tip, mouth, left and right ear."""
    scores: Tensor
    """(N,) 0..1."""

    def __len__(self) -> int:
        return len(self.scores)


class FaceDetector(nn.Module):
    """BlazeFace's short-range model, shown several windows of an image at once."""

    anchors: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.network = TfliteGraph(weight_files(Weights.FACE_DETECTION)[0])
        centers = [
            ((x + 0.5) / cells, (y + 0.5) / cells)
            for cells, anchors in _MAPS
            for y in range(cells)
            for x in range(cells)
            for _ in range(anchors)
        ]
        self.register_buffer("anchors", torch.tensor(centers))

    @torch.inference_mode()
    def forward(self, image: Tensor, windows: Tensor) -> Detections:
        """Find faces in windows of an image; a face seen in several windows is reported once.

        Args:
            image: (3, H, W) RGB, 0..255. Outside it the windows are black.
            windows: (N, 4) regions, turned by quarter turns. Faces from about 0.1 to 0.9 of a window's side are found,
                if they lean by at most some 75 degrees in it.
        """
        outputs = [
            self.network(region.crop(image, part, _INPUT, border="zeros") / 127.5 - 1)
            for part in torch.split(windows, _BATCH)
        ]
        scores = torch.cat([output["classificators"][..., 0] for output in outputs]).clamp(-100, 100).sigmoid()
        raw = torch.cat([output["regressors"] for output in outputs]).reshape(*scores.shape, 8, 2) / _INPUT

        # Each anchor's row holds center, size, and six key points.
        center, half = raw[:, :, :1] + self.anchors[:, None], raw[:, :, 1:2] / 2
        points = torch.cat([center - half, center + half, raw[:, :, 2:] + self.anchors[:, None]], 2)
        u, v = (points - 0.5).unbind(-1)
        points = torch.stack(region.to_image(u, v, windows[:, None, None]), -1)
        corners = points[:, :, :2]
        points = torch.cat([corners.amin(2, keepdim=True), corners.amax(2, keepdim=True), points[:, :, 2:]], 2)

        sure = scores >= _MIN_SCORE
        return _merge(points[sure], scores[sure])


def _merge(points: Tensor, scores: Tensor) -> Detections:
    """BlazeFace's replacement for non-maximum suppression: boxes of one face are averaged, weighted by score.

    Args:
        points: (N, 8, 2): the two corners of the box, then the key points.
        scores: (N,).
    """
    order = scores.argsort(descending=True)
    points, scores = points[order], scores[order]
    merged, best = [], []
    while len(scores):
        same = _overlap(points[:, :2], points[0, :2]) > _OVERLAP
        same[0] = True
        weights = scores[same]
        merged.append((points[same] * weights[:, None, None]).sum(0) / weights.sum())
        best.append(scores[0])
        points, scores = points[~same], scores[~same]

    faces = torch.stack(merged) if merged else points.new_zeros(0, 8, 2)
    return Detections(faces[:, :2].flatten(1), faces[:, 2:], torch.stack(best) if best else scores)


def _overlap(corners: Tensor, one: Tensor) -> Tensor:
    """Intersection over union of (N, 2, 2) boxes with a (2, 2) box -> (N,)."""
    sides = torch.minimum(corners[:, 1], one[1]) - torch.maximum(corners[:, 0], one[0])
    both = sides.clamp(min=0).prod(-1)
    area, area_one = (corners[:, 1] - corners[:, 0]).prod(-1), (one[1] - one[0]).prod()
    return both / (area + area_one - both)


def detect_faces(
    picture: NDArray[np.uint8], sides: Iterable[float], device: str = "cpu", quarter_turns: int = 0
) -> Detections:
    """Faces seen in square windows that cover a picture, each overlapping the next by half.

    Args:
        picture: (H, W, 3) RGB.
        sides: sides of the windows, as parts of the picture's longer side: 1 shows the whole of it, 0.5 smaller faces.
        device: where the network runs.
        quarter_turns: clockwise, by which the windows are turned: 0 finds upright faces, 2 those upside down.

    Returns:
        What was found, in pixels of the picture.
    """
    shrink = max(max(picture.shape[:2]) / _SEARCHED, 1.0)
    copy = cv2.resize(picture, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    image = torch.from_numpy(np.asarray(copy, np.uint8)).to(device).permute(2, 0, 1).float()

    height, width = copy.shape[:2]
    angle = quarter_turns * math.pi / 2
    windows = [(*place, angle) for side in sides for place in _windows(width, height, side * max(width, height))]
    found = face_detector(device)(image, image.new_tensor(windows))
    boxes, keypoints = ((points + 0.5) * shrink - 0.5 for points in (found.boxes, found.keypoints))
    return Detections(boxes, keypoints, found.scores)


def _windows(width: int, height: int, side: float) -> list[tuple[float, float, float]]:
    """Centers and side of windows that cover a picture: along each axis one in the middle, or as many as are needed."""
    across, down = (
        np.linspace(side / 2, length - side / 2, math.ceil(2 * length / side) - 1) if length > side else [length / 2]
        for length in (width, height)
    )
    return [(x, y, side) for y in down for x in across]


@cache
def face_detector(device: str = "cpu") -> FaceDetector:
    """The detector, loaded once per process and device.

    Raises:
        Fault: the weights are not installed.
    """
    return FaceDetector().to(device)
