"""From a portrait photo to an Appearance."""

from __future__ import annotations

from vasari.face.detector import face_detector
from vasari.face.encode import encode
from vasari.face.matte import load_network
from vasari.face.mesh import face_mesh

__all__ = ["encode", "preload"]


def preload(device: str = "cpu") -> None:
    """Load the networks that `encode` needs, once for the process.

    Raises:
        Fault: the weights are not installed.
    """
    face_detector(device)
    face_mesh(device)
    load_network()
