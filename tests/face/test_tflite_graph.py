"""A tflite file read into torch computes what the tflite runtime computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given, settings
from hypothesis import strategies as st

from vasari.face.finding import attention_ops
from vasari.face.finding.tflite_graph import TfliteGraph
from vasari.weights import Weights, weight_files


def test_agrees_with_the_tflite_runtime() -> None:
    file = weight_files(Weights.FACE_DETECTION)[0]
    pixels = np.random.default_rng(0).uniform(-1, 1, (2, 128, 128, 3)).astype(np.float32)
    ours = TfliteGraph(file)(torch.from_numpy(pixels))

    runtime = Interpreter(str(file))
    runtime.allocate_tensors()
    for number, image in enumerate(pixels):
        runtime.set_tensor(runtime.get_input_details()[0]["index"], image[None])
        runtime.invoke()
        for output in runtime.get_output_details():
            theirs = runtime.get_tensor(output["index"])[0]
            np.testing.assert_allclose(ours[output["name"]][number].numpy(), theirs, rtol=1e-3, atol=1e-3)


def test_an_image_gives_the_same_alone_and_in_a_batch() -> None:
    graph = TfliteGraph(weight_files(Weights.FACE_MESH)[0])
    pixels = torch.rand(3, 192, 192, 3, generator=torch.Generator().manual_seed(0))
    together, alone = graph(pixels), graph(pixels[1:2])
    for name, value in alone.items():
        torch.testing.assert_close(together[name][1:2], value, rtol=1e-3, atol=1e-3)


def test_knows_the_landmarks_that_attention_refines() -> None:
    lips, left_eye, right_eye = TfliteGraph(weight_files(Weights.FACE_MESH)[0]).landmark_subsets
    assert (len(lips), len(left_eye), len(right_eye)) == (80, 71, 71)
    assert {13, 14} <= set(lips)
    assert 33 in left_eye
    assert 263 in right_eye


def test_an_operation_that_is_not_covered_is_named() -> None:
    with pytest.raises(NotImplementedError, match=r"HARD_SWISH|AVERAGE_POOL_2D"):
        TfliteGraph(weight_files(Weights.PERSON_MATTE)[0])


@given(angle=st.floats(-3, 3), width=st.floats(2, 9), height=st.floats(1, 9), scale=st.floats(1, 2))
@settings(max_examples=30, deadline=None)
def test_a_region_turns_with_its_landmarks(angle: float, width: float, height: float, scale: float) -> None:
    """The corners of the region's grid are the corners of the landmarks' box, scaled and turned about its centre."""
    corners = torch.tensor([[-width, 0.0], [width, 0.0], [0.0, -height], [0.0, height]], dtype=torch.float64)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = torch.tensor([[cos, sin], [-sin, cos]])
    landmarks = (corners @ turn + 20)[None]
    matrix = attention_ops.landmarks_to_matrix(landmarks, torch.arange(4), 0, 1, (scale, scale), (8, 6), 0.0)

    grid = torch.tensor([[[0.0, 0.0], [8.0, 6.0], [4.0, 3.0]]], dtype=torch.float64)
    expected = torch.tensor([[-width, -height], [width, height], [0.0, 0.0]]).double() * scale @ turn + 20
    # Sizes and scales of the graph are float32: a hundred-thousandth of a pixel is as close as it can be.
    torch.testing.assert_close(attention_ops.transform_landmarks(grid, matrix)[0], expected, rtol=1e-6, atol=1e-5)


def test_sampling_by_the_identity_keeps_features_and_is_zero_outside() -> None:
    features = torch.rand(1, 4, 5, 6)
    identity = torch.eye(4)[None]
    torch.testing.assert_close(attention_ops.transform_bilinear(features, identity, 5, 6), features)

    identity[0, 0, 3] = 3
    shifted = attention_ops.transform_bilinear(features, identity, 5, 6)
    torch.testing.assert_close(shifted[..., :3], features[..., 3:])
    assert not shifted[..., 3:].any()
