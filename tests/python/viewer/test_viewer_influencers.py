"""Influencers & personas, and one influencer: what they show against queries of their own."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from streamlit.testing.v1 import AppTest

from tests.python.viewer.pages import alts, estimates, figures, open_page, texts, tiles, trace
from tests.python.viewer.tiny import MARKDOWN_NAME, publish
from viewer.charts import influencers as charts
from viewer.format import count, money, plain, ratio
from viewer.published import published_path

# The normal quantile of a two-sided interval of 90 %.
Z = 1.6448536269514722
COLUMN_OF_SORT = {
    "Lower bound": "iroas_low",
    "Probability": "prob_profitable",
    "Spend": "spend",
    "Attributed revenue": "attributed_revenue",
    "Incremental revenue": "incremental_revenue",
    "Incremental profit": "incremental_profit",
    "Incremental ROAS": "iroas",
    "ROAS": "roas",
}
# Sorts that leave out what is not measurable.
MEASURED_SORTS = ("Lower bound", "Probability", "Incremental profit", "Incremental ROAS")
# Filters of the URL, and the same as SQL on influencer days (d) and influencers (i).
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "everything": ({}, "true"),
    "dates": (
        {"dates": ["2025-10-01", "2026-03-31"]},
        "date_day between date '2025-10-01' and date '2026-03-31'",
    ),
    "brand and platform": (
        {"brand": ["MuscleBlaze", "Gritzo"], "platform": "YouTube"},
        "d.brand in ('MuscleBlaze', 'Gritzo') and i.platform = 'YouTube'",
    ),
    "personas, tier and dates": (
        {
            "persona": ["Micro-Fitness", "Micro-Nutrition"],
            "tier": "Micro",
            "dates": ["2026-01-05", "2026-02-28"],
        },
        "i.persona in ('Micro-Fitness', 'Micro-Nutrition') and i.tier = 'Micro'"
        " and date_day between date '2026-01-05' and date '2026-02-28'",
    ),
    "category and language": (
        {
            "category": "Fitness",
            "my_name": "Hindi",
            "my_language": "Hindi",
            "my_min": "5000",
            "persona": "★ Hindi",
        },
        "i.category = 'Fitness' and i.language = 'Hindi' and i.follower_count >= 5000",
    ),
}


# --- Figures computed on their own ---------------------------------------------------------------


def rows_of(where: str) -> list[dict[str, Any]]:
    """Influencer days with what influencers are."""
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        result = connection.execute(
            f"""
            select d.*, i.persona, i.platform, i.gender, i.follower_count, i.influencer_name
            from marts.fct_influencer_days as d
            inner join marts.dim_influencers as i using (influencer_id)
            where {where}
            """
        )
        names = [column[0] for column in result.description]
        return [dict(zip(names, values, strict=True)) for values in result.fetchall()]


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(f"use marts; {sql}", list(values)).fetchall()


def grouped(rows: Iterable[Mapping[str, Any]], *keys: str) -> dict[Any, list[Mapping[str, Any]]]:
    groups: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys)].append(row)
    return groups


def break_even_of(brands: str | Sequence[str] = ()) -> float:
    """One over the margin of some brands, or of all."""
    wanted = (brands,) if isinstance(brands, str) else tuple(brands)
    return _break_even_of(published_path(), wanted)


@cache
def _break_even_of(file: Path, brands: tuple[str, ...]) -> float:
    [(revenue, cost)] = ask(
        """
        select sum(revenue)::double, sum(cost_of_goods)::double
        from dim_brands
        where len($1) = 0 or list_contains($1, brand)
        """,
        list(brands),
    )
    return float(revenue / (revenue - cost))


def figures_of(rows: Iterable[Mapping[str, Any]], brands: Any = ()) -> dict[str, Any]:
    """Figures of influencer days by the formulas of docs/metrics.md, judged by margin."""
    rows = list(rows)
    break_even = break_even_of(brands)
    known = [row for row in rows if row["incremental_revenue"] is not None]
    spend = float(sum(row["spend"] for row in rows))
    revenue = float(sum(row["attributed_revenue"] for row in rows))
    # Spend counts where the published file knows what the campaign's revenue is worth.
    measured = float(sum(row["spend"] for row in known))
    # Nothing can be told of a selection without attributed revenue.
    if all(row["attributed_revenue"] == 0 for row in known):
        measured = 0.0
    incremental = math.fsum(row["incremental_revenue"] for row in known) if known else None
    shared = math.fsum(row["incremental_se_shared"] for row in known)
    campaigns = [
        math.fsum(row["incremental_se_campaign"] for row in group)
        for group in grouped(known, "campaign_id").values()
    ]
    people = [
        math.fsum(row["incremental_se_influencer"] for row in group)
        for group in grouped(known, "campaign_id", "influencer_id").values()
    ]
    error = math.sqrt(shared**2 + sum(part**2 for part in [*campaigns, *people]))
    figures: dict[str, Any] = {
        "spend": spend,
        "orders": sum(row["orders"] for row in rows),
        "attributed_revenue": revenue,
        "roas": revenue / spend if spend else None,
        "incremental_revenue": incremental,
        "iroas": None,
        "iroas_low": None,
        "iroas_high": None,
        "incremental_profit": None,
        "verdict": "not measurable",
    }
    if incremental is not None and measured and measured / spend >= 0.5:
        low, high = ((incremental + sign * Z * error) / measured for sign in (-1, 1))
        figures |= {"iroas": incremental / measured, "iroas_low": low, "iroas_high": high}
        figures["incremental_profit"] = incremental / break_even - measured
        figures["verdict"] = (
            "profitable"
            if low > break_even
            else "unprofitable"
            if high < break_even
            else "inconclusive"
        )
    return figures


def close(shown: Any, expected: Any) -> bool:
    """Whether a cell shows a figure, or nothing where there is none."""
    if expected is None:
        return shown is None or (isinstance(shown, float) and math.isnan(shown))
    if isinstance(expected, str):
        return bool(shown == expected)
    return bool(shown == pytest.approx(expected, rel=1e-6, abs=1e-6))


# --- What pages show -----------------------------------------------------------------------------


def table_of(app: AppTest, place: int = 0) -> pd.DataFrame:
    """Figures of a table, in the order of the page."""
    return pd.DataFrame(app.dataframe[place].value)


def ranking(app: AppTest) -> pd.DataFrame:
    """The rows of the ranking as they are drawn, best on top."""
    figure = figures(app)[0]
    rows = pd.DataFrame(estimates(figure))
    return rows.assign(orders=figure["layout"]["yaxis2"]["ticktext"])


def within(value: float | None, least: float, most: float) -> float | None:
    """A value where an axis cuts it."""
    return None if value is None else min(max(value, least), most)


def chosen_in(rows: pd.DataFrame) -> list[str]:
    """Who is not faded."""
    return list(rows.loc[rows["opacity"] == 1, "label"])


def told_in_scatter(app: AppTest) -> dict[str, dict[str, Any]]:
    """Circles of the scatter by the name that the mouse shows."""
    return {
        unescape(told.split("<b>")[1].split("</b>")[0]): {
            "spend": spend, "height": height, "opacity": opacity, "size": size, "told": told
        }
        for one in figures(app)[1]["data"]
        if "customdata" in one
        for spend, height, opacity, size, (_, told) in zip(
            one["x"], one["y"], one["marker"]["opacity"], one["marker"]["size"],
            one["customdata"], strict=True,
        )
    }  # fmt: skip


def cells_of(app: AppTest) -> dict[tuple[str, str], dict[str, Any]]:
    """Cells of the heat map by persona and platform: where they stand, and what is written."""
    figure = figures(app)[1]
    [bars] = figure["data"]
    rows, columns = (figure["layout"][axis]["ticktext"] for axis in ("yaxis", "xaxis"))
    found = {}
    for left, width, place, text, colour, opacity, (persona, platform, _) in zip(
        bars["base"], bars["x"], bars["y"], bars["text"], bars["marker"]["color"],
        bars["marker"]["opacity"], bars["customdata"], strict=True,
    ):  # fmt: skip
        column = columns[round(left + width / 2)]
        assert (unescape(rows[place]), unescape(column)) == (persona, platform)
        found[persona, platform] = {"text": text, "colour": colour, "opacity": opacity}
    return found


def by(rows: pd.DataFrame, *keys: str) -> dict[Any, dict[str, Any]]:
    """Rows by what tells them apart."""
    assert not rows.duplicated(list(keys)).any()
    records: list[Any] = rows.to_dict("records")
    return {
        row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys): row for row in records
    }


def side_by_side(app: AppTest) -> dict[str, dict[str, str]]:
    """Cells of the comparison, by persona and measure."""
    columns: Any = pd.DataFrame(app.table[0].value).to_dict()
    return dict(columns)


def marked(columns: Mapping[str, Mapping[str, str]], label: str) -> list[str]:
    """Personas that are marked as the best by a measure."""
    return [persona for persona, cells in columns.items() if "✓" in cells[label]]


def unmarked(cell: str) -> str:
    return cell.strip("* ✓")


# --- Influencers: against queries ----------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_the_table_of_influencers_is_right_under_filters(
    case: str, simulated_warehouse: Path
) -> None:
    query, where = CASES[case]
    app = open_page("influencers", **query)
    assert not app.exception and not app.warning
    shown = by(table_of(app), "label")
    expected = grouped(rows_of(where), "influencer_name")
    assert set(shown) == set(expected)
    for name, rows in expected.items():
        for column, value in figures_of(rows, query.get("brand", ())).items():
            if column != "incremental_revenue":
                assert close(shown[name][column], value), (name, column)


def test_costs_and_shares_of_influencers(simulated_warehouse: Path) -> None:
    shown = by(table_of(open_page("influencers", brand="HKVitals")), "label")
    rows = ask(
        """
        select
            influencer_name,
            1000 * sum(if(known_views, spend, null))::double
                / nullif(sum(if(known_views, coalesce(impressions, 0), null)), 0) as cpm,
            sum(if(known_likes, spend, null))::double
                / nullif(sum(if(known_likes, coalesce(likes + comments, 0), null)), 0) as cpe,
            sum(spend)::double / nullif(sum(orders), 0) as cpo,
            sum(attributed_revenue)::double / nullif(sum(orders), 0) as aov,
            sum(if(reach is null, null, likes + comments))::double
                / nullif(sum(if(likes + comments is null, null, reach)), 0) as engagement_rate,
            sum(new_customer_orders)::double
                / nullif(sum(orders_of_known_customers), 0) as new_customer_share
        from (
            select
                *,
                impressions is not null or posts = 0 as known_views,
                likes + comments is not null or posts = 0 as known_likes
            from fct_influencer_days
            where brand = 'HKVitals'
        )
        inner join dim_influencers using (influencer_id)
        group by influencer_name
        """
    )
    columns = ("cpm", "cpe", "cpo", "aov", "engagement_rate", "new_customer_share")
    assert len(rows) == len(shown) > 50
    for name, *values in rows:
        for column, value in zip(columns, values, strict=True):
            assert close(shown[name][column], value), (name, column)


@pytest.mark.parametrize("sort_by", COLUMN_OF_SORT)
def test_influencers_are_sorted_as_chosen(sort_by: str, simulated_warehouse: Path) -> None:
    app = open_page("influencers", sort_by=sort_by, how_many="50")
    expected = {
        name: figures_of(rows) for name, rows in grouped(rows_of("true"), "influencer_name").items()
    }
    column = COLUMN_OF_SORT[sort_by]

    def value(name: str) -> float | None:
        figures = expected[name]
        if sort_by in MEASURED_SORTS and figures["verdict"] == "not measurable":
            return None
        if sort_by == "Probability":
            error = (figures["iroas_high"] - figures["iroas_low"]) / 2 / Z
            return float(norm.cdf((figures["iroas"] - break_even_of()) / error))
        figure = figures[column]
        return None if figure is None else float(figure)

    order = table_of(app)["label"].tolist()
    assert sorted(order) == sorted(expected)
    values = [value(name) for name in order]
    ranked = [one for one in values if one is not None]
    # A probability counts as shown, to a millionth.
    rounding = 2e-6 if sort_by == "Probability" else 1e-9
    assert values[: len(ranked)] == pytest.approx(sorted(ranked, reverse=True), abs=rounding)
    assert all(one is None for one in values[len(ranked) :])
    if len(ranked) < len(values):
        assert f"{len(values) - len(ranked)} of {len(values)} cannot be ranked" in texts(app)
    else:
        assert "cannot be ranked" not in texts(app)
    assert ranking(app)["label"].tolist() == order[:50]


@pytest.mark.parametrize("how_many", [10, 20, 50])
def test_the_ranking_draws_as_many_as_chosen(how_many: int, simulated_warehouse: Path) -> None:
    app = open_page("influencers", how_many=str(how_many))
    shown, table = ranking(app), table_of(app)
    first_rows = table.head(how_many)
    assert shown["label"].tolist() == first_rows["label"].tolist()
    least, most = figures(app)[0]["layout"]["xaxis"]["range"]
    for drawn, column in (("value", "iroas"), ("low", "iroas_low"), ("high", "iroas_high")):
        expected = first_rows[column].clip(least, most).tolist()
        assert shown[drawn].tolist() == pytest.approx(expected, nan_ok=True)
    assert shown["orders"].tolist() == [count(number) for number in first_rows["orders"]]
    assert shown["verdict"].str.lower().tolist() == first_rows["verdict"].tolist()
    first = table.iloc[0]
    assert f"{first['label']} {ratio(first['iroas'])}" in alts(app)[0]
    assert f"{how_many} of {len(table)} influencers" in texts(app)


def test_the_links_of_findings_have_the_sorts_of_the_ranking(simulated_warehouse: Path) -> None:
    for sort_by in ("Lower bound", "Spend"):
        app = open_page("influencers", sort_by=sort_by)
        assert app.selectbox(key="sort_by").value == sort_by


def test_a_chosen_influencer_stands_out_and_alone_in_the_table(simulated_warehouse: Path) -> None:
    [(last,)] = ask(
        """
        select influencer_name from fct_influencer_days
        inner join dim_influencers using (influencer_id)
        group by influencer_name having sum(spend) > 0 order by sum(spend) limit 1
        """
    )
    app = open_page("influencers", sort_by="Spend", how_many="10", influencer=last)
    assert table_of(app)["label"].tolist() == [last]
    shown = ranking(app)
    assert len(shown) == 11 and shown["label"].tolist()[-1] == last
    assert chosen_in(shown) == [last]
    everyone = told_in_scatter(app)
    assert len(everyone) > 100
    assert [name for name, circle in everyone.items() if circle["opacity"] > 0.5] == [last]
    assert "the charts fade the others" in texts(app)


def test_the_scatter_has_everybody_with_spend_and_a_figure(simulated_warehouse: Path) -> None:
    app = open_page("influencers", platform="Instagram")
    expected = {
        name: row
        for name, rows in grouped(rows_of("i.platform = 'Instagram'"), "influencer_name").items()
        if (row := figures_of(rows))["spend"] > 0 and row["incremental_revenue"] is not None
    }
    shown = told_in_scatter(app)
    assert set(shown) == set(expected)
    axis = figures(app)[1]["layout"]["yaxis"]
    ordered = sorted(expected, key=lambda name: expected[name]["incremental_revenue"])
    heights = [shown[name]["height"] for name in ordered]
    assert heights == sorted(heights) and axis["range"][0] <= heights[0]
    for name, row in expected.items():
        assert close(shown[name]["spend"], float(row["spend"])), name
        told = shown[name]["told"]
        assert f"{money(row['incremental_revenue'])}<br>" in told, name
        assert told.endswith(f"{count(row['orders'])} orders"), name
    # Who lies above the line is who brought more than the break-even.
    least = break_even_of()
    line = figures(app)[1]["data"][0]
    for name, row in expected.items():
        needed = np.interp(
            math.log(shown[name]["spend"]), [math.log(at) for at in line["x"]], line["y"]
        )
        share = row["incremental_revenue"] / float(row["spend"])
        if abs(share - least) > 0.05:
            assert (shown[name]["height"] > needed) == (share > least), name


def test_methods_without_intervals_show_what_there_is(simulated_warehouse: Path) -> None:
    app = open_page("influencers", method="Attributed revenue", brand="Gritzo")
    shown = table_of(app)
    expected = grouped(rows_of("d.brand = 'Gritzo'"), "influencer_name")
    for _, row in shown.iterrows():
        assert close(row["iroas"], figures_of(expected[row["label"]])["roas"])
    assert shown["iroas_low"].isna().all() and shown["iroas_high"].isna().all()
    ranked = shown["iroas"].dropna().tolist()
    assert ranked == sorted(ranked, reverse=True)
    assert "This method has no confidence interval" in texts(app)
    assert ranking(app)["value"].notna().sum() == min(20, len(ranked))


def test_the_legacy_method_is_labelled_and_right(simulated_warehouse: Path) -> None:
    app = open_page("influencers", method="Organic projection (legacy)", sort_by="Spend")
    shown = by(table_of(app), "label")
    [(organic,)] = ask("select sum(revenue) from fct_revenue_days where channel <> 'influencer'")
    [(all_spend,)] = ask("select sum(spend) from fct_influencer_days")
    for name, rows in grouped(rows_of("true"), "influencer_name").items():
        row = figures_of(rows)
        expected = None
        if row["spend"]:
            baseline = float(organic) * row["spend"] / float(all_spend)
            expected = (row["attributed_revenue"] - baseline) / row["spend"]
        assert close(shown[name]["iroas"], expected), name
    assert "not a causal measure" in texts(app)
    # Nearly all of it is negative, which a logarithm has no place for.
    axis = figures(app)[1]["layout"]["yaxis"]
    assert axis["range"][0] < 0 and axis["ticktext"][0].startswith("−₹")
    circles = told_in_scatter(app)
    assert sum(circle["height"] < 0 for circle in circles.values()) > len(circles) / 2


def test_a_method_of_experiments_falls_back_to_the_default(simulated_warehouse: Path) -> None:
    app = open_page("influencers", method="Geo-based regression")
    pd.testing.assert_frame_equal(table_of(app), table_of(open_page("influencers")))
    assert "measures experiments only" in texts(app)


# --- Influencers: counted by hand ----------------------------------------------------------------


def test_the_interval_of_an_influencer_in_two_campaigns(empty_warehouse: Path) -> None:
    days = [
        _day("i1", "c1", spend=100, incremental=300, shared=30, campaign=40, influencer=10),
        _day("i1", "c1", spend=100, incremental=100, shared=10, campaign=20, influencer=20),
        _day("i1", "c3", spend=200, incremental=400, shared=20, campaign=80, influencer=0),
    ]
    publish(empty_warehouse, {"fct_influencer_days": days})
    [row] = table_of(open_page("influencers")).to_dict("records")
    # Shared parts add up to 60; campaigns to 60 and 80, influencer parts to 30 and 0.
    error = math.sqrt(60**2 + 60**2 + 80**2 + 30**2)
    assert row["iroas"] == pytest.approx(2.0)
    assert row["iroas_low"] == pytest.approx((800 - Z * error) / 400)
    assert row["iroas_high"] == pytest.approx((800 + Z * error) / 400)
    assert row["verdict"] == "profitable"


def test_dates_without_attributed_revenue_are_not_called_a_loss(empty_warehouse: Path) -> None:
    sold = _day("i1", "c1", spend=0, incremental=300, influencer=10)
    paid = _day("i1", "c1", spend=100, incremental=0) | {"date_day": "2025-01-02"}
    publish(empty_warehouse, {"fct_influencer_days": [sold, paid]})
    [row] = table_of(open_page("influencers")).to_dict("records")
    assert row["iroas"] == pytest.approx(3.0) and row["verdict"] == "profitable"
    app = open_page("influencers", dates=["2025-01-02", "2025-01-02"])
    [row] = table_of(app).to_dict("records")
    assert math.isnan(row["iroas_high"]) and row["verdict"] == "not measurable"
    told = "There is no attributed revenue: purchases without a code or link cannot be attributed."
    assert told in texts(app).replace("\\:", ":")
    assert "None of them is measurable here" in texts(app)


def test_the_interval_of_a_persona_of_two_influencers(empty_warehouse: Path) -> None:
    days = [
        _day("i2", "c1", spend=100, incremental=90, shared=3, campaign=4, influencer=12),
        _day("i3", "c1", spend=300, incremental=270, shared=9, campaign=12, influencer=36),
        _day("i3", "c3", spend=0, incremental=10, shared=1, campaign=5, influencer=7),
    ]
    publish(empty_warehouse, {"fct_influencer_days": days})
    row = ranking(open_page("influencers", show="Personas")).iloc[0]
    # Shared 13; campaigns 16 and 5; influencers within campaigns 12, 36 and 7.
    error = math.sqrt(13**2 + 16**2 + 5**2 + 12**2 + 36**2 + 7**2)
    assert row["label"] == "Nano-Food"
    assert row["value"] == pytest.approx(370 / 400)
    assert row["low"] == pytest.approx((370 - Z * error) / 400)
    assert row["high"] == pytest.approx((370 + Z * error) / 400)


def test_the_tiny_world_as_counted_by_hand(tiny_warehouse: Path) -> None:
    app = open_page("influencers")
    shown = table_of(app).set_index("label")
    assert shown["spend"].to_dict() == {
        "Asha": 100.0, '=HYPERLINK("http://x.example")': 300.0, MARKDOWN_NAME: 0.0
    }  # fmt: skip
    asha = shown.loc["Asha"]
    assert (asha["roas"], asha["iroas"]) == (5.0, 3.0)
    assert asha["iroas_low"] == pytest.approx(3 - Z * 1.3)  # √(30² + 40² + 120²) = 130
    assert asha["iroas_high"] == pytest.approx(3 + Z * 1.3)
    assert asha["verdict"] == "inconclusive"
    assert "2 of 3 cannot be ranked" in texts(app)
    # Asha alone has both spend and incremental revenue.
    assert list(told_in_scatter(app)) == ["Asha"]


def test_names_are_shown_as_they_are(tiny_warehouse: Path) -> None:
    app = open_page("influencers", influencer=MARKDOWN_NAME)
    assert plain(MARKDOWN_NAME) in texts(app) and MARKDOWN_NAME not in texts(app)
    page = open_page("influencer", id="i3")
    assert page.title[0].value == plain(MARKDOWN_NAME)


def test_wide_intervals_do_not_rule_the_axis() -> None:
    usual = [(1.0, 2.0, 3.0), (0.5, 1.5, 2.5), (0.2, 1.2, 2.2)]
    rows = _intervals([*usual, (-400.0, 60.0, 520.0)])
    lower, upper = charts.shown_range(rows, 1.0)
    assert -10 < lower < 0 and 3 < upper < 10
    assert charts.wider_than_axis(rows, 1.0) == 1
    assert charts.wider_than_axis(_intervals(usual), 1.0) == 0
    lower, upper = charts.shown_range(_intervals(usual), 1.0)
    assert lower == 0 and 3.0 < upper < 3.3


def test_who_surely_earns_is_in_sight() -> None:
    usual = [(-1.0, 1.0, 3.0)] * 5
    assert 10 < charts.shown_range(_intervals([*usual, (2.0, 10.0, 18.0)]), 1.0)[1] < 12
    # But not so far away that nobody else could be read, nor where it may be chance.
    for far in ((200.0, 400.0, 600.0), (0.9, 10.0, 19.1)):
        assert charts.shown_range(_intervals([*usual, far]), 1.0)[1] < 8.5


def test_an_axis_has_the_break_even_in_sight() -> None:
    lower, upper = charts.shown_range(_intervals([(0.01, 0.02, 0.03)]), 2.5)
    assert lower <= 0 and upper > 2.5
    nothing = _intervals([(math.nan, math.nan, math.nan)])
    assert charts.shown_range(nothing, 2.5) == (0.0, 5.0)
    # Where everybody loses a lot, losses are what the axis is for.
    losses = _intervals([(math.nan, point, math.nan) for point in (-9.0, -8.0, -7.0)])
    lower, upper = charts.shown_range(losses, 1.0)
    assert lower < -9 and upper > 1.0 and charts.wider_than_axis(losses, 1.0) == 0


def test_clipped_intervals_are_marked_and_told(empty_warehouse: Path) -> None:
    days = [
        _day("i1", "c1", spend=1000, incremental=2000, influencer=300),
        _day("i2", "c1", spend=1000, incremental=1500, influencer=300),
        _day("i3", "c1", spend=1, incremental=30, influencer=300),
    ]
    publish(empty_warehouse, {"fct_influencer_days": days})
    app = open_page("influencers", sort_by="Spend")
    shown = by(ranking(app), "label")
    goes_on = {name: row["arrows"] for name, row in shown.items()}
    assert goes_on.pop(MARKDOWN_NAME) == {"left", "right"}
    assert not any(goes_on.values())
    # The mouse shows all of it.
    assert f"to {ratio(30 + Z * 300)})" in shown[MARKDOWN_NAME]["told"]
    assert max(row["high"] for row in shown.values()) < 20
    assert "1 extends beyond the axis" in texts(app)


def test_an_empty_selection_of_influencers_and_personas(tiny_warehouse: Path) -> None:
    for tab in ("Influencers", "Personas"):
        app = open_page("influencers", show=tab, influencer="Asha", dates=["2025-01-05"])
        [info] = app.info
        assert "No influencer was active" in info.value
        assert not app.dataframe and not app.get("plotly_chart")


def test_nobody_else_has_to_be_active_for_a_chosen_influencer_to_be_missed(
    tiny_warehouse: Path,
) -> None:
    # On 2 January somebody was active, but not Asha: the page must not show the others for her.
    app = open_page("influencers", influencer="Asha", dates=["2025-01-02"])
    assert "No influencer was active" in app.info[0].value and not app.dataframe


# --- Personas ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["everything", "dates", "brand and platform"])
def test_personas_are_right_under_filters(case: str, simulated_warehouse: Path) -> None:
    query, where = CASES[case]
    app = open_page("influencers", show="Personas", **query)
    assert not app.exception
    shown = by(ranking(app), "label")
    expected = {
        name: figures_of(rows, query.get("brand", ()))
        for name, rows in grouped(rows_of(where), "persona").items()
    }
    assert set(shown) == set(expected)
    ends = figures(app)[0]["layout"]["xaxis"]["range"]
    for name, row in expected.items():
        for drawn, column in (("value", "iroas"), ("low", "iroas_low"), ("high", "iroas_high")):
            assert close(shown[name][drawn], within(row[column], *ends)), (name, column)
        assert shown[name]["verdict"].lower() == row["verdict"]
        assert shown[name]["orders"] == count(row["orders"])
        assert f"Spend {money(row['spend'])}, " in shown[name]["told"]


def test_a_persona_filter_fades_the_others(simulated_warehouse: Path) -> None:
    shown = ranking(open_page("influencers", show="Personas", persona="Micro-Fitness"))
    assert len(shown) > 20
    assert chosen_in(shown) == ["Micro-Fitness"]
    everything = ranking(open_page("influencers", show="Personas"))
    assert (everything["opacity"] == 1).all()
    columns = ["label", "value", "low", "high"]
    pd.testing.assert_frame_equal(shown[columns], everything[columns])


def test_the_four_personas_with_most_spend_are_compared(simulated_warehouse: Path) -> None:
    app = open_page("influencers", show="Personas", brand="TrueBasics")
    top = ask(
        """
        select persona from fct_influencer_days inner join dim_influencers using (influencer_id)
        where brand = 'TrueBasics' group by persona order by sum(spend) desc, persona limit 4
        """
    )
    assert list(side_by_side(app)) == [*(plain(persona) for (persona,) in top), "Everyone else"]


def test_chosen_personas_are_compared_in_full(simulated_warehouse: Path) -> None:
    asked = ["Nano-Fitness", "Micro-Nutrition", "Macro-Beauty"]
    app = open_page("influencers", show="Personas", compare_personas=asked, platform="Instagram")
    shown = side_by_side(app)
    names = [plain(persona) for persona in asked]
    rest = "Everyone else"
    assert list(shown) == [*names, rest]
    groups = grouped(rows_of("i.platform = 'Instagram'"), "persona")
    groups[rest] = [row for name, rows in groups.items() if name not in asked for row in rows]
    asked, names = [*asked, rest], [*names, rest]
    expected = {plain(persona): figures_of(groups[persona]) for persona in asked}
    written: dict[str, tuple[str, Callable[[Any], str]]] = {
        "Spend": ("spend", money),
        "Orders": ("orders", count),
        "Attributed revenue": ("attributed_revenue", money),
        "ROAS": ("roas", ratio),
        "Incremental revenue": ("incremental_revenue", money),
        "Incremental ROAS": ("iroas", ratio),
        "iROAS, lower bound": ("iroas_low", ratio),
        "iROAS, upper bound": ("iroas_high", ratio),
    }
    for name, persona in zip(names, asked, strict=True):
        for label, (column, write) in written.items():
            assert unmarked(shown[name][label]) == plain(write(expected[name][column])), label
        people = {row["influencer_id"] for row in groups[persona]}
        assert unmarked(shown[name]["Influencers"]) == str(len(people))
    for label in ("ROAS", "Incremental ROAS"):
        column = written[label][0]
        assert marked(shown, label) == [max(names, key=lambda name: expected[name][column])], label
    # Whoever pays least per order is best, and nobody is praised for spend.
    cost = {name: figures["spend"] / figures["orders"] for name, figures in expected.items()}
    assert marked(shown, "Cost per order") == [min(names, key=lambda name: cost[name])]
    assert marked(shown, "Spend") == marked(shown, "Orders") == []


def test_a_persona_of_ones_own_is_compared_first(simulated_warehouse: Path) -> None:
    own = {
        "my_name": "Small *Instagram*",
        "my_platform": "Instagram",
        "my_min": "2000",
        "my_max": "40000",
        "my_gender": "Female",
    }
    app = open_page("influencers", show="Personas", dates=["2025-06-01", "2026-05-31"], **own)
    assert not app.exception and not app.warning
    expected = figures_of(
        rows_of(
            "i.platform = 'Instagram' and i.gender = 'Female'"
            " and i.follower_count between 2000 and 40000"
            " and date_day between date '2025-06-01' and date '2026-05-31'"
        )
    )
    member = "★ Small *Instagram*"
    shown = side_by_side(app)
    assert next(iter(shown)) == plain(member) and len(shown) == 5
    everyone = rows_of("date_day between date '2025-06-01' and date '2026-05-31'")
    compared = [name for name in shown if name not in (plain(member), "Everyone else")]
    others = [
        row
        for row in everyone
        if plain(row["persona"]) not in compared
        and not (
            (row["platform"], row["gender"]) == ("Instagram", "Female")
            and 2000 <= row["follower_count"] <= 40000
        )
    ]
    rest = figures_of(others)
    assert unmarked(shown["Everyone else"]["Spend"]) == money(rest["spend"])
    assert unmarked(shown["Everyone else"]["Incremental ROAS"]) == ratio(rest["iroas"])
    cells = [unmarked(shown[plain(member)][label]) for label in ("Spend", "ROAS")]
    assert cells == [money(expected["spend"]), ratio(expected["roas"])]
    bar = by(ranking(app), "label")[member]
    ends = figures(app)[0]["layout"]["xaxis"]["range"]
    for drawn, column in (("value", "iroas"), ("low", "iroas_low"), ("high", "iroas_high")):
        assert close(bar[drawn], within(expected[column], *ends)), column
    assert bar["verdict"].lower() == expected["verdict"]
    # It is a filter, too: then it alone stands out.
    assert chosen_in(ranking(open_page("influencers", show="Personas", persona=member, **own))) == [
        member
    ]


def test_a_persona_of_ones_own_without_anybody(simulated_warehouse: Path) -> None:
    own = {"my_name": "Nobody", "my_min": "900000000"}
    app = open_page("influencers", show="Personas", compare_personas=["★ Nobody"], **own)
    assert not app.exception and not app.table
    assert "No influencer of ★ Nobody was active here" in texts(app)


@pytest.mark.parametrize(
    ("cells", "column", "write"),
    [
        ("Incremental ROAS", "iroas", ratio),
        ("ROAS", "roas", ratio),
        ("Spend", "spend", money),
        ("Orders", "orders", count),
    ],
)
def test_the_heat_map_has_every_cell_with_spend(
    cells: str, column: str, write: Any, simulated_warehouse: Path
) -> None:
    app = open_page("influencers", show="Personas", cells=cells, brand="MuscleBlaze")
    members = grouped(rows_of("d.brand = 'MuscleBlaze'"), "persona", "platform")
    expected = {
        key: row
        for key, rows in members.items()
        if (row := figures_of(rows, "MuscleBlaze"))["spend"] and row[column] is not None
    }
    shown = cells_of(app)
    assert set(shown) == set(expected) and len(expected) > 20
    marks = {"profitable": "▲ ", "unprofitable": "▼ "} if column == "iroas" else {}
    for key, row in expected.items():
        written = marks.get(row["verdict"], "") + write(row[column])
        people = {day["influencer_id"] for day in members[key]}
        written += f" ({len(people)})" if len(people) <= 2 else ""
        assert shown[key]["text"] == written, key


def test_writing_stands_out_on_every_cell(simulated_warehouse: Path) -> None:
    for cells in ("Incremental ROAS", "ROAS", "Spend", "Orders"):
        [bars] = figures(open_page("influencers", show="Personas", cells=cells))[1]["data"]
        inks = bars["insidetextfont"]["color"]
        for fill, ink in zip(bars["marker"]["color"], inks, strict=True):
            assert contrast(fill, ink) >= 4.5, (fill, ink)


def test_filters_of_persona_and_platform_fade_other_cells(simulated_warehouse: Path) -> None:
    query = {"persona": "Micro-Fitness", "platform": "YouTube"}
    shown = cells_of(open_page("influencers", show="Personas", **query))
    assert len(shown) > 30
    chosen = [cell for cell, drawn in shown.items() if drawn["opacity"] == 1]
    assert chosen == [("Micro-Fitness", "YouTube")]


# --- One influencer ------------------------------------------------------------------------------


def busiest(brand: str) -> str:
    """The influencer with most posts for a brand."""
    [(influencer,)] = ask(
        """
        select influencer_id from fct_posts where brand = ?
        group by influencer_id order by count(*) desc, influencer_id limit 1
        """,
        brand,
    )
    return str(influencer)


def _label_of(influencer: str) -> str:
    [(name,)] = ask(
        "select influencer_name from dim_influencers where influencer_id = ?", influencer
    )
    return str(name)


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({}, "true"),
        ({"brand": "MuscleBlaze"}, "d.brand = 'MuscleBlaze'"),
        (
            {"dates": ["2026-01-01", "2026-07-31"], "brand": ["MuscleBlaze", "HKVitals"]},
            "d.brand in ('MuscleBlaze', 'HKVitals')"
            " and date_day between date '2026-01-01' and date '2026-07-31'",
        ),
    ],
)
def test_figures_of_one_influencer(
    query: dict[str, Any], where: str, simulated_warehouse: Path
) -> None:
    influencer = busiest("MuscleBlaze")
    app = open_page("influencer", id=influencer, **query)
    assert not app.exception and not app.warning
    assert app.title[0].value == plain(_label_of(influencer))
    figures = figures_of(rows_of(f"influencer_id = '{influencer}' and {where}"))
    shown = tiles(app)
    assert shown["Spend"] == money(figures["spend"])
    assert shown["Attributed revenue"] == money(figures["attributed_revenue"])
    assert shown["Orders"] == count(figures["orders"])
    assert shown["ROAS"] == ratio(figures["roas"])
    assert shown["Incremental revenue"] == money(figures["incremental_revenue"])
    assert shown["Incremental ROAS"] == ratio(figures["iroas"])
    interval = f"{ratio(figures['iroas_low'])} to {ratio(figures['iroas_high'])}"
    assert f"90 % CI {interval}" in texts(app)
    assert figures["verdict"].capitalize() in texts(app)


def test_filters_of_people_do_not_narrow_one_person(simulated_warehouse: Path) -> None:
    influencer = busiest("Gritzo")
    [(platform,)] = ask(
        """
        select min(platform) from dim_influencers
        where platform <> (select platform from dim_influencers where influencer_id = ?)
        """,
        influencer,
    )
    alone = open_page("influencer", id=influencer)
    narrowed = open_page("influencer", id=influencer, platform=platform, persona="Mega-Fitness")
    assert tiles(narrowed) == tiles(alone)
    assert "do not apply to one influencer: Platform, Persona." in texts(narrowed)
    assert "do not apply" not in texts(alone)
    by_name = open_page("influencer", id=influencer, influencer=_label_of(influencer))
    assert "do not apply" not in texts(by_name)


def test_the_profile_of_an_influencer(simulated_warehouse: Path) -> None:
    influencer = busiest("Gritzo")
    shown = texts(open_page("influencer", id=influencer))
    [(handle, platform, category, tier, followers, gender, language, region, persona, joined)] = (
        ask(
            """
        select handle, platform, category, tier, follower_count, gender, language, home_region,
            persona, joined_date
        from dim_influencers where influencer_id = ?
        """,
            influencer,
        )
    )
    words = [handle, platform, category, tier, gender, language, region, persona, count(followers)]
    for value in [*words, f"{joined.day} {joined:%b} {joined.year}"]:
        assert f"**{plain(value)}**" in shown


def test_posts_campaigns_and_payouts_of_one_influencer(simulated_warehouse: Path) -> None:
    influencer = busiest("MuscleBlaze")
    days = (date(2025, 10, 1), date(2026, 9, 30))
    app = open_page("influencer", id=influencer, dates=[str(day) for day in days])
    posts, campaigns, payouts = (table_of(app, place) for place in range(3))
    expected_posts = ask(
        """
        select post_date, reach, orders, attributed_revenue::double from fct_posts
        where influencer_id = ? and post_date between ? and ? order by post_date desc, post_id
        """,
        influencer,
        *days,
    )
    columns = ["post_date", "reach", "orders", "attributed_revenue"]
    shown = [
        (pd.Timestamp(day).date(), reach, orders, revenue)
        for day, reach, orders, revenue in posts[columns].itertuples(index=False)
    ]
    assert shown == expected_posts and len(shown) > 3
    assert f"Posts ({len(shown)})" in texts(app)

    expected_campaigns = ask(
        """
        select campaign_name, sum(posts), sum(orders), sum(attributed_revenue)::double,
            sum(spend)::double
        from fct_influencer_days inner join dim_campaigns using (campaign_id)
        where influencer_id = ? and date_day between ? and ? and campaign_id <> '(none)'
        group by campaign_name
        """,
        influencer,
        *days,
    )
    columns = ["campaign", "posts", "orders", "attributed_revenue", "spend"]
    taken_part = campaigns[campaigns["campaign"] != "No campaign"]
    assert sorted(taken_part[columns].itertuples(index=False, name=None)) == sorted(
        expected_campaigns
    )

    expected_payouts = ask(
        """
        select event_date, amount::double, due_date from fct_payout_lines
        where influencer_id = ? and (event_date between ? and ? or event_date is null)
        """,
        influencer,
        *days,
    )
    shown_payouts = [
        (pd.Timestamp(earned).date(), amount, pd.Timestamp(due).date())
        for earned, amount, due in payouts[["event_date", "amount", "due_date"]].itertuples(
            index=False
        )
    ]
    assert sorted(shown_payouts) == sorted(expected_payouts)


def test_experiments_of_campaigns_are_linked(simulated_warehouse: Path) -> None:
    influencer = busiest("MuscleBlaze")
    app = open_page("influencer", id=influencer)
    expected = ask(
        """
        select distinct experiment_id from fct_influencer_days
        inner join dim_experiments using (campaign_id) where influencer_id = ?
        """,
        influencer,
    )
    links = [link.proto.query_string for link in app.get("page_link")]
    assert {f"experiment={experiment}" for (experiment,) in expected} == {
        link for link in links if link.startswith("experiment")
    }
    assert expected


def test_the_course_of_an_influencer_adds_up(simulated_warehouse: Path) -> None:
    influencer = busiest("HKVitals")
    app = open_page("influencer", id=influencer, dates=["2025-07-01", "2026-06-30"])
    expected = figures_of(
        rows_of(
            f"influencer_id = '{influencer}'"
            " and date_day between date '2025-07-01' and date '2026-06-30'"
        )
    )
    [course] = figures(app)
    revenue = [y for y in trace(course, "Attributed revenue")["y"] if y is not None]
    assert sum(revenue) == pytest.approx(expected["attributed_revenue"])
    spend = trace(course, "Spend")
    assert sum(spend["y"]) == pytest.approx(expected["spend"])
    # Weeks, those without anything too.
    assert len(set(spend["x"])) == len(spend["x"]) == len(revenue) == 53
    posts = ask(
        """
        select post_date::varchar from fct_posts
        where influencer_id = ? and post_date between '2025-07-01' and '2026-06-30'
        """,
        influencer,
    )
    marked = [day[:10] for day in trace(course, "Post")["x"]]
    assert sorted(marked) == sorted(day for (day,) in posts)


def test_one_influencer_counted_by_hand(empty_warehouse: Path) -> None:
    caption = "Link in bio " * 20
    posts = [
        _post("p1", "2025-01-01", url="https://video.example/1", caption=caption, revenue=480),
        _post("p2", "2025-01-01", url="javascript:alert(1)", reach=None),
        _post("p3", "2025-01-03", url=" HTTP://video.example/3 "),
        _post("p4", "2025-01-04", url=None),
        _post("p5", "2025-01-05", url="data:text/html,x"),
        _post("other", "2025-01-05", influencer="i2", url="https://video.example/2"),
    ]
    experiments = [{"experiment_id": "e1", "experiment_name": "Summer test", "campaign_id": "c1"}]
    publish(empty_warehouse, {"fct_posts": posts, "dim_experiments": experiments})
    app = open_page("influencer", id="i1")
    assert not app.exception
    assert tiles(app) | {
        "Spend": "₹100", "Attributed revenue": "₹500", "ROAS": "5.00x", "Orders": "5",
        "Incremental revenue": "₹300", "Incremental ROAS": "3.00x", "Cost per order": "₹20",
        "Average order": "₹100",
    } == tiles(app)  # fmt: skip
    assert "90 % CI 0.86x to 5.14x" in texts(app) and "Inconclusive" in texts(app)
    table = table_of(app)
    links = dict(zip(table["post_date"].dt.day, table["url"], strict=True))
    assert [link for link in table["url"] if isinstance(link, str)] == [
        "HTTP://video.example/3", "https://video.example/1"
    ]  # fmt: skip
    assert not isinstance(links[4], str) and not isinstance(links[5], str)
    [course] = figures(app)
    marks = trace(course, "Post")
    assert Counter(day[:10] for day in marks["x"]) == {
        "2025-01-01": 2, "2025-01-03": 1, "2025-01-04": 1, "2025-01-05": 1
    }  # fmt: skip
    # Two posts of a day stand on each other, and each tells both; captions are cut, and what is
    # unknown says so.
    of_first_day = [n for n, day in enumerate(marks["x"]) if day.startswith("2025-01-01")]
    assert len({marks["y"][n] for n in of_first_day}) == 2
    [told] = {marks["customdata"][n][2] for n in of_first_day}
    assert told.startswith("1 Jan 2025<br>") and "reach 1,000," in told and "reach –," in told
    [shown] = [text.split("<br>")[0] for text in told.split("Caption: ")[1:2]]
    assert shown == f"{caption[:59]}…"
    # Two campaigns have this name.
    assert table_of(app, 1)[["campaign", "posts", "spend"]].to_numpy().tolist() == [
        ["Summer (c1)", 0, 100.0]
    ]
    payouts = table_of(app, 2)[["amount", "campaign"]].to_numpy().tolist()
    assert payouts == [[100.5, "Summer (c1)"]]
    revenue = [y for y in trace(course, "Attributed revenue")["y"] if y is not None]
    assert revenue == [500.0, *[0.0] * 9]


def test_an_unknown_influencer_is_told(tiny_warehouse: Path) -> None:
    app = open_page("influencer", id="[x](http://y)")
    assert not app.exception and not app.metric
    [warning] = app.warning
    assert plain("[x](http://y)") in warning.value
    assert [link.proto.page for link in app.get("page_link")] == ["influencers"]


def test_without_an_id_an_influencer_can_be_chosen(tiny_warehouse: Path) -> None:
    app = open_page("influencer")
    assert not app.exception and not app.warning and not app.metric
    [choice] = [box for box in app.selectbox if box.label == "Influencer"]
    assert choice.value is None
    choice.select("Asha").run()
    assert not app.exception
    assert app.title[0].value == "Asha"
    assert tiles(app)["Spend"] == "₹100"


def test_an_influencer_without_activity_in_the_dates(tiny_warehouse: Path) -> None:
    app = open_page("influencer", id="i1", dates=["2025-01-05", "2025-01-08"])
    assert not app.exception and not app.metric
    assert "They were active 1 Jan 2025" in app.info[0].value
    assert "No payouts" in texts(app)


# --- Rows of tests -------------------------------------------------------------------------------


def _day(
    influencer_id: str,
    campaign_id: str,
    *,
    spend: float,
    incremental: float,
    shared: float = 0,
    campaign: float = 0,
    influencer: float = 0,
) -> dict[str, Any]:
    return {
        "date_day": "2025-01-01",
        "influencer_id": influencer_id,
        "campaign_id": campaign_id,
        "brand": "A",
        "orders": 1,
        "attributed_revenue": incremental,
        "spend": spend,
        "incremental_revenue": incremental,
        "incremental_se_shared": shared,
        "incremental_se_campaign": campaign,
        "incremental_se_influencer": influencer,
    }


def _post(
    post: str,
    day: str,
    *,
    url: str | None,
    influencer: str = "i1",
    caption: str = "Short",
    revenue: float = 0,
    reach: int | None = 1000,
) -> dict[str, Any]:
    return {
        "post_id": post,
        "influencer_id": influencer,
        "platform": "YouTube",
        "post_date": day,
        "url": url,
        "caption": caption,
        "campaign_id": "c1",
        "brand": "A",
        "reach": reach,
        "orders": 1,
        "attributed_revenue": revenue,
        "spend": 0,
    }


def _intervals(intervals: Iterable[tuple[float, float, float]]) -> pd.DataFrame:
    """Rows of a ranking; the break-even is 1."""
    rows = pd.DataFrame(list(intervals), columns=["iroas_low", "iroas", "iroas_high"])
    return rows.assign(
        verdict=["profitable" if low > 1 else "inconclusive" for low in rows["iroas_low"]]
    )


def contrast(one: str, other: str) -> float:
    """Contrast of two colours as WCAG 2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4
        for share in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
