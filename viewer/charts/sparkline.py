"""A small course over time inside a tile: Streamlit's own has parts that a listener can't name."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from itertools import groupby
from math import isnan
from typing import Any

from viewer.charts.theme import BLUE

WIDTH, HEIGHT, MARGIN = 200.0, 36.0, 2.0


def sparkline(values: Sequence[float], write: Callable[[Any], str]) -> str | None:
    """An image of values over time, over a ground at zero, as HTML; None of fewer than two.

    Where a value is nan there is a gap. `write` is how a value is written, for those who hear it.
    """
    present = [value for value in values if not isnan(value)]
    if len(present) < 2:
        return None
    least, most = min(*present, 0.0), max(*present, 0.0)
    span = (most - least) or 1.0

    def height(value: float) -> float:
        # The share comes first: one over a span next to nothing is no number.
        return HEIGHT - MARGIN - (value - least) / span * (HEIGHT - 2 * MARGIN)

    step = WIDTH / (len(values) - 1)
    points = [(number * step, height(value)) for number, value in enumerate(values)]
    drawn = "".join(
        _stretch(list(stretch), height(0.0))
        for is_gap, stretch in groupby(points, lambda point: isnan(point[1]))
        if not is_gap
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
        f' preserveAspectRatio="none">{drawn}</svg>'
    )
    words = (
        f"Over time: {write(present[0])} at first, {write(present[-1])} at last,"
        f" between {write(min(present))} and {write(max(present))}"
    )
    encoded = b64encode(svg.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{encoded}" alt="{escape(words)}"'
        f' style="width: 100%; height: {HEIGHT:g}px; display: block">'
    )


def _stretch(points: Sequence[tuple[float, float]], ground: float) -> str:
    """A line with the area between it and the ground; a single value is a dot."""
    # A line to where it stands is drawn as a dot by its round end.
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*points, points[-1]))
    return (
        f'<polygon points="{points[0][0]:.1f},{ground:.1f} {line} {points[-1][0]:.1f},{ground:.1f}"'
        f' fill="{BLUE}" opacity="0.15"/>'
        f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="1.5"'
        ' stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
    )
