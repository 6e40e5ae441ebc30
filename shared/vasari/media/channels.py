"""Channels that cancel each other: a plug wired the wrong way round inverts one, and their mix is silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

_BLOCK_SECONDS: Final = 0.25
_END: Final = np.zeros((0, 0), np.float32)

_CANCELLED: Final = 0.25
"""Power of the mix against that of unrelated channels. Two equally loud channels get there at a correlation of -0.75;
those of one room, of two speakers or of a stereo effect stay well above."""

_AUDIBLE: Final = 1e-4
"""Root mean square of a channel below which there is nothing but noise, -80 dBFS."""


def uncancelled(blocks: Iterable[Sound], rate: int, tell: Callable[[str], None]) -> Iterator[Sound]:
    """The same sound, in channels that can be mixed: where their mean cancels, all carry the loudest of them.

    That is judged for each quarter of a second, and faded in and out over those beside it. Everything else comes
    through as it is, bit by bit.

    Args:
        blocks: (channels, n) each.
        rate: samples per second.
        tell: called with a few words where channels cancel.
    """
    for channels, run in groupby(blocks, len):
        if channels == 1:
            yield from run
        else:
            yield from _faded(_even(run, round(rate * _BLOCK_SECONDS)), tell)


def _even(blocks: Iterable[Sound], length: int) -> Iterator[Sound]:
    """The same samples in blocks of one length; the last may be shorter."""
    held: list[Sound] = []
    count = 0
    for block in blocks:
        held.append(block)
        count += block.shape[1]
        if count >= length:
            joined = np.concatenate(held, axis=1)
            whole = count - count % length
            yield from np.split(joined[:, :whole], whole // length, axis=1)
            held, count = [joined[:, whole:]], count - whole
    if count:
        yield np.concatenate(held, axis=1)


def _faded(blocks: Iterable[Sound], tell: Callable[[str], None]) -> Iterator[Sound]:
    before = None
    for (block, here), (_, after) in pairwise(chain(_judged(blocks), [(_END, None)])):
        left, right = before if here is None else here, here if after is None else after
        if here is not None and before is not None:  # for a moment it may be chance
            tell("the channels cancel each other, so the louder one counts")
        yield block if left is None and right is None else _carrying(block, left, right)
        before = here


def _judged(blocks: Iterable[Sound]) -> Iterator[tuple[Sound, int | None]]:
    """Each block, and the channel that counts in it because all of them together cancel; None where they do not."""
    last = 0
    for block in blocks:
        power = np.square(block).mean(axis=1)
        mixed = np.square(block.mean(axis=0)).mean() * len(block) ** 2
        # Equals must not take turns: between a channel and its opposite a fade is silence.
        loudest = last if power[last] > power.max() / 2 else int(power.argmax())
        if power[loudest] > _AUDIBLE**2 and mixed < _CANCELLED * power.sum():
            last = loudest
            yield block, loudest
        else:
            yield block, None


def _carrying(block: Sound, left: int | None, right: int | None) -> Sound:
    """Every channel faded into the one that counts at its beginning, and from there to the one at its end."""
    ramp = np.linspace(0, 1, block.shape[1], endpoint=False, dtype=np.float32)
    shares = np.zeros_like(block)
    if left is not None:
        shares[left] += 1 - ramp
    if right is not None:
        shares[right] += ramp
    carried: Sound = block * (1 - shares.sum(axis=0)) + (block * shares).sum(axis=0)
    return carried
