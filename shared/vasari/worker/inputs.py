"""What stages before left in the store, for this job or for one before."""

from __future__ import annotations

from vasari.store import Store
from vasari.values import Appearance, Defect, Fault, Motion, Reason, SpoiltAppearance
from vasari.values.archive import SchemaMismatch


def read_appearance(store: Store, name: str) -> Appearance:
    """Raises SpoiltAppearance when it is not there or cannot be read; Fault when the store does not answer."""
    try:
        return Appearance.from_bytes(store.get(name))
    except SchemaMismatch as error:
        raise SpoiltAppearance(f"the encoded face cannot be read: {error}") from error
    except Fault as error:
        if error.reason is Reason.UNAVAILABLE:
            raise
        raise SpoiltAppearance(f"the encoded face is not there: {error.message}") from error


def read_motion(store: Store, name: str) -> Motion:
    """Raises Defect when it cannot be read; Fault when the store does not answer or has it not."""
    try:
        return Motion.from_bytes(store.get(name))
    except SchemaMismatch as error:
        raise Defect(f"a window of the motion cannot be read: {error}") from error
