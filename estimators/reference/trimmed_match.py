"""Trimmed Match for many assignments of the same pairs.

Chen and Au (2022), Robust causal inference for incremental return on ad spend with randomized
paired geo experiments, Annals of Applied Statistics 16. A pair's residual is its response
difference less iROAS times its cost difference; the m lowest and m highest are trimmed, and iROAS
is where those that are kept add up to zero. Experiments that ran are measured by the same formula
in SQL (models/incrementality/inc_trimmed_match.sql).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDING = 1e-12  # by which a zero may lie beyond the end of its segment
CLOSE_TO_LEAST = 0.25  # over the root of pairs: an error that much larger is as good


@dataclass(frozen=True)
class Estimates:
    """What was found of each assignment.

    Attributes:
        iroas: Shape (assignments,); incremental revenue per unit of cost.
        trim_rate: Shape (assignments,); share of pairs that is trimmed on each side.
    """

    iroas: Floats
    trim_rate: Floats


def trimmed_match(responses: Floats, costs: Floats, max_trim_rate: float) -> Estimates:
    """The iROAS of each assignment, with the number of trimmed pairs chosen by the data.

    Args:
        responses: Shape (assignments, pairs); treated less control, in currency.
        costs: Shape (assignments, pairs); the same of spend, in currency.
        max_trim_rate: Share of pairs, on each side, that may be trimmed; 0 trims nothing.

    Returns:
        Estimates: nan where costs add up to zero.

    Raises:
        ValueError: If shapes differ, or there are fewer than two pairs.
    """
    if responses.shape != costs.shape or responses.ndim != 2:
        raise ValueError("responses and costs are tables of assignments by pairs")
    pairs = responses.shape[1]
    if pairs < 2:
        raise ValueError("Trimmed Match needs two pairs")
    most = min(int(np.floor(max_trim_rate * pairs + 1e-9)), (pairs - 2) // 2)
    if most == 0:
        total = costs.sum(axis=1)
        free = np.divide(responses.sum(axis=1), total, out=np.full(len(total), np.nan),
                         where=total != 0)  # fmt: skip
        return Estimates(free, np.zeros(len(free)))
    found = np.array([_chosen(dy, dx, most) for dy, dx in zip(responses, costs, strict=True)])
    return Estimates(found[:, 0], found[:, 1] / pairs)


def _chosen(responses: Floats, costs: Floats, most: int) -> tuple[float, int]:
    """Of one assignment the iROAS with the fewest trimmed pairs whose error is near the least."""
    low, high, kept_cost, kept_response = _segments(responses, costs, most)
    found = []
    for trimmed in range(most + 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            zeros = kept_response[:, trimmed] / kept_cost[:, trimmed]
        slack = ROUNDING * np.abs(zeros)
        zeros = zeros[(zeros >= low - slack) & (zeros <= high + slack)]
        if len(zeros):
            found.append((*_best(zeros, responses, costs, trimmed), trimmed))
    if not found:
        return np.nan, 0
    limit = (1 + CLOSE_TO_LEAST / np.sqrt(len(costs))) * min(error for _, error, _ in found)
    return next((iroas, trimmed) for iroas, error, trimmed in found if error <= limit)


def _segments(responses: Floats, costs: Floats, most: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Where ranks of residuals change, and what is kept between, by number of trimmed pairs.

    Returns:
        Both ends of each segment, shape (segments,), and sums of costs and responses of the kept
        pairs, shape (segments, most + 1).
    """
    one, other = np.triu_indices(len(costs), 1)
    differ = costs[one] != costs[other]
    one, other = one[differ], other[differ]
    crossings = np.unique((responses[one] - responses[other]) / (costs[one] - costs[other]))
    ends = np.concatenate([[-np.inf], crossings, [np.inf]])
    if len(crossings):
        outside = np.array([crossings[0] - 1, crossings[-1] + 1])
        middles = np.concatenate([outside[:1], (crossings[1:] + crossings[:-1]) / 2, outside[1:]])
    else:
        middles = np.zeros(1)
    ranked = np.argsort(responses - middles[:, None] * costs, axis=1)
    up_to = np.arange(most + 1)
    sums = []
    for values in (costs, responses):
        running = np.zeros((len(middles), len(costs) + 1))
        np.cumsum(values[ranked], axis=1, out=running[:, 1:])
        sums.append(running[:, len(costs) - up_to] - running[:, up_to])
    return ends[:-1], ends[1:], sums[0], sums[1]


def _best(zeros: Floats, responses: Floats, costs: Floats, trimmed: int) -> tuple[float, float]:
    """Of several zeros that with the most even residuals, and its standard error."""
    pairs = len(costs)
    ranked = np.argsort(responses - zeros[:, None] * costs, axis=1)[:, trimmed : pairs - trimmed]
    kept = responses[ranked] - zeros[:, None] * costs[ranked]
    best = int(np.argmin(np.abs(kept + kept[:, ::-1]).sum(axis=1)))
    residuals = kept[best]
    squares = residuals @ residuals + trimmed * (residuals[0] ** 2 + residuals[-1] ** 2)
    return float(zeros[best]), float(np.sqrt(squares) / abs(costs[ranked[best]].sum()))
