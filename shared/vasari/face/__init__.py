"""From a portrait photo to an Appearance."""

from __future__ import annotations

from vasari.face.encode import encode
from vasari.face.finding.detector import face_detector
from vasari.face.finding.mesh import face_mesh
from vasari.face.picture.matte import load_network

__all__ = ["encode", "preload"]


def preload(device: str = "cpu") -> None:
    """Load the networks that `encode` needs, once for the process.

    Raises:
        Fault: the weights are not installed.
    """
    face_detector(device)
    face_mesh(device)
    load_network()
