"""The attention mesh (arXiv 2006.10962): 478 three-dimensional landmarks of a face.

Points 0..467 are MediaPipe's face mesh, 468..472 the iris at the image's left, 473..477 the one at its right.
"""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vasari.face.finding import region
from vasari.face.finding.tflite_graph import TfliteGraph
from vasari.weights import Weights, weight_files

LANDMARKS = 478
MIN_PRESENCE = 0.5
"""Below this the mesh says that its region shows no face."""
_INPUT = 192
_LID_POINTS = 16
"""The points of an eye's group that lie on the lids: the first ones."""
_REST_PITCH = -10.0


class AttentionMesh(nn.Module):
    """The network on crops: (N, 192, 192, 3) RGB 0..1 -> (N, 478, 3) landmarks in crop pixels, (N,) presence 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self.network = TfliteGraph(weight_files(Weights.FACE_MESH)[0])
        self.lips, self.left_eye, self.right_eye = self.network.landmark_subsets

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        output = self.network(crops)
        mesh = output["output_mesh_identity"].reshape(-1, LANDMARKS - 10, 3)

        # The regions of attention refine x and y; depth stays the whole mesh's.
        xy, z = mesh[..., :2].clone(), mesh[..., 2]
        for name, subset in (("lips", self.lips), ("left_eye", self.left_eye), ("right_eye", self.right_eye)):
            xy[:, subset] = output[f"output_{name}"].reshape(len(mesh), -1, 2)

        irises, depths = [xy], [z]
        for name, subset in (("left_iris", self.left_eye), ("right_iris", self.right_eye)):
            irises.append(output[f"output_{name}"].reshape(-1, 5, 2))
            depths.append(z[:, subset[:_LID_POINTS]].mean(1, keepdim=True).expand(-1, 5))
        landmarks = torch.cat([torch.cat(irises, 1), torch.cat(depths, 1)[..., None]], -1)
        return landmarks, output["conv_faceflag"].reshape(-1).sigmoid()


class FaceMesh(nn.Module):
    """The mesh of faces in a picture, given where to look."""

    def __init__(self) -> None:
        super().__init__()
        self.network = AttentionMesh()

    @torch.inference_mode()
    def forward(self, picture: NDArray[np.uint8], regions: Tensor) -> tuple[Tensor, Tensor]:
        """Landmarks of the faces in some regions of a picture.

        Args:
            picture: (H, W, 3) RGB.
            regions: (N, 4), see `vasari.face.finding.region`; their device is where the network runs.

        Returns:
            (N, 478, 3) landmarks in pixels of the picture, z in the same unit, smaller nearer, and
            (N,) presence 0..1, see MIN_PRESENCE.
        """
        if not len(regions):
            return regions.new_zeros(0, LANDMARKS, 3), regions.new_zeros(0)
        crops = torch.stack([_crop(picture, one) for one in regions])
        landmarks, presence = self.network(crops / 255)
        u, v, depth = (landmarks / _INPUT).unbind(-1)
        x, y = region.to_image(u - 0.5, v - 0.5, regions[:, None])
        return torch.stack([x, y, depth * regions[:, None, 2]], -1), presence


def _crop(picture: NDArray[np.uint8], one: Tensor) -> Tensor:
    """(192, 192, 3) of one region. Large faces are halved first until bilinear sampling no longer skips pixels."""
    x, y, side, angle = one.tolist()
    height, width = picture.shape[:2]
    reach = side / math.sqrt(2) + 2
    left, right = (min(max(int(edge), 0), width - 1) for edge in (x - reach, x + reach))
    top, bottom = (min(max(int(edge), 0), height - 1) for edge in (y - reach, y + reach))
    part = picture[top : bottom + 1, left : right + 1]

    halvings = max(int(math.log2(max(side, 1) / _INPUT)), 0)
    if halvings:
        size = [max(length >> halvings, 1) for length in part.shape[1::-1]]
        shrunk = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    else:
        shrunk = part
    scale_y, scale_x = shrunk.shape[0] / part.shape[0], shrunk.shape[1] / part.shape[1]
    moved = (
        (x - left + 0.5) * scale_x - 0.5,
        (y - top + 0.5) * scale_y - 0.5,
        side * math.sqrt(scale_x * scale_y),
        angle,
    )
    pixels = torch.from_numpy(np.ascontiguousarray(shrunk)).to(one.device).permute(2, 0, 1).float()
    return region.crop(pixels, one.new_tensor([moved]), _INPUT)[0]


def head_angles(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """How the head is turned, from its (..., 478, 3) landmarks -> (..., 3) degrees of yaw, pitch, roll.

    Signs are those of `vasari.values.Motion`: positive to the image's right, up, clockwise. The head's axes are the
    line through outer eye corners and cheeks, and the line from forehead to chin made square to it; that line leans by
    _REST_PITCH in a face that looks ahead (median of 19 portraits).
    """
    points: NDArray[np.float64] = landmarks.astype(np.float64)
    across = _unit(points[..., 263, :] - points[..., 33, :]) + _unit(points[..., 454, :] - points[..., 234, :])
    across = _unit(across)
    down = points[..., 152, :] - points[..., 10, :]
    down = _unit(down - (down * across).sum(-1, keepdims=True) * across)
    away = np.cross(across, down)
    yaw = np.arcsin(across[..., 2])
    pitch = -np.arctan2(down[..., 2], away[..., 2])
    roll = np.arctan2(across[..., 1], across[..., 0])
    angles: NDArray[np.float32] = np.rad2deg(np.stack([yaw, pitch, roll], -1)).astype(np.float32)
    angles[..., 1] -= _REST_PITCH
    return angles


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit


@cache
def face_mesh(device: str = "cpu") -> FaceMesh:
    """The mesh network, loaded once per process and device.

    Raises:
        Fault: the weights are not installed.
    """
    return FaceMesh().to(device)
