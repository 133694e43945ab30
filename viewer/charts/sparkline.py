"""A small course over time inside a tile: Streamlit's own has parts that a listener can't name."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from viewer.charts.base import BLUE

WIDTH, HEIGHT, MARGIN = 200.0, 36.0, 2.0


def sparkline(values: Sequence[float], write: Callable[[Any], str]) -> str:
    """An image of values from left to right, over a ground at zero, as HTML.

    Args:
        values: At least two.
        write: How a value is written, for those who hear it.
    """
    least, most = min(*values, 0.0), max(*values, 0.0)
    scale = (HEIGHT - 2 * MARGIN) / ((most - least) or 1.0)
    step = WIDTH / (len(values) - 1)
    points = [
        f"{number * step:.1f},{HEIGHT - MARGIN - (value - least) * scale:.1f}"
        for number, value in enumerate(values)
    ]
    ground = HEIGHT - MARGIN + least * scale
    words = (
        f"Over time: {write(values[0])} at first, {write(values[-1])} at last,"
        f" between {write(min(values))} and {write(max(values))}"
    )
    line = " ".join(points)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
        ' preserveAspectRatio="none">'
        f'<polygon points="0,{ground:.1f} {line} {WIDTH:g},{ground:.1f}" fill="{BLUE}"'
        ' opacity="0.15"/>'
        f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="1.5"'
        ' stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
        "</svg>"
    )
    encoded = b64encode(svg.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{encoded}" alt="{escape(words)}"'
        f' style="width: 100%; height: {HEIGHT:g}px; display: block">'
    )
