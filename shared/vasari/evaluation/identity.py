"""Is it still the same person? Distance of two faces to a face-recognition network.

The network is dlib's ResNet (99.38% on LFW; weights CC0, in the package face_recognition_models). It is told where the
face is by our own mesh, so its detector and its landmark models, of which one forbids commercial use, are not used.
Nothing but this measurement needs it, so it is not part of the setup.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vasari.evaluation.tracking import Picture, Points, interocular
from vasari.values import Fault, Reason

INSTALL: Final = "pip install --no-deps -r requirements/identity.txt"

_WEIGHTS: Final = "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat"
_ALIGNED: Final = (263, 362, 33, 133, 2)
"""Points of the mesh that are the five of dlib's alignment: corners of the eyes, base of the nose."""
_SIDE, _UNIT = 640, 160.0
"""Pixels of the picture that dlib is shown, and between its eyes: dlib's points are whole pixels."""


def installed() -> bool:
    """Whether the network is there."""
    try:
        _network()
    except Fault:
        return False
    return True


def descriptor(picture: Picture, points: Points) -> NDArray[np.float64]:
    """(128,) what the network makes of a face; under 0.6 apart two are held for one person.

    Args:
        picture: (H, W, 3) RGB.
        points: (478, 3) landmarks of the face in it.

    Raises:
        Fault: the network is not installed.
    """
    dlib, network = _network()
    scale = _UNIT / float(interocular(points))
    offset = _SIDE / 2 - scale * points[168, :2]
    place = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    near = cv2.warpAffine(picture, place, (_SIDE, _SIDE), flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    five = [dlib.point(*(int(n) for n in (scale * points[v, :2] + offset).round())) for v in _ALIGNED]
    face = dlib.full_object_detection(dlib.rectangle(0, 0, _SIDE, _SIDE), five)
    return np.asarray(network.compute_face_descriptor(np.asarray(near, np.uint8), face))


@cache
def _network() -> tuple[Any, Any]:
    try:
        import dlib

        weights = metadata.distribution("face_recognition_models")
    except ModuleNotFoundError as error:  # PackageNotFoundError is one
        raise Fault(Reason.INTERNAL, f"no face-recognition network to measure identity with: {INSTALL}") from error
    return dlib, dlib.face_recognition_model_v1(str(weights.locate_file(_WEIGHTS)))
