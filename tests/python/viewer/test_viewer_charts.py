"""Charts show the rows they are given, and say in words what they show."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from viewer import charts, data, measures

JANUARY = data.Selection(date(2025, 1, 1), date(2025, 1, 31))

pytestmark = pytest.mark.usefixtures("tiny_warehouse")


def test_revenue_and_spend_over_time() -> None:
    chart = charts.revenue_and_spend(data.over_time(JANUARY), "day")
    revenue, spend = chart.figure.data
    assert sum(revenue.y) == 700
    assert sum(spend.y) == 400
    assert revenue.hovertext[0] == "1 Jan 2025<br>Attributed revenue ₹500"
    assert "1 Jan 2025 – 31 Jan 2025" in chart.alt
    assert "highest in the day from 1 Jan 2025 with ₹500" in chart.alt


def test_channels(tiny_warehouse: Path) -> None:
    chart = charts.channel_shares(data.revenue_by_channel(JANUARY))
    assert list(chart.figure.data[0].y) == ["influencer", "organic", "direct"]
    assert "influencer ₹700 (41.2 %); organic ₹600 (35.3 %); direct ₹400 (23.5 %)" in chart.alt


def test_personas_without_a_value_are_left_out() -> None:
    a_only = data.Selection(JANUARY.first_day, JANUARY.last_day, brands=("A",))
    chart = charts.persona_bars(data.performance(a_only, "persona"), measures.ROAS)
    assert chart.alt == "Bar chart of ROAS by persona: Macro-Fitness 5.00x."


def test_names_of_the_data_are_no_html() -> None:
    personas = pd.DataFrame({"persona": ["<b>A & B", "x" * 50], "roas": [2.0, -1.0]})
    names = charts.persona_bars(personas, measures.ROAS).figure.data[0].y
    assert names[0] == "&lt;b>A &amp; B"
    assert len(names[1]) == charts.LONGEST_NAME


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0, 0], ["₹0"]),
        ([68_000, 10], ["₹0", "₹20,000", "₹40,000", "₹60,000", "₹80,000"]),
        ([210_000], ["₹0", "₹1.00 L", "₹2.00 L", "₹3.00 L"]),
        ([-500, 500], ["−₹500", "−₹250", "₹0", "₹250", "₹500"]),
    ],
)
def test_axes_are_marked_at_round_rupees(values: list[float], texts: list[str]) -> None:
    assert charts._rupee_ticks(values)["ticktext"] == texts
