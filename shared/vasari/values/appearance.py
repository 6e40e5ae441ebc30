"""Appearance: what does not move."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

from vasari.values import archive
from vasari.values.landmarks import CHIN
from vasari.values.motion import COEFFICIENTS, Motion
from vasari.values.upright import Upright

ENCODER_VERSION: Final = "mesh-8"
"""Names what encode makes of a photo; part of the cache key, so it changes whenever the result does."""

MARGIN: Final = 0.125
"""The aligned pixels reach beyond the frame by this part of its side at every edge."""

WEIGHT_GRID: Final = 64
EYE_PATCH: Final = 160
RIGID_GRID: Final = 128
MOUTH_PATCH: Final = 256

_JOINT_ABOVE_CHIN, _JOINT_DEPTH = 0.3, 1.15
"""Where the head turns, interocular distances: above the chin, and behind the eyes."""

_SOURCE: Final = ("rotation", "translation", "coefficients", "tongue")


@dataclass(frozen=True, eq=False)
class Appearance:
    """One person's face as a photo shows it, ready to be moved.

    Three spaces. The picture: the photo upright and without bars, in pixels, origin at its top left corner, pixel i
    covers i..i+1. The frame: a square crop of the picture around head and shoulders; its units run from 0 at its left
    and top edge to 1 at the right and bottom.
    Face space: x to the image's right across the eyes, y down, z away from the camera, origin between the eyes, unit
    the interocular distance.
    """

    VERSION: ClassVar[int] = 3

    photo_sha256: str
    """Hex digest of the photo's shape and RGB bytes (`photo_digest`). The photo itself is not kept."""
    upright: Upright
    """Where the picture lies in the photo."""
    crop: tuple[int, int, int]
    """The frame's place in the picture, of which it is a part: left, top and side in pixels."""
    roundel: NDArray[np.float32]
    """(6,) center x, y and radius in frame units of the circle that a round picture is, and the RGB, 0..255, of what
    lies around it; radius 0: the picture is not round. Pixels, plate and matte go on beyond the circle."""

    pixels: NDArray[np.uint8]
    """(N, N, 3) RGB, the frame and MARGIN around it."""
    plate: NDArray[np.uint8]
    """(N, N, 3) RGB, the same without the person: the photo's background, filled in behind it."""
    matte: NDArray[np.uint8]
    """(N, N) how far a pixel is the person, 0..255."""

    landmarks: NDArray[np.float32]
    """(478, 3) points of the face mesh in frame units, z in the same unit."""
    origin: NDArray[np.float32]
    """(3,) origin of face space in frame units."""
    axes: NDArray[np.float32]
    """(3, 3), its columns are the axes of face space in the frame."""
    interocular: float
    """Unit of face space in frame units."""
    mesh: NDArray[np.float32]
    """(468, 3) the face's surface as photographed, in face space."""
    shapes: NDArray[np.float32]
    """(52, 468, 3) displacement of the surface at coefficient 1, in face space, in the order of COEFFICIENTS."""
    closure: NDArray[np.float32]
    """(468, 3) what else shuts the lips of the neutral face, when the photo's are open."""
    jaw_hinge: NDArray[np.float32]
    """(3,) a point of the axis, parallel to x, about which the jaw turns; face space."""
    pose_weight: NDArray[np.float32]
    """(WEIGHT_GRID, WEIGHT_GRID) over the frame: how far a place follows the head, 1 on it, 0 at the shoulders."""

    eyes: NDArray[np.uint8]
    """(2, EYE_PATCH, EYE_PATCH, 14) the subject's right and left eye: the white RGB; the iris RGB times its opacity,
    and that opacity; the glint of light on it; the closed eye RGB, how far it replaces the photo, and how much its
    lashes darken; and how far a rim of glasses lies before the eye. The patches' rows run from corner to corner; their
    own coordinates go from -1 to 1."""
    eye_places: NDArray[np.float32]
    """(2, 8) center x, y of the eye patch, direction x, y of its rows and half its side, in frame units; center x, y
    and radius of the iris in the patch's coordinates."""
    lids: NDArray[np.float32]
    """(2, 4, EYE_PATCH) for each column of the eye patch, in its coordinates: y of the upper and of the lower lid's
    margin in the photo, y of the fold above the upper lid, and the distance of the margins when the eye is open."""
    rigid: NDArray[np.uint8]
    """(RIGID_GRID, RIGID_GRID) over the frame: how far a place is held where it is on the skull, as glasses are."""
    mouth: NDArray[np.uint8]
    """(MOUTH_PATCH, MOUTH_PATCH, 4) opacity of the upper lip's and of the lower lip's layer, and how far a
    pixel of the photo is an upper and a lower tooth."""
    mouth_place: NDArray[np.float32]
    """(3,) center x, y and half the side of the mouth patch in frame units."""
    incisors: NDArray[np.float32]
    """(2, 3) middle of the upper and of the lower incisors' edges in face space, the jaw at rest."""
    palette: NDArray[np.float32]
    """(4, 3) RGB 0..255 of teeth, gums, tongue and the dark of the mouth in this picture's light."""

    light: NDArray[np.float32]
    """(3,) direction towards the light in the axes of the frame; its length is the share of the light that comes from
    there, 0..1."""

    identity: NDArray[np.float32]
    """(12,) proportions of the face, see `vasari.face.shape.identity`."""
    source_motion: Motion
    """One frame: the pose and expression that the photo was taken with."""

    def __post_init__(self) -> None:
        n = len(self.pixels)
        wanted: dict[str, tuple[type, tuple[int, ...]]] = {
            "roundel": (np.float32, (6,)),
            "pixels": (np.uint8, (n, n, 3)),
            "plate": (np.uint8, (n, n, 3)),
            "matte": (np.uint8, (n, n)),
            "landmarks": (np.float32, (478, 3)),
            "origin": (np.float32, (3,)),
            "axes": (np.float32, (3, 3)),
            "mesh": (np.float32, (468, 3)),
            "shapes": (np.float32, (len(COEFFICIENTS), 468, 3)),
            "closure": (np.float32, (468, 3)),
            "jaw_hinge": (np.float32, (3,)),
            "pose_weight": (np.float32, (WEIGHT_GRID, WEIGHT_GRID)),
            "eyes": (np.uint8, (2, EYE_PATCH, EYE_PATCH, 14)),
            "eye_places": (np.float32, (2, 8)),
            "lids": (np.float32, (2, 4, EYE_PATCH)),
            "rigid": (np.uint8, (RIGID_GRID, RIGID_GRID)),
            "mouth": (np.uint8, (MOUTH_PATCH, MOUTH_PATCH, 4)),
            "mouth_place": (np.float32, (3,)),
            "incisors": (np.float32, (2, 3)),
            "palette": (np.float32, (4, 3)),
            "light": (np.float32, (3,)),
            "identity": (np.float32, (12,)),
        }
        for name, (dtype, shape) in wanted.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != dtype:
                raise ValueError(f"Appearance.{name} must be {dtype.__name__} {shape}, is {array.dtype} {array.shape}")

    @property
    def joint(self) -> NDArray[np.float32]:
        """(3,) the point about which `Motion` turns the head, between skull and spine; face space."""
        return np.array([0.0, self.mesh[CHIN, 1] - _JOINT_ABOVE_CHIN, _JOINT_DEPTH], np.float32)

    def to_bytes(self) -> bytes:
        arrays = {f.name: v for f in dataclasses.fields(self) if isinstance(v := getattr(self, f.name), np.ndarray)}
        source = self.source_motion
        arrays |= {f"source_{name}": getattr(source, name) for name in _SOURCE}
        fields = {name: getattr(self, name) for name in ("photo_sha256", "crop", "interocular")}
        fields |= {"upright": dataclasses.asdict(self.upright), "source_fps": source.fps}
        return archive.dump("appearance", self.VERSION, arrays, fields)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises SchemaMismatch when the bytes are no appearance of this version."""
        arrays, fields = archive.load("appearance", cls.VERSION, data)
        with archive.understood("appearance"):
            return cls._of(arrays, fields)

    @classmethod
    def _of(cls, arrays: dict[str, NDArray[Any]], fields: dict[str, Any]) -> Self:
        source = {name: arrays.pop(f"source_{name}") for name in _SOURCE}
        left, top, side = fields["crop"]
        return cls(
            photo_sha256=fields["photo_sha256"],
            upright=Upright(**fields["upright"]),
            crop=(left, top, side),
            interocular=fields["interocular"],
            source_motion=Motion(**source, fps=fields["source_fps"]),
            **arrays,
        )


def photo_digest(photo: NDArray[np.uint8]) -> str:
    """Hex sha256 of an (H, W, 3) photo's shape and pixels."""
    return hashlib.sha256(repr(photo.shape).encode() + np.ascontiguousarray(photo).tobytes()).hexdigest()
