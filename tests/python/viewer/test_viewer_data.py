"""What the viewer reads, against the same figures computed with pandas or by hand."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer import columns, data
from viewer.published import UnreadableFileError, published_path, read
from viewer.selection import Comparison, OwnPersona, Selection

pytestmark = pytest.mark.usefixtures("simulated_warehouse")

JANUARY = Selection(date(2025, 1, 1), date(2025, 1, 31))
ROUNDING = 1e-6
Z_OF_90 = 1.6448536269514722
KEYS = {
    "influencer": "influencer_id",
    "persona": "persona",
    "platform": "platform",
    "tier": "tier",
    "category": "category",
    "campaign": "campaign_id",
    "brand": "brand",
}


def near(value: float | list[float]) -> Any:
    return pytest.approx(value, rel=1e-9, abs=ROUNDING, nan_ok=True)


def published(sql: str) -> pd.DataFrame:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(sql).df()


def influencer_days() -> pd.DataFrame:
    days = published("select * from marts.fct_influencer_days")
    return days.merge(published("select * from marts.dim_influencers"), on="influencer_id")


def subsets(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


@st.composite
def selections(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Selection:
    """Selections of the published file, some with members or days it does not have."""
    options = data.options()
    length = (options.last_day - options.first_day).days
    first, last = sorted(
        options.first_day + timedelta(days=draw(st.integers(-3, length + 3))) for _ in range(2)
    )

    def some(name: str) -> tuple[str, ...]:
        members = list(options.labels[name])[:40]
        chosen: list[str] = draw(
            st.lists(st.sampled_from([*members, "nobody's"]), unique=True, max_size=3)
        )
        return tuple(chosen)

    if draw(st.booleans()):
        first, last = options.first_day, options.last_day
    own = None
    if draw(st.booleans()):
        limits = sorted(draw(st.integers(0, 2_000_000)) for _ in range(2))
        own = OwnPersona(
            "mine",
            draw(st.sampled_from([None, limits[0]])),
            draw(st.sampled_from([None, limits[1]])),
            platform=draw(st.none() | subsets(options.own_traits["platform"])),
            gender=draw(st.none() | subsets(options.own_traits["gender"])),
        )
    return Selection(first, last, own_persona=own).having(
        platform=some("platform"),
        persona=some("persona"),
        tier=some("tier") if draw(st.booleans()) else (),
        category=some("category") if draw(st.booleans()) else (),
        influencer=some("influencer") if draw(st.booleans()) else (),
        brand=some("brand"),
        campaign=some("campaign"),
    )


def on_days(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    inside = rows["date_day"].between(
        pd.Timestamp(selection.first_day), pd.Timestamp(selection.last_day)
    )
    return rows[inside]


def is_own(rows: pd.DataFrame, own: OwnPersona) -> pd.Series:
    is_member = pd.Series(True, index=rows.index)
    if own.min_followers is not None:
        is_member &= rows["follower_count"] >= own.min_followers
    if own.max_followers is not None:
        is_member &= rows["follower_count"] <= own.max_followers
    for trait in ("platform", "category", "gender", "language"):
        if getattr(own, trait) is not None:
            is_member &= rows[trait].isin(getattr(own, trait))
    return is_member


def selected(rows: pd.DataFrame, selection: Selection, *names: str) -> pd.DataFrame:
    rows = on_days(rows, selection)
    for name in names or KEYS:
        own = selection.own_persona if name == "persona" else None
        if selection.members(name) or own:
            chosen = rows[KEYS[name]].isin(selection.members(name))
            rows = rows[chosen | is_own(rows, own) if own else chosen]
    return rows


def ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if round(denominator, 2) else math.nan


def ratio_of_known(numerator: pd.Series, denominator: pd.Series) -> float:
    known = numerator.notna() & denominator.notna()
    return ratio(float(numerator[known].sum()), float(denominator[known].sum()))


def without_posts_is_zero(rows: pd.DataFrame, values: pd.Series, by: str) -> pd.Series:
    return values.where(~(values.isna() & (rows[by] == 0)), 0)


def expected_figures(rows: pd.DataFrame) -> dict[str, float]:
    """Figures of influencer days, each by its definition in docs/metrics.md."""
    spend, attributed = float(rows["spend"].sum()), float(rows["attributed_revenue"].sum())
    orders = float(rows["orders"].sum())
    impressions = without_posts_is_zero(rows, rows["impressions"], "posts")
    engagements = without_posts_is_zero(rows, rows["likes"] + rows["comments"], "posts")
    new_customers = without_posts_is_zero(rows, rows["new_customer_orders"], "orders")
    return {
        "spend": spend,
        "attributed_revenue": attributed,
        "orders": orders,
        "influencers": rows["influencer_id"].nunique(),
        "influencers_with_spend": rows.loc[rows["spend"] != 0, "influencer_id"].nunique(),
        "influencer_days": len(rows),
        "roas": ratio(attributed, spend),
        "cpo": ratio(spend, orders),
        "aov": ratio(attributed, orders),
        "cpm": 1000 * ratio_of_known(rows["spend"], impressions),
        "cpe": ratio_of_known(rows["spend"], engagements),
        "engagement_rate": ratio_of_known(rows["likes"] + rows["comments"], rows["reach"]),
        "new_customer_share": ratio_of_known(
            rows["new_customer_orders"], rows["orders_of_known_customers"]
        ),
        "ncac": ratio_of_known(rows["spend"], new_customers),
        **expected_increment(rows),
    }


def expected_increment(rows: pd.DataFrame) -> dict[str, float]:
    """Incremental revenue with its error, as METHODS defines the variance of a selection."""
    measured = rows[rows["incremental_revenue"].notna()]
    if measured.empty:
        return {"incremental_revenue": math.nan, "iroas": math.nan, "iroas_low": math.nan}
    by_campaign = measured.groupby("campaign_id")["incremental_se_campaign"].sum()
    by_both = measured.groupby(["campaign_id", "influencer_id"])["incremental_se_influencer"].sum()
    error = math.sqrt(
        measured["incremental_se_shared"].sum() ** 2 + (by_campaign**2).sum() + (by_both**2).sum()
    )
    revenue, spend = float(measured["incremental_revenue"].sum()), float(measured["spend"].sum())
    if (measured["attributed_revenue"] == 0).all():
        spend = 0.0  # nothing is calibrated, so that nothing can be judged
    # A return over less than half of the spend would leave most of it out.
    judged = spend if spend >= 0.5 * float(rows["spend"].sum()) else math.nan
    return {
        "incremental_revenue": revenue,
        "incremental_revenue_se": error,
        "incremental_revenue_high": revenue + Z_OF_90 * error,
        "iroas": ratio(revenue, judged),
        "iroas_low": ratio(revenue - Z_OF_90 * error, judged),
        "spend_measured_share": ratio(spend, float(rows["spend"].sum())),
    }


def known(value: Any) -> float:
    return math.nan if value is None else float(value)


@given(selections())
@settings(max_examples=60, deadline=None)
def test_figures_of_any_selection(selection: Selection) -> None:
    totals = data.totals(selection)
    for column, value in expected_figures(selected(influencer_days(), selection)).items():
        assert known(totals[column]) == near(value), column


@pytest.mark.parametrize("dimension", KEYS)
@given(selection=selections())
@settings(max_examples=8, deadline=None)
def test_figures_of_each_member_of_any_selection(dimension: str, selection: Selection) -> None:
    key = KEYS[dimension]
    rows = selected(influencer_days(), selection)
    figures = data.performance(selection, dimension).set_index(key)
    assert list(figures.index) == sorted(rows[key].unique())
    for member, rows_of_member in rows.groupby(key):
        for column, value in expected_figures(rows_of_member).items():
            assert known(figures.at[member, column]) == near(value), (member, column)


@given(selection=selections())
@settings(max_examples=10, deadline=None)
def test_figures_by_two_dimensions(selection: Selection) -> None:
    rows = selected(influencer_days(), selection)
    figures = data.performance(selection, "persona", "platform")
    cells = {(row["persona"], row["platform"]): row for row in figures.to_dict("records")}
    expected: dict[Any, pd.DataFrame] = dict(list(rows.groupby(["persona", "platform"])))
    assert set(cells) == set(expected)
    for cell, rows_of_cell in expected.items():
        assert cells[cell]["roas"] == near(expected_figures(rows_of_cell)["roas"])


@given(selection=selections())
@settings(max_examples=30, deadline=None)
def test_the_legacy_method_of_any_selection(selection: Selection) -> None:
    rows = selected(influencer_days(), selection)
    revenue = selected(published("select * from marts.fct_revenue_days"), selection, "brand")
    organic = revenue.loc[revenue["channel"] != "influencer", "revenue"].sum()
    all_spend = on_days(influencer_days(), selection)["spend"].sum()
    spend, attributed = rows["spend"].sum(), rows["attributed_revenue"].sum()
    expected = attributed - organic * ratio(spend, all_spend) if spend else math.nan
    totals = data.totals(selection, "organic_projection")
    assert known(totals["incremental_revenue"]) == near(expected)
    assert known(totals["iroas"]) == near(ratio(expected, spend))
    assert totals["iroas_low"] is None and totals["verdict"] == "not measurable"
    assert known(data.totals(selection, "attributed")["iroas"]) == near(ratio(attributed, spend))


def over_time_of(
    selection: Selection, method: str = "default", bucket: data.Bucket | None = None
) -> pd.DataFrame:
    shown = bucket or data.time_bucket(selection)
    return data.figures(selection, method=method, bucket=shown).over_time


@given(selection=selections(), method=st.sampled_from(data.SELECTION_METHODS))
@settings(max_examples=30, deadline=None)
def test_figures_over_time(selection: Selection, method: str) -> None:
    totals = data.totals(selection, method)
    over_time = over_time_of(selection, method)
    for column in ("spend", "attributed_revenue", "orders"):
        assert over_time[column].sum() == near(totals[column])
    revenue = selected(published("select * from marts.fct_revenue_days"), selection, "brand")
    assert over_time["revenue"].sum() == near(float(revenue["revenue"].sum()))
    if totals["incremental_revenue"] is None:
        assert over_time["baseline"].isna().all()
        return
    assert over_time["incremental_revenue"].sum() == near(totals["incremental_revenue"])
    baseline = over_time["revenue"] - over_time["incremental_revenue"]
    assert over_time["baseline"].tolist() == near(baseline.tolist())
    limits = over_time[["baseline_low", "baseline_high"]].astype(float).dropna()
    assert (limits["baseline_low"] <= limits["baseline_high"] + ROUNDING).all()


@given(selection=selections())
@settings(max_examples=20, deadline=None)
def test_channels(selection: Selection) -> None:
    revenue = selected(published("select * from marts.fct_revenue_days"), selection, "brand")
    expected = revenue.groupby("channel")["revenue"].sum()
    channels = data.revenue_by_channel(selection).set_index("channel")
    assert set(channels.index) == set(expected.index)
    for channel, amount in expected.items():
        assert channels.at[channel, "revenue"] == near(float(amount))
        assert channels.at[channel, "share"] == near(ratio(amount, expected.sum()))


@given(selection=selections())
@settings(max_examples=40, deadline=None)
def test_spend_outside_of_a_filter(selection: Selection) -> None:
    rows = selected(
        influencer_days(),
        selection,
        *("platform", "persona", "tier", "category", "influencer"),
    )
    or_none = selected_or_none = pd.Series(True, index=rows.index)
    for name, key in (("brand", "brand"), ("campaign", "campaign_id")):
        if selection.members(name):
            or_none = or_none & rows[key].isin([*selection.members(name), "(none)"])
            selected_or_none = selected_or_none & rows[key].isin(selection.members(name))
    expected = rows.loc[or_none & ~selected_or_none, "spend"].sum()
    assert data.spend_of_no_member(selection) == near(expected)


@pytest.mark.parametrize(
    ("dimension", "report"),
    [
        ("influencer", "rpt_influencer_performance"),
        ("persona", "rpt_persona_performance"),
    ],
)
def test_the_whole_period_is_what_the_reports_say(dimension: str, report: str) -> None:
    options = data.options()
    selection = Selection(options.first_day, options.last_day)
    figures = data.performance(selection, dimension).set_index(KEYS[dimension])
    reported = published(f"select * from marts.{report}").set_index(KEYS[dimension])
    # Influencers who never did, earned or cost anything are in the report only.
    silent = reported.drop(figures.index)
    assert not silent["spend"].any() and not silent["attributed_revenue"].any()
    # The report also counts who was not active.
    names = {"influencer_name", "platform", "persona", "influencers"}
    shared = set(figures) & set(reported) - names
    assert {"cpm", "ncac", "iroas_low", "prob_profitable", "verdict", "reason_code"} <= shared
    for column in shared:
        expected = reported[str(column)].loc[figures.index]
        if expected.dtype.kind in "fiu":
            assert figures[column].astype(float).tolist() == near(expected.astype(float).tolist())
        else:
            assert figures[column].tolist() == expected.tolist()


def test_the_period_before() -> None:
    february = Selection(date(2024, 2, 1), date(2024, 2, 29)).having(brand=("A",))
    assert february.before("previous period") == replace(
        february, first_day=date(2024, 1, 1), last_day=date(2024, 1, 31)
    )
    assert february.before("previous year") == replace(
        february, first_day=date(2023, 2, 1), last_day=date(2023, 2, 28)
    )


@given(
    selection=selections(),
    comparison=st.sampled_from(get_args(Comparison)),
    method=st.sampled_from(data.SELECTION_METHODS),
)
@settings(max_examples=40, deadline=None)
def test_two_periods_at_once_are_what_each_is(
    selection: Selection, comparison: Comparison, method: str
) -> None:
    found = data.figures(selection, method=method, comparison=comparison)
    now, earlier = found.total, found.earlier
    assert_same_figures(now, data.totals(selection, method))
    if earlier is not None:
        assert_same_figures(earlier, data.totals(selection.before(comparison), method))


@given(selection=selections(), method=st.sampled_from(data.SELECTION_METHODS))
@settings(max_examples=30, deadline=None)
def test_several_dimensions_at_once_are_what_each_is(selection: Selection, method: str) -> None:
    of_each = data.figures(selection, *KEYS, method=method).by
    for dimension in KEYS:
        alone = data.performance(selection, dimension, method=method)
        assert set(of_each[dimension]) == set(alone)
        pd.testing.assert_frame_equal(
            of_each[dimension][list(alone)], alone, rtol=1e-9, atol=ROUNDING, check_dtype=False
        )


def assert_same_figures(figures: dict[str, Any], expected: dict[str, Any]) -> None:
    assert figures.keys() == expected.keys()
    for column, value in expected.items():
        assert figures[column] == (near(value) if isinstance(value, float) else value), column


def test_nothing_is_compared_with_days_before_the_data() -> None:
    options = data.options()
    half = options.first_day + (options.last_day - options.first_day) / 2
    late = Selection(half + timedelta(days=1), options.last_day)
    found = data.figures(late, comparison="previous period")
    now, earlier = found.total, found.earlier
    assert_same_figures(now, data.totals(late))
    rows = on_days(influencer_days(), late.before("previous period"))
    assert earlier is not None and earlier["spend"] == near(float(rows["spend"].sum()))
    early = replace(late, first_day=half)
    assert data.figures(early, comparison="previous period").earlier is None
    assert data.figures(late).earlier is None


def test_every_column_is_explained() -> None:
    assert len(data.mart_descriptions()) > 10
    for mart in data.mart_descriptions():
        known = columns.of_mart(mart)
        assert list(known) == list(data.mart_columns(mart))
        assert all(column.label and column.description for column in known.values())


def test_increment_by_hand(tiny_warehouse: Path) -> None:
    totals = data.totals(JANUARY)
    assert (totals["spend"], totals["attributed_revenue"], totals["roas"]) == (400, 700, 1.75)
    # Only Asha's 100 rupees are measured: 300 rupees, error √(30² + 40² + 120²) = 130.
    assert (totals["incremental_revenue"], totals["iroas"]) == (300, None)
    assert totals["incremental_revenue_se"] == pytest.approx(130)
    assert totals["spend_measured_share"] == 0.25
    assert totals["verdict"] == "not measurable"
    asha = data.totals(JANUARY.having(influencer=("i1",)))
    assert asha["iroas"] == 3
    assert asha["iroas_low"] == pytest.approx(3 - 1.3 * Z_OF_90)
    assert asha["prob_profitable"] == pytest.approx(0.5 * math.erfc(-2 / 1.3 / math.sqrt(2)))
    # Nothing is known of costs, so that spend has to come back, and no more.
    assert (asha["break_even"], asha["break_even_basis"]) == (1, "revenue")
    assert asha["incremental_profit"] == pytest.approx(200)
    assert asha["verdict"] == "inconclusive"
    assert asha["reason_code"] == "interval_contains"


def test_legacy_method_by_hand(tiny_warehouse: Path) -> None:
    def increment(selection: Selection) -> float | None:
        value = data.totals(selection, "organic_projection")["incremental_revenue"]
        return None if value is None else float(value)

    # Other channels earned 1,000 and all of the spend is selected: 700 less 1,000.
    assert increment(JANUARY) == -300
    # Of brand A, other channels earned 600, and the spend is a quarter: 550 less 150.
    assert increment(JANUARY.having(brand=("A",))) == 400
    # A platform does not exist in other channels: 200 less three quarters of 1,000.
    assert increment(JANUARY.having(platform=("Instagram",))) == 200 - 750
    assert increment(JANUARY.having(influencer=("i3",))) is None


def test_without_spend_there_is_no_ratio(tiny_warehouse: Path) -> None:
    unpaid = data.performance(JANUARY, "influencer").set_index("influencer_id").loc["i3"]
    assert unpaid["attributed_revenue"] == 50
    assert unpaid[["roas", "iroas", "prob_profitable"]].isna().all()
    assert unpaid["reason_code"] == "no_spend"


def test_own_persona_by_hand(tiny_warehouse: Path) -> None:
    def who(own: OwnPersona, personas: tuple[str, ...] = ()) -> set[str]:
        selection = replace(JANUARY, own_persona=own).having(persona=personas)
        return set(data.performance(selection, "influencer")["influencer_id"])

    assert who(OwnPersona("small", max_followers=9_000)) == {"i2", "i3"}
    assert who(OwnPersona("smaller", max_followers=8_999)) == {"i2"}
    assert who(OwnPersona("large", min_followers=600_000)) == {"i1"}
    assert who(OwnPersona("women", gender=("Female",))) == {"i1", "i3"}
    assert who(OwnPersona("women of food", gender=("Female",), category=("Food",))) == {"i3"}
    assert who(OwnPersona("food or fitness", category=("Food", "Fitness"))) == {"i1", "i2", "i3"}
    assert who(OwnPersona("nobody", language=("French",))) == set()
    assert who(OwnPersona("nobody", language=())) == set()
    assert who(OwnPersona("nobody", language=("French",)), ("Macro-Fitness",)) == {"i1"}


def test_spend_without_a_brand_is_told(tiny_warehouse: Path) -> None:
    assert data.spend_of_no_member(JANUARY) == 0
    assert data.spend_of_no_member(JANUARY.having(brand=("B",))) == 50
    assert data.spend_of_no_member(JANUARY.having(brand=("B",), campaign=("c1",))) == 50
    assert data.spend_of_no_member(JANUARY.having(brand=("B", "(none)"))) == 0
    assert data.spend_of_no_member(JANUARY.having(brand=("B",), platform=("YouTube",))) == 0


def test_days_without_activity_are_zero(tiny_warehouse: Path) -> None:
    selection = replace(JANUARY, first_day=date(2025, 1, 1), last_day=date(2025, 1, 5))
    over_time = over_time_of(selection)
    assert over_time["spend"].tolist() == [100, 300, 0, 0, 0]
    assert over_time["baseline"].tolist() == [1100 - 300, 550, 0, 0, 0]


@pytest.mark.parametrize(
    ("first", "last", "bucket", "cut"),
    [
        # 6 January 2025 is a Monday.
        (date(2025, 1, 6), date(2025, 1, 19), "week", [False, False]),
        (date(2025, 1, 7), date(2025, 1, 19), "week", [True, False]),
        (date(2025, 1, 6), date(2025, 1, 18), "week", [False, True]),
        (date(2025, 1, 7), date(2025, 1, 9), "week", [True]),
        (date(2025, 1, 1), date(2025, 1, 31), "month", [False]),
        (date(2025, 1, 1), date(2025, 1, 30), "month", [True]),
        (date(2025, 1, 7), date(2025, 1, 9), "day", [False, False, False]),
    ],
)
def test_weeks_and_months_that_the_dates_cut_are_told(
    tiny_warehouse: Path, first: date, last: date, bucket: data.Bucket, cut: list[bool]
) -> None:
    selection = replace(JANUARY, first_day=first, last_day=last)
    assert over_time_of(selection, bucket=bucket)["is_partial"].tolist() == cut


@pytest.mark.parametrize(
    ("days", "bucket"), [(1, "day"), (92, "day"), (93, "week"), (731, "week"), (732, "month")]
)
def test_long_selections_are_shown_more_coarsely(days: int, bucket: str) -> None:
    first = date(2025, 1, 1)
    assert data.time_bucket(Selection(first, first + timedelta(days=days - 1))) == bucket


def test_campaigns_of_one_name_are_told_apart(tiny_warehouse: Path) -> None:
    assert data.options().labels["campaign"] == {
        "c1": "Summer (c1)",
        "c2": "Summer (c2)",
        "c3": "Winter",
        "(none)": "(none)",
    }


def test_tiers_are_ordered_by_size(tiny_warehouse: Path) -> None:
    assert list(data.options().labels["tier"]) == ["Nano", "Macro"]


def test_an_empty_selection_knows_which_filter_to_widen(tiny_warehouse: Path) -> None:
    youtube_b = JANUARY.having(platform=("YouTube",), brand=("B",))
    assert data.filters_to_widen(youtube_b) == ["platform", "brand"]
    late = Selection(date(2025, 1, 20), date(2025, 1, 25)).having(persona=("Nobody",))
    assert data.filters_to_widen(late) == []
    nobody = replace(JANUARY, own_persona=OwnPersona("nobody", language=("French",)))
    assert data.filters_to_widen(nobody) == ["persona"]


def rows_of(mart: str, selection: Selection, columns: str) -> list[tuple[Any, ...]]:
    from_mart, parameters = data.from_mart(mart, selection)
    found = read(f"select {columns} {from_mart} order by all", parameters)
    return list(found.itertuples(index=False, name=None))


def test_undated_payouts_stay_when_days_are_chosen(tiny_warehouse: Path) -> None:
    first_days = Selection(date(2025, 1, 1), date(2025, 1, 3)).having(brand=("A",))
    filters = data.mart_filters("fct_payout_lines", first_days)
    assert filters.keeps_undated_rows
    assert filters.missing == ["brand"]
    lines = rows_of("fct_payout_lines", first_days, "payout_line_id")
    assert lines == [("p1",), ("p2",)]


def test_marts_that_name_the_influencer_follow_what_influencers_are(tiny_warehouse: Path) -> None:
    youtube = JANUARY.having(platform=("YouTube",))
    assert rows_of("fct_payout_lines", youtube, "payout_line_id") == [("p1",)]
    own = replace(JANUARY, own_persona=OwnPersona("large", min_followers=600_000))
    assert rows_of("fct_payout_lines", own, "payout_line_id") == [("p1",)]
    assert rows_of("fct_influencer_days", own, "influencer_id") == [("i1",)]


def test_every_mart_follows_the_filters_it_has_columns_for() -> None:
    options = data.options()
    day = options.first_day + timedelta(days=200)
    platform, brand = (next(iter(options.labels[name])) for name in ("platform", "brand"))
    selection = Selection(day, day + timedelta(days=60)).having(
        platform=(platform,), brand=(brand,)
    )
    for mart in data.mart_descriptions():
        filtered = rows_of(mart, selection, "count(*)")
        assert filtered <= rows_of(mart, Selection(options.first_day, options.last_day), "count(*)")
    [(experiments,)] = rows_of("fct_incremental_roas", selection, "count(distinct experiment_id)")
    [expected] = published(
        f"select count(*) as n from marts.dim_experiments where brand = '{brand}'"
    )["n"]
    assert experiments == expected > 0


def test_values_and_names_are_not_sql(tiny_warehouse: Path) -> None:
    hostile = JANUARY.having(brand=("A') or 1=1 --",))
    assert data.totals(hostile)["influencer_days"] == 0
    with pytest.raises(UnreadableFileError):
        data.from_mart('dim_brands"; drop table dim_brands; --', JANUARY)
