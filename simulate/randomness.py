"""Where chance comes from: one stream for each thing that is drawn.

Streams of their own keep worlds comparable: a change to how posts are drawn leaves the demand of
every region and day as it was. Order lines are drawn in blocks of a fixed number of lines, each
with a stream of its own, so that they do not depend on how many are made at a time.
"""

from enum import IntEnum, auto

import numpy as np
from numpy.typing import NDArray

DRAWS = 1 << 16  # values of a 16-bit draw, and length of the tables that such draws look up


class Stream(IntEnum):
    """What is drawn; the number is part of the seed, so new streams go to the end."""

    PEOPLE = auto()
    SCHEDULE = auto()
    TEAMS = auto()
    POSTS = auto()
    DEMAND = auto()
    EFFECT = auto()
    CREATIVE = auto()
    ORDERS = auto()
    SHUFFLE = auto()
    PAYOUTS = auto()
    MESS = auto()
    BRAND_DRIFT = auto()


def generator(seed: int, stream: Stream, *numbers: int) -> np.random.Generator:
    """A generator for one stream, or for one numbered part of it.

    Args:
        seed: The world's seed.
        stream: What is drawn.
        numbers: Which part, such as the block of order lines.

    Returns:
        A generator independent of all others.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(stream, *numbers))
    return np.random.Generator(np.random.SFC64(sequence))


def lookup(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """A table from which a 16-bit draw picks an outcome: `table[draw]`.

    Picking from a table takes a fraction of the time of drawing from a distribution. Shares are
    rounded to 1 / 65,536.

    Args:
        shares: Shape (outcomes,), at most 256; scaled to sum to 1.

    Returns:
        Shape (65536,); numbers of outcomes in ascending order.
    """
    ends = np.rint(np.cumsum(shares) / np.sum(shares) * DRAWS).astype(np.int64)
    return np.repeat(np.arange(len(shares), dtype=np.uint8), np.diff(ends, prepend=0))
