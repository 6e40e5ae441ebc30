"""The person in a photo, told from the background."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from vasari.weights import Weights, weight_files

_INPUT = 256


def person_matte(photo: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far each pixel belongs to a person, by MediaPipe's selfie segmentation.

    The network sees the whole photo squeezed to 256 x 256, so the matte of a large photo is soft; give it a crop around
    head and shoulders, which is what it was trained on.

    Args:
        photo: (H, W, 3) RGB.

    Returns:
        (H, W) 0..1.

    Raises:
        Fault: the weights are not installed.
    """
    network = _network()
    small = cv2.resize(photo, (_INPUT, _INPUT), interpolation=cv2.INTER_AREA)
    network.set_tensor(network.get_input_details()[0]["index"], small[None].astype(np.float32) / 255)
    network.invoke()
    matte = network.get_tensor(network.get_output_details()[0]["index"])[0, :, :, 0]
    height, width = photo.shape[:2]
    full: NDArray[np.float32] = cv2.resize(matte, (width, height), interpolation=cv2.INTER_LINEAR)
    return full.clip(0, 1)


@cache
def _network() -> Interpreter:
    network = Interpreter(str(weight_files(Weights.PERSON_MATTE)[0]), num_threads=2)
    network.allocate_tensors()
    return network
