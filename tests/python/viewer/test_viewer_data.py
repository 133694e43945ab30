"""What the viewer reads, against the same figures computed with pandas or by hand."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer import data
from viewer.data import GROUP_COLUMNS, Selection

pytestmark = pytest.mark.usefixtures("simulated_warehouse")

JANUARY = Selection(date(2025, 1, 1), date(2025, 1, 31))
ROUNDING = 1e-6


def near(value: float | list[float]) -> Any:
    return pytest.approx(value, rel=1e-9, abs=ROUNDING, nan_ok=True)


def published(sql: str) -> pd.DataFrame:
    with duckdb.connect(str(data.published_path()), read_only=True) as connection:
        return connection.execute(sql).df()


def influencer_days() -> pd.DataFrame:
    days = published("select * from marts.fct_influencer_days")
    return days.merge(published("select * from marts.dim_influencers"), on="influencer_id")


@st.composite
def selections(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Selection:
    """Selections of the published file, some with members or days it does not have."""
    options = data.options()
    length = (options.last_day - options.first_day).days
    first, last = sorted(
        options.first_day + timedelta(days=draw(st.integers(-3, length + 3))) for _ in range(2)
    )

    def some(members: list[str]) -> tuple[str, ...]:
        chosen: list[str] = draw(
            st.lists(st.sampled_from([*members, "nobody's"]), unique=True, max_size=3)
        )
        return tuple(chosen)

    if draw(st.booleans()):
        first, last = options.first_day, options.last_day
    return Selection(
        first,
        last,
        platforms=some(options.platforms),
        personas=some(options.personas),
        brands=some(options.brands),
        campaigns=some(list(options.campaigns)),
    )


def on_days(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    inside = rows["date_day"].between(
        pd.Timestamp(selection.first_day), pd.Timestamp(selection.last_day)
    )
    return rows[inside]


def selected(rows: pd.DataFrame, selection: Selection, *names: str) -> pd.DataFrame:
    rows = on_days(rows, selection)
    for name in names:
        if selection.members(name):
            rows = rows[rows[data.MEMBER_COLUMNS[name]].isin(selection.members(name))]
    return rows


def ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if round(denominator, 2) else float("nan")


def expected_figures(rows: pd.DataFrame, selection: Selection) -> dict[str, float]:
    """ROAS and the legacy method for influencer days of a selection, or for some of them."""
    revenue = selected(published("select * from marts.fct_revenue_days"), selection, "brands")
    organic = revenue.loc[revenue["channel"] != "influencer", "revenue"].sum()
    all_spend = on_days(influencer_days(), selection)["spend"].sum()
    spend, attributed = rows["spend"].sum(), rows["attributed_revenue"].sum()
    incremental = attributed - organic * ratio(spend, all_spend) if spend else float("nan")
    return {
        "spend": spend,
        "attributed_revenue": attributed,
        "orders": rows["orders"].sum(),
        "influencers": rows["influencer_id"].nunique(),
        "influencers_with_spend": rows.loc[rows["spend"] != 0, "influencer_id"].nunique(),
        "influencer_days": len(rows),
        "roas": ratio(attributed, spend),
        "cpo": ratio(spend, rows["orders"].sum()),
        "organic_projection_incremental_revenue": incremental,
        "organic_projection_iroas": ratio(incremental, spend),
    }


@given(selections())
@settings(max_examples=60, deadline=None)
def test_figures_of_any_selection(selection: Selection) -> None:
    rows = selected(influencer_days(), selection, *data.MEMBER_COLUMNS)
    totals = data.totals(selection)
    for column, value in expected_figures(rows, selection).items():
        assert totals[column] == near(value), column


@pytest.mark.parametrize("group", ["influencer", "persona"])
@given(selection=selections())
@settings(max_examples=20, deadline=None)
def test_figures_of_each_member_of_any_selection(group: data.Group, selection: Selection) -> None:
    key = GROUP_COLUMNS[group][0]
    rows = selected(influencer_days(), selection, *data.MEMBER_COLUMNS)
    figures = data.performance(selection, group).set_index(key)
    assert sorted(figures.index) == sorted(rows[key].unique())
    for member, rows_of_member in rows.groupby(key):
        for column, value in expected_figures(rows_of_member, selection).items():
            assert figures.at[member, column] == near(value), (member, column)


@given(selection=selections())
@settings(max_examples=30, deadline=None)
def test_parts_add_up(selection: Selection) -> None:
    totals = data.totals(selection)
    over_time = data.over_time(selection)
    for column in ("spend", "attributed_revenue"):
        assert over_time[column].sum() == near(totals[column])
        assert data.performance(selection, "persona")[column].sum() == near(totals[column])
    channels = data.revenue_by_channel(selection).set_index("channel")["revenue"]
    assert channels.drop("influencer", errors="ignore").sum() == near(totals["organic_revenue"])


@given(selection=selections())
@settings(max_examples=40, deadline=None)
def test_spend_outside_of_a_filter(selection: Selection) -> None:
    rows = selected(influencer_days(), selection, "platforms", "personas")
    or_none = selected_or_none = pd.Series(True, index=rows.index)
    for name in ("brands", "campaigns"):
        if selection.members(name):
            column = rows[data.MEMBER_COLUMNS[name]]
            or_none = or_none & column.isin([*selection.members(name), "(none)"])
            selected_or_none = selected_or_none & column.isin(selection.members(name))
    expected = rows.loc[or_none & ~selected_or_none, "spend"].sum()
    assert data.spend_of_no_member(selection) == near(expected)


@pytest.mark.parametrize("measure", ["roas", "attributed_revenue", "spend"])
@pytest.mark.parametrize("worst_first", [False, True])
def test_ranking(measure: data.RankedMeasure, worst_first: bool) -> None:
    options = data.options()
    selection = Selection(options.first_day, options.last_day)
    influencers = data.performance(selection, "influencer").dropna(subset=[measure])
    expected = influencers.sort_values(
        [measure, "influencer_id"], ascending=[worst_first, True], kind="stable"
    )
    ranked = data.ranking(selection, measure, worst_first, most=7)
    assert list(ranked["influencer_id"]) == list(expected["influencer_id"][:7])
    assert set(ranked["ranked"]) == {len(influencers)}


def test_the_whole_period_is_what_the_reports_say() -> None:
    options = data.options()
    selection = Selection(options.first_day, options.last_day)
    columns = ["spend", "attributed_revenue", "orders", "roas", "cpo"]
    columns += ["organic_projection_incremental_revenue", "organic_projection_iroas"]
    for group, report in (
        ("influencer", "rpt_influencer_performance"),
        ("persona", "rpt_persona_performance"),
    ):
        key = "influencer_id" if group == "influencer" else "persona"
        figures = data.performance(selection, group).set_index(key)  # type: ignore[arg-type]
        reported = published(f"select * from marts.{report}").set_index(key)
        # Influencers who never did, earned or cost anything are in the report only.
        silent = reported.drop(figures.index)
        assert not silent["spend"].any() and not silent["attributed_revenue"].any()
        for column in columns:
            expected = reported.loc[figures.index, column].tolist()
            assert figures[column].tolist() == near(expected)


@given(selection=selections())
@settings(max_examples=15, deadline=None)
def test_the_csv_of_influencer_days_holds_all_that_is_selected(selection: Selection) -> None:
    expected = selected(influencer_days(), selection, *data.MEMBER_COLUMNS)
    rows = csv_rows("fct_influencer_days", selection)
    assert len(rows) == len(expected) == data.mart_row_count("fct_influencer_days", selection)
    assert sum(float(row["spend"]) for row in rows) == near(expected["spend"].sum())


def test_every_mart_can_be_shown_and_exported() -> None:
    options = data.options()
    day = options.first_day + timedelta(days=20)
    brand, platform = options.brands[0], options.platforms[0]
    selection = Selection(day, day + timedelta(days=30), (platform,), (), (brand,))
    assert len(data.mart_descriptions()) > 10
    for mart in data.mart_descriptions():
        count = data.mart_row_count(mart, selection)
        assert len(data.mart_rows(mart, selection, most=3)) == min(count, 3), mart
        assert len(csv_rows(mart, selection)) == count, mart


def test_every_column_is_explained() -> None:
    comments = data.column_comments()
    for mart in data.mart_descriptions():
        assert {(mart, column) for column in data.mart_columns(mart)} <= set(comments)


def test_legacy_method_by_hand(tiny_warehouse: Path) -> None:
    totals = data.totals(JANUARY)
    assert (totals["spend"], totals["attributed_revenue"]) == (400, 700)
    assert totals["roas"] == 1.75
    # Other channels earned 1,000 and all of the spend is selected: 700 less 1,000.
    assert totals["organic_projection_incremental_revenue"] == -300
    assert totals["organic_projection_iroas"] == -0.75
    # Of brand A, other channels earned 600, and the spend is a quarter: 550 less 150.
    of_a = data.totals(replace(JANUARY, brands=("A",)))
    assert of_a["organic_projection_incremental_revenue"] == 400
    assert of_a["organic_projection_iroas"] == 4
    # A platform does not exist in other channels: 150 less three quarters of 1,000.
    instagram = data.totals(replace(JANUARY, platforms=("Instagram",)))
    assert instagram["organic_projection_incremental_revenue"] == 200 - 750


def test_without_spend_there_is_no_ratio(tiny_warehouse: Path) -> None:
    unpaid = data.performance(JANUARY, "influencer").set_index("influencer_id").loc["i3"]
    assert unpaid["attributed_revenue"] == 50
    ratios = ["roas", "organic_projection_incremental_revenue", "organic_projection_iroas"]
    assert unpaid[ratios].isna().all()
    assert "i3" not in set(data.ranking(JANUARY, "roas", False, most=9)["influencer_id"])


def test_spend_without_a_brand_is_told(tiny_warehouse: Path) -> None:
    assert data.spend_of_no_member(JANUARY) == 0
    assert data.spend_of_no_member(replace(JANUARY, brands=("B",))) == 50
    assert data.spend_of_no_member(replace(JANUARY, brands=("B",), campaigns=("c1",))) == 50
    assert data.spend_of_no_member(replace(JANUARY, brands=("B", "(none)"))) == 0
    assert data.spend_of_no_member(replace(JANUARY, brands=("B",), platforms=("YouTube",))) == 0


def test_days_without_activity_are_zero(tiny_warehouse: Path) -> None:
    selection = replace(JANUARY, first_day=date(2025, 1, 1), last_day=date(2025, 1, 5))
    assert data.over_time(selection)["spend"].tolist() == [100, 300, 0, 0, 0]


@pytest.mark.parametrize(
    ("days", "bucket"), [(1, "day"), (92, "day"), (93, "week"), (731, "week"), (732, "month")]
)
def test_long_selections_are_shown_more_coarsely(days: int, bucket: str) -> None:
    first = date(2025, 1, 1)
    assert data.time_bucket(Selection(first, first + timedelta(days=days - 1))) == bucket


def test_campaigns_of_one_name_are_told_apart(tiny_warehouse: Path) -> None:
    assert data.options().campaigns == {
        "c1": "Summer (c1)",
        "c2": "Summer (c2)",
        "c3": "Winter",
        "(none)": "(none)",
    }


def test_an_empty_selection_knows_which_filter_to_widen(tiny_warehouse: Path) -> None:
    youtube_b = replace(JANUARY, platforms=("YouTube",), brands=("B",))
    assert data.filters_to_widen(youtube_b) == ["platforms", "brands"]
    late = Selection(date(2025, 1, 20), date(2025, 1, 25), personas=("Nobody",))
    assert data.filters_to_widen(late) == []


def test_undated_payouts_stay_when_days_are_chosen(tiny_warehouse: Path) -> None:
    first_days = Selection(date(2025, 1, 1), date(2025, 1, 3), brands=("A",))
    filters = data.mart_filters("fct_payout_lines", first_days)
    assert filters.keeps_undated_rows
    assert filters.missing == ["brands"]
    lines = data.mart_rows("fct_payout_lines", first_days, most=10)["payout_line_id"]
    assert lines.tolist() == ["p1", "p2"]


def test_marts_that_name_the_influencer_follow_platform(tiny_warehouse: Path) -> None:
    youtube = replace(JANUARY, platforms=("YouTube",))
    assert data.mart_row_count("fct_payout_lines", youtube) == 1


def test_the_csv_runs_no_formula(tiny_warehouse: Path) -> None:
    whole = Selection(data.options().first_day, data.options().last_day)
    assert data.mart_csv("fct_payout_lines", whole).startswith(b"\xef\xbb\xbf")
    rows = csv_rows("fct_payout_lines", whole)
    expected = ["'+paid", "'-due", "'@accrued", "'\tx", "'\rx", 'a=b, "c"']
    assert [row["status"] for row in rows] == expected
    assert [row["amount"] for row in rows][:2] == ["100.50", "-5.00"]  # a figure, not a formula
    assert [row["event_date"] for row in rows][:2] == ["2025-01-01", ""]
    names = [row["influencer_name"] for row in csv_rows("dim_influencers", whole)]
    assert names[1] == '\'=HYPERLINK("http://x.example")'


def test_values_and_names_are_not_sql(tiny_warehouse: Path) -> None:
    hostile = replace(JANUARY, brands=("A') or 1=1 --",))
    assert data.totals(hostile)["influencer_days"] == 0
    with pytest.raises(data.UnreadableFileError):
        data.mart_csv('dim_brands"; drop table dim_brands; --', JANUARY)


def csv_rows(mart: str, selection: Selection) -> list[dict[str, str]]:
    text = data.mart_csv(mart, selection).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
