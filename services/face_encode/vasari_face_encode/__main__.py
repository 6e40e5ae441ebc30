"""Entry point: `python -m vasari_face_encode`."""

from vasari.jobs.states import StageKind
from vasari.worker import serve
from vasari_face_encode.stage import load

serve(StageKind.FACE_ENCODE, load)
