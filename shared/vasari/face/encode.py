"""One portrait photo in, an Appearance out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vasari.face.eyes.layers import both_eyes
from vasari.face.finding.find import find_face
from vasari.face.finding.whole import check_whole
from vasari.face.mouth.layers import incisors, lip_layers, mouth_patch
from vasari.face.mouth.palette import palette
from vasari.face.mouth.teeth import photographed_teeth
from vasari.face.picture.borders import picture_extent
from vasari.face.picture.framing import choose_frame
from vasari.face.picture.light import light
from vasari.face.picture.matte import crown
from vasari.face.picture.parting import parted
from vasari.face.picture.roundel import NO_ROUNDEL, find_roundel
from vasari.face.picture.tones import Tones
from vasari.face.shape import blendshapes
from vasari.face.shape.canonical import face_space, with_depth
from vasari.face.shape.expression import remaining_closure, source_coefficients, without
from vasari.face.shape.identity import identity_code
from vasari.face.shape.pose_weight import pose_weight
from vasari.face.shape.surface import Surface
from vasari.values import Appearance, Motion
from vasari.values.appearance import photo_digest
from vasari.values.landmarks import SURFACE
from vasari.values.motion import JAW_ANGLE, coefficient_index
from vasari.values.upright import Upright, quarter_turns


def encode(photo: NDArray[np.uint8], face_index: int | None = None) -> Appearance:
    """What does not move in a portrait.

    Args:
        photo: (H, W, 3) RGB, lying as it may.
        face_index: which face when there are several, 0 the largest; without it the one that dominates.

    Raises:
        InputError: NO_FACE, SEVERAL_FACES, FACE_TOO_SMALL, FACE_TURNED_AWAY, MOUTH_COVERED or
            FACE_CUT_OFF, with the mend.
        Fault: the weights are not installed.
    """
    face = find_face(photo, face_index)
    upright = Upright(*picture_extent(photo, face.box), quarter_turns(face.roll))
    picture, landmarks = upright.of(photo), upright.places(face.landmarks)
    check_whole(landmarks, *upright.size)
    roundel = find_roundel(picture)
    frame = choose_frame(landmarks, crown(picture, landmarks), *upright.size)
    points = with_depth(frame.units(landmarks))
    space = face_space(points)
    if roundel is not None:
        picture = roundel.opened(picture, space.interocular * frame.side)
    layers = parted(picture, frame, points, space.interocular)
    pixels = layers.pixels

    surface = Surface(space.into(points[:SURFACE]))
    shapes = blendshapes.shapes(surface)
    source = source_coefficients(surface.points, shapes, turn=float(abs(space.axes[0, 2])))
    tones = Tones.of(pixels, points, space)
    lit = light(pixels, points, space)
    eyes = both_eyes(pixels, points, space, tones, lit[:2])
    mouth = mouth_patch(points, space)
    teeth = photographed_teeth(mouth, pixels, points, space)
    closure = remaining_closure(surface, shapes, source)
    neutral = without(surface.points, shapes, source) + closure
    hinge = blendshapes.jaw_hinge(surface.points)
    return Appearance(
        photo_sha256=photo_digest(photo),
        upright=upright,
        crop=(frame.left, frame.top, frame.side),
        roundel=NO_ROUNDEL if roundel is None else roundel.within(frame),
        pixels=pixels,
        plate=layers.plate,
        matte=(255 * layers.matte).round().astype(np.uint8),
        landmarks=points.astype(np.float32),
        origin=space.origin.astype(np.float32),
        axes=space.axes.astype(np.float32),
        interocular=space.interocular,
        mesh=surface.points.astype(np.float32),
        shapes=blendshapes.stack(shapes),
        closure=closure.astype(np.float32),
        jaw_hinge=hinge.astype(np.float32),
        pose_weight=pose_weight(layers.matte, points, space),
        eyes=eyes.textures,
        eye_places=eyes.places,
        lids=eyes.lids,
        rigid=eyes.rigid,
        mouth=np.concatenate([lip_layers(mouth, points, space), teeth.layers()], -1),
        mouth_place=mouth.place,
        incisors=incisors(neutral, surface.points, teeth, hinge, JAW_ANGLE * source.get("jawOpen", 0.0)),
        palette=palette(pixels, points, space, tones, teeth),
        light=lit,
        identity=identity_code(neutral),
        source_motion=_source_motion(source | eyes.source),
    )


def _source_motion(source: dict[str, float]) -> Motion:
    motion = Motion.neutral(1)
    for name, amount in source.items():
        motion.coefficients[0, coefficient_index(name)] = amount
    return motion
