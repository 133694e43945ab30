"""What all charts share: valid figures, ticks, the look of a page, what a click or drag picks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from tests.python.viewer.pages import figures, open_page
from viewer import format as shown
from viewer.charts import experiments, theme
from viewer.charts.theme import DRAG_OF_TEMPLATE, VERDICT_COLOURS
from viewer.views.parts import picked_days


@pytest.fixture
def western() -> Iterator[None]:
    shown.use(shown.Style("USD"))
    yield
    shown.use(shown.Style())


@pytest.mark.parametrize(
    "query",
    [
        {"page": "overview"},
        {"page": "influencers"},
        {"page": "influencers", "show": "Personas"},
        {"page": "experiments"},
        {"page": "payouts"},
        {"page": "report"},
    ],
)
def test_every_figure_is_valid(query: dict[str, str], simulated_warehouse: Path) -> None:
    drawn = figures(open_page(**query))
    assert drawn
    for figure in drawn:
        # Plotly's own check, which pages do without, takes everything but this.
        assert figure["layout"].pop("dragmode") == DRAG_OF_TEMPLATE
        go.Figure(figure)


@pytest.mark.parametrize(
    ("least", "most", "ticks"),
    [
        (0, 1_17_000, ["₹0", "₹25,000", "₹50,000", "₹75,000", "₹1 L", "₹1.25 L"]),
        (58e5, 93e5, ["₹50 L", "₹60 L", "₹70 L", "₹80 L", "₹90 L", "₹1 Cr"]),
        (-2.1e7, 1e6, ["−₹2.5 Cr", "−₹2 Cr", "−₹1.5 Cr", "−₹1 Cr", "−₹50 L", "₹0", "₹50 L"]),
    ],
)
def test_ticks_of_money_are_round(least: float, most: float, ticks: list[str]) -> None:
    axis = theme.money_axis([least, most, None, np.nan], has_zero=False)
    first, last = axis["range"]
    assert first <= least <= most <= last
    assert axis["ticktext"] == ticks


def test_ticks_of_other_money_have_thousands(western: None) -> None:
    axis = theme.money_axis([0, 2_400_000])
    assert axis["ticktext"] == ["$0", "$500K", "$1M", "$1.5M", "$2M", "$2.5M"]


def test_an_axis_of_nothing_known_has_ticks() -> None:
    assert theme.money_axis([None, np.nan])["range"] == [0.0, 1.0]


def test_verdicts_have_their_colours_in_order() -> None:
    present = ["not measurable", "unprofitable", "profitable", "unheard of"]
    assert theme.verdicts(present) == {
        "profitable": "#009E73",
        "unprofitable": "#D55E00",
        "not measurable": "#8A939B",
        "unheard of": "#8A939B",
    }
    assert len(set(VERDICT_COLOURS.values())) == 4


@pytest.mark.parametrize("look", ["light", "dark", "print"])
def test_writing_is_read_on_the_ground(look: theme.Theme) -> None:
    layout = theme.template(look)["layout"]
    ink, ground = (
        sum(
            weight * channel
            for weight, channel in zip((2, 7, 1), theme.channels(colour), strict=True)
        )
        for colour in (layout["font"]["color"], layout["paper_bgcolor"])
    )
    assert abs(ink - ground) > 1600  # of 2550


def test_a_line_breaks_at_weeks_that_the_dates_cut() -> None:
    weeks = pd.date_range("2026-01-05", periods=4, freq="7D")
    rows = pd.DataFrame(
        {
            "bucket": weeks,
            "bucket_start": weeks + pd.to_timedelta([2, 0, 0, 0], "D"),
            "bucket_end": weeks + pd.Timedelta(days=6),
            "is_partial": [True, False, False, False],
            "amount": [1.0, 2.0, 3.0, 4.0],
        }
    )
    told = theme.picks(rows, ["a", "b", "c", "d"])
    line = theme.course(rows, "amount", "Amount", "#0072B2", told)
    assert line["y"] == [1.0, None, 2.0, 3.0, 4.0]
    assert line["marker"]["symbol"].count("circle-open") == 1
    assert line["marker"]["symbol"][0] == "circle-open"
    assert list(told[0]) == ["2026-01-07", "2026-01-11", "a"]


def test_what_is_picked_goes_from_the_first_to_the_last_day() -> None:
    picked = [["2026-01-12", "2026-01-18", "₹1"], ["2026-01-07", "2026-01-11", "₹2"]]
    assert picked_days(picked) == (date(2026, 1, 7), date(2026, 1, 18))


def test_a_band_is_not_drawn_where_days_are_left_out() -> None:
    days = pd.Series(pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-05"]))
    low, high = pd.Series([1.0, 2.0, 3.0]), pd.Series([4.0, 5.0, 6.0])
    area = theme.band(days, low, high, "#0072B2", np.array([0, 0, 1]))
    assert area["y"] == [1.0, 2.0, 5.0, 4.0, None, 3.0, 6.0, None]
    assert area["x"][4] is None


def test_a_chart_of_an_experiment_keeps_every_day_in_its_data() -> None:
    days = pd.DataFrame(
        {"date_day": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-05"])}
        | {name: [1.0, 2.0, 3.0] for name in ("actual", "baseline")}
        | {name: [np.nan] * 3 for name in ("baseline_low", "baseline_high")}
    )
    course = experiments.Course(days, date(2026, 1, 2), date(2026, 1, 5), None)
    chart = experiments.actual_and_counterfactual(course)
    assert chart.data["actual"].tolist() == [1.0, 2.0, 3.0]
    [line] = [one for one in chart.drawing.traces if one.get("name") == "Actual"]
    assert line["y"] == [1.0, 2.0, None, 3.0]
