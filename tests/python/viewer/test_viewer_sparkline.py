"""The small course under a figure draws each value at its height, and nothing where there is none.

Heights are compared with proportions between the least and the most value, computed here.
"""

import re
import sys
from base64 import b64decode
from itertools import groupby
from math import isnan, nan
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.charts.sparkline import HEIGHT, MARGIN, WIDTH, sparkline
from viewer.format import ratio

SVG = "{http://www.w3.org/2000/svg}"


def drawn_lines(html: str | None) -> list[list[tuple[float, float]]]:
    assert html is not None
    encoded = re.search(r"base64,([^\"]+)", html)
    assert encoded is not None
    image = ElementTree.fromstring(b64decode(encoded[1]))
    return [
        [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())]
        for line in (element.attrib["points"] for element in image.iter(f"{SVG}polyline"))
    ]


def test_values_lie_between_top_and_bottom_by_their_size() -> None:
    (line,) = drawn_lines(sparkline([0.0, 5.0, 10.0], ratio))
    assert line[:3] == [
        (0.0, HEIGHT - MARGIN),
        (WIDTH / 2, HEIGHT / 2),
        (WIDTH, MARGIN),
    ]


def test_a_loss_goes_below_the_ground() -> None:
    html = sparkline([-5.0, 5.0], ratio)
    (line,) = drawn_lines(html)
    assert line[:2] == [(0.0, HEIGHT - MARGIN), (WIDTH, MARGIN)]


def test_a_time_without_a_value_is_a_gap_and_not_a_zero() -> None:
    html = sparkline([2.0, 4.0, nan, 3.0], ratio)
    lines = drawn_lines(html)
    assert [[x for x, _ in line[:-1]] for line in lines] == [
        [0.0, pytest.approx(WIDTH / 3, abs=0.05)],
        [WIDTH],
    ]
    assert html is not None
    assert "2.00x at first, 3.00x at last, between 2.00x and 4.00x" in html


@pytest.mark.parametrize("values", [[], [1.0], [nan, 1.0, nan], [nan, nan]])
def test_nothing_is_drawn_of_fewer_than_two_values(values: list[float]) -> None:
    assert sparkline(values, ratio) is None


def test_values_next_to_nothing_are_drawn() -> None:
    (line,) = drawn_lines(sparkline([0.0, sys.float_info.min], ratio))
    assert line[:2] == [(0.0, HEIGHT - MARGIN), (WIDTH, MARGIN)]


@given(
    st.lists(
        st.one_of(st.just(nan), st.floats(min_value=-1e9, max_value=1e9)), min_size=2, max_size=60
    )
)
def test_every_value_is_drawn_once_and_inside(values: list[float]) -> None:
    html = sparkline(values, ratio)
    present = sum(not isnan(value) for value in values)
    if present < 2:
        assert html is None
        return
    lines = drawn_lines(html)
    stretches = [key for key, _ in groupby(isnan(value) for value in values)]
    assert len(lines) == stretches.count(False)
    # The last point of a line stands twice, so that a single one is seen.
    assert sum(len(line) - 1 for line in lines) == present
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for line in lines for x, y in line)
