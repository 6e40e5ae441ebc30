"""The three custom operations of MediaPipe's attention mesh: cut a region out of a feature map, and map points back.

Written after the kernels in mediapipe/util/tflite/operations (landmarks_to_transform_matrix.cc,
transform_tensor_bilinear.cc, transform_landmarks.cc), batched over the first axis.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def landmarks_to_matrix(
    landmarks: Tensor,
    subset: Tensor,
    left: int,
    right: int,
    scale: tuple[float, float],
    size: tuple[int, int],
    target_angle: float,
) -> Tensor:
    """Transform from the grid of a region around some landmarks to the feature map they were found in.

    Args:
        landmarks: (B, N, 2 or 3) in pixels of the feature map.
        subset: (S,) indices of the landmarks that the region encloses.
        left, right: the two landmarks whose line gives the region's angle.
        scale: how much wider and higher the region is than the box of its landmarks.
        size: width and height of the region's grid.
        target_angle: angle that the line from left to right has within the region, radians.

    Returns:
        (B, 4, 4) homogeneous matrices.
    """
    (scale_x, scale_y), (width, height) = scale, size
    line = landmarks[:, right, :2] - landmarks[:, left, :2]
    angle = torch.atan2(line[:, 1], line[:, 0]) - target_angle
    cos, sin = angle.cos(), angle.sin()

    points = landmarks[:, subset, :2]
    u = points[..., 0] * cos[:, None] + points[..., 1] * sin[:, None]
    v = points[..., 1] * cos[:, None] - points[..., 0] * sin[:, None]
    u0, u1, v0, v1 = u.amin(1), u.amax(1), v.amin(1), v.amax(1)
    center_u, center_v = (u0 + u1) / 2, (v0 + v1) / 2
    step_u, step_v = (u1 - u0) * (scale_x / width), (v1 - v0) * (scale_y / height)

    a, b, c, d = cos * step_u, -sin * step_v, sin * step_u, cos * step_v
    shift_x = cos * center_u - sin * center_v - a * (width / 2) - b * (height / 2)
    shift_y = sin * center_u + cos * center_v - c * (width / 2) - d * (height / 2)
    zero, one = torch.zeros_like(a), torch.ones_like(a)
    rows = (a, b, zero, shift_x, c, d, zero, shift_y, zero, zero, one, zero, zero, zero, zero, one)
    return torch.stack(rows, 1).view(-1, 4, 4)


def transform_bilinear(features: Tensor, matrix: Tensor, height: int, width: int) -> Tensor:
    """Sample (B, C, H, W) features at the pixel centres of a (height, width) grid mapped through (B, 4, 4) matrices.

    Half-pixel rule; zero wherever a sample falls outside [0, W - 1] x [0, H - 1].
    """
    source_h, source_w = features.shape[2:]
    column = torch.arange(width, device=features.device, dtype=features.dtype) + 0.5
    row = (torch.arange(height, device=features.device, dtype=features.dtype) + 0.5)[:, None]
    m = matrix[:, :2, :, None, None]
    x = m[:, 0, 0] * column + m[:, 0, 1] * row + m[:, 0, 3] - 0.5
    y = m[:, 1, 0] * column + m[:, 1, 1] * row + m[:, 1, 3] - 0.5

    inside = (x >= 0) & (x <= source_w - 1) & (y >= 0) & (y <= source_h - 1)
    grid = torch.stack([x * (2 / (source_w - 1)) - 1, y * (2 / (source_h - 1)) - 1], -1)
    sampled = F.grid_sample(features, grid, mode="bilinear", padding_mode="border", align_corners=True)
    return sampled * inside[:, None].to(features.dtype)


def transform_landmarks(landmarks: Tensor, matrix: Tensor) -> Tensor:
    """Map (B, N, 2 or 3) points through the first two rows of (B, 4, 4) matrices; a third coordinate is kept."""
    mapped = landmarks[..., :2] @ matrix[:, :2, :2].transpose(1, 2) + matrix[:, None, :2, 3]
    return torch.cat([mapped, landmarks[..., 2:]], -1)
