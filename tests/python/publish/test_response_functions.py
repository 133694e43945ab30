"""response_curves() and plan_gains() against sums written with pandas, and against a Hill curve."""

import math
from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from tests.python.viewer import tiny

Floats = NDArray[np.float64]
ERRORS = ["incremental_se_shared", "incremental_se_campaign", "incremental_se_influencer"]
MOST_HALF = 1_000.0
DAY = {
    "member": "a", "campaign_id": "C", "brand": "A", "influencer_id": "I",
    "date_day": pd.Timestamp("2025-01-05"), "spend": 100.0, "incremental_revenue": 150.0,
    "incremental_se_shared": 10.0, "incremental_se_campaign": 20.0,
    "incremental_se_influencer": 5.0, "elasticity": 0.6, "elasticity_se": 0.1, "problem": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[duckdb.DuckDBPyConnection]:
    """The functions of the published file; influencer days as their contract has them, no row."""
    with duckdb.connect() as connection:
        connection.execute("create schema marts; use marts")
        connection.execute(tiny.functions())
        columns = tiny.contract()["fct_influencer_days"]
        types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"create table none_active ({types})")
        yield connection


def days_of(*rows: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame([DAY | row for row in rows])
    return table.astype({"member": "object", "problem": "object"})


def give(client: duckdb.DuckDBPyConnection, days: pd.DataFrame) -> None:
    client.register("found", days)
    client.execute(
        """
        create or replace temp table days as
        select
            * replace (
                spend::decimal(18, 2) as spend, problem::varchar as problem,
                member::varchar as member, date_day::date as date_day,
                nullif(incremental_revenue, 'nan'::double) as incremental_revenue
            )
        from found
        """
    )


def curves_of(client: duckdb.DuckDBPyConnection, days: pd.DataFrame) -> pd.DataFrame:
    give(client, days)
    return client.execute("from response_curves('days') order by member").df()


def gains_of(
    client: duckdb.DuckDBPyConnection, days: pd.DataFrame, plans: pd.DataFrame
) -> pd.DataFrame:
    give(client, days)
    client.execute("create or replace temp table curves as from response_curves('days')")
    client.register("given_plans", plans.astype({"member": "object"}))
    client.execute(
        "create or replace temp table plans as select * replace (member::varchar as member)"
        " from given_plans"
    )
    return client.execute("from plan_gains('days', 'curves', 'plans') order by plan_id").df()


def written_out(days: pd.DataFrame) -> pd.DataFrame:
    """The curve of each member, by the sums of the description."""
    known = days[days["incremental_revenue"].notna()]
    found = []
    for member, own in known.groupby("member", dropna=False):
        revenue = float(own["incremental_revenue"].sum())
        marginal = float((own["incremental_revenue"] * own["elasticity"]).sum())
        rising = decline = 0.0
        for (campaign, brand), part in own.groupby(["campaign_id", "brand"]):
            here = known[(known["campaign_id"] == campaign) & (known["brand"] == brand)]
            by_member = here.groupby("member", dropna=False)["incremental_revenue"].sum()
            total = float(by_member.clip(lower=0).sum())
            brought = float(part["incremental_revenue"].sum())
            more = float((part["incremental_revenue"] * part["elasticity"]).sum())
            rising += max(more, 0)
            if total > 0:
                decline += max(more, 0) * max(brought - more, 0) / total
        half = min(max(rising / decline - 1, 1e-6), MOST_HALF) if decline > 0 else MOST_HALF
        whole = days[days["member"].isna() if pd.isna(member) else days["member"] == member]
        spend = float(whole["spend"].sum())
        months = whole.groupby(whole["date_day"].dt.to_period("M"))["spend"].sum().to_numpy()
        low, high = np.quantile(months, [0.1, 0.9]) / months.mean() if spend else (1.0, 1.0)
        error = float((own["incremental_revenue"] * own["elasticity_se"]).sum())
        found.append(
            {
                "member": member,
                "spend": spend,
                "incremental_revenue": revenue,
                "marginal_revenue": marginal,
                "average_iroas": revenue / spend if spend else math.nan,
                "marginal_iroas": marginal / spend if spend else math.nan,
                "elasticity": marginal / revenue if revenue else math.nan,
                "elasticity_se": abs(error / revenue) if revenue else math.nan,
                "half_saturation": half * spend or math.nan,
                "ceiling": max(marginal, 0) * (1 + half) ** 2 / half,
                "seen_low": low,
                "seen_high": high,
            }
        )
    return pd.DataFrame(found).sort_values("member", ignore_index=True)


@st.composite
def some_days(draw: st.DrawFn, lowest: int = -50_000) -> pd.DataFrame:
    """Days of up to four members in three campaigns of two brands; a third is not measured."""
    rows: list[dict[str, Any]] = []
    for member in draw(st.lists(st.sampled_from("abcd"), min_size=1, unique=True)):
        for _ in range(draw(st.integers(1, 4))):
            is_known = draw(st.integers(0, 2)) > 0 or not rows
            campaign = draw(st.integers(0, 2))
            rows.append(
                {
                    "member": member,
                    "campaign_id": f"C{campaign}",
                    "brand": "AB"[campaign // 2],
                    "influencer_id": f"I{draw(st.integers(0, 2))}",
                    "date_day": pd.Timestamp("2025-01-01")
                    + pd.Timedelta(days=draw(st.integers(0, 120))),
                    "spend": draw(st.integers(0, 10_000_000)) / 100,
                    "incremental_revenue": draw(st.integers(lowest, 900_000))
                    if is_known
                    else math.nan,
                    "elasticity": draw(st.integers(0, 20)) / 20,
                    "elasticity_se": draw(st.integers(0, 20)) / 50,
                    **{column: draw(st.integers(0, 50_000)) for column in ERRORS},
                }
            )
    return days_of(*rows)


examples = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@examples
@given(some_days())
def test_curves_are_the_sums_of_their_description(
    client: duckdb.DuckDBPyConnection, days: pd.DataFrame
) -> None:
    found, wanted = curves_of(client, days), written_out(days)
    assert found["member"].tolist() == wanted["member"].tolist()
    for column in wanted.columns.drop("member"):
        np.testing.assert_allclose(
            found[column].astype(float), wanted[column], rtol=1e-7, atol=1e-6, err_msg=column
        )


@examples
@given(some_days())
def test_the_slope_of_a_curve_today_is_the_marginal_return(
    client: duckdb.DuckDBPyConnection, days: pd.DataFrame
) -> None:
    for row in curves_of(client, days).to_dict("records"):
        if row["spend"] == 0:
            continue
        half, spend = row["half_saturation"], row["spend"]
        slope = row["ceiling"] * half / (spend + half) ** 2
        assert slope == pytest.approx(max(row["marginal_iroas"], 0), rel=1e-9)
        assert 0 <= slope <= max(row["average_iroas"], 0) * (1 + 1e-9) or (
            row["incremental_revenue"] < row["marginal_revenue"]
        )


@pytest.mark.parametrize("saturation", [0.2, 3.0, 50.0])
@pytest.mark.parametrize("attention", [[1.0, 2.0, 4.0], [3.0, 0.1], [5.0]])
def test_one_part_of_a_hill_curve_moved_alone_is_the_hyperbola(
    client: duckdb.DuckDBPyConnection, saturation: float, attention: list[float]
) -> None:
    """Exactly, in one campaign: what the description says of half saturation and height."""
    most, seen = 1e6, sum(attention)
    days = days_of(
        *(
            {
                "member": f"{number}",
                "spend": 1_000.0 * part,
                "incremental_revenue": most * part / (seen + saturation),
                "elasticity": saturation / (seen + saturation),
            }
            for number, part in enumerate(attention)
        )
    )
    for number, curve in enumerate(curves_of(client, days).to_dict("records")):
        own, others = attention[number], seen - attention[number]
        assert curve["half_saturation"] == pytest.approx(
            min((others + saturation) / own, MOST_HALF) * curve["spend"], rel=1e-9
        )
        if curve["half_saturation"] >= MOST_HALF * curve["spend"] * 0.999:
            continue
        for multiple in (0.0, 0.3, 1.0, 1.7, 30.0):
            now = others + multiple * own
            brings = most * (now / (now + saturation) - others / (others + saturation))
            spend = multiple * curve["spend"]
            on_curve = curve["ceiling"] * spend / (spend + curve["half_saturation"])
            assert on_curve == pytest.approx(brings, rel=1e-9, abs=1e-6)


def test_what_does_not_saturate_goes_on_almost_straight(
    client: duckdb.DuckDBPyConnection,
) -> None:
    [curve] = curves_of(client, days_of({"elasticity": 1.0})).to_dict("records")
    assert curve["half_saturation"] == MOST_HALF * 100
    for times in (0.5, 2.0):
        brings = curve["ceiling"] * times * 100 / (times * 100 + curve["half_saturation"])
        today = curve["ceiling"] * 100 / (100 + curve["half_saturation"])
        assert brings - today == pytest.approx(150 * (times - 1), rel=0.01)


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_interval_of_elasticity_stays_between_nothing_and_one(
    client: duckdb.DuckDBPyConnection, level: float
) -> None:
    z = NormalDist().inv_cdf((1 + level) / 2)
    for elasticity, error in ((0.6, 0.1), (0.05, 0.1), (0.95, 0.1)):
        give(client, days_of({"elasticity": elasticity, "elasticity_se": error}))
        found = client.execute(f"from response_curves('days', ci_level := {level})").df().iloc[0]
        assert found["elasticity_low"] == pytest.approx(max(elasticity - z * error, 0))
        assert found["elasticity_high"] == pytest.approx(min(elasticity + z * error, 1))


@pytest.mark.parametrize(("error", "has_end"), [(0.1, True), (0.5, False)])
def test_half_saturation_has_no_upper_end_where_it_may_not_saturate(
    client: duckdb.DuckDBPyConnection, error: float, has_end: bool
) -> None:
    """Alone in its campaign, of a Hill curve of 60 % elasticity: e = s / (x + s)."""
    [curve] = curves_of(client, days_of({"elasticity": 0.6, "elasticity_se": error})).to_dict(
        "records"
    )
    z = NormalDist().inv_cdf(0.95)
    low, high = max(0.6 - z * error, 0), min(0.6 + z * error, 1)
    assert curve["half_saturation"] == pytest.approx(100 * 0.6 / 0.4)
    assert curve["half_saturation_low"] == pytest.approx(100 * low / (1 - low))
    if has_end:
        assert curve["half_saturation_high"] == pytest.approx(100 * high / (1 - high))
    else:
        assert math.isnan(curve["half_saturation_high"])


def test_no_order_of_rows_changes_a_digit(client: duckdb.DuckDBPyConnection) -> None:
    """Spend in paise, of many days: sums of floats would differ in the last digits."""
    rng = np.random.default_rng(1)
    days = days_of(
        *(
            {
                "member": "ab"[number % 2],
                "date_day": pd.Timestamp("2025-01-01") + pd.Timedelta(days=number % 200),
                "spend": float(paise) / 100,
                "elasticity": 0.5,
            }
            for number, paise in enumerate(rng.integers(1, 10**9, 2_000))
        )
    )
    first = curves_of(client, days)
    for seed in range(3):
        again = curves_of(client, days.sample(frac=1, random_state=seed))
        pd.testing.assert_frame_equal(again, first, check_exact=True)


def test_what_is_full_gets_nothing_from_more(client: duckdb.DuckDBPyConnection) -> None:
    [curve] = curves_of(client, days_of({"elasticity": 0.0})).to_dict("records")
    assert (curve["ceiling"], curve["marginal_iroas"]) == (0, 0)
    assert curve["average_iroas"] == 1.5


def test_negative_returns_are_no_reason_to_spend(client: duckdb.DuckDBPyConnection) -> None:
    days = days_of({"incremental_revenue": -50.0}, {"member": "b", "incremental_revenue": 40.0})
    lost, earned = curves_of(client, days).to_dict("records")
    assert (lost["ceiling"], lost["average_iroas"]) == (0, -0.5)
    assert lost["marginal_iroas"] == pytest.approx(-0.3)
    assert lost["elasticity"] == pytest.approx(0.6)
    # The loss of the one is no part of what the campaign brought: b has all of that.
    assert earned["half_saturation"] == pytest.approx((1 / (1 - 0.6) - 1) * 100)


def test_members_without_a_name_or_without_spend(client: duckdb.DuckDBPyConnection) -> None:
    days = days_of(
        {"member": None},
        {"member": "b", "spend": 0.0},
        {"member": "c", "incremental_revenue": None},
    )
    curves = curves_of(client, days)
    free = curves[curves["member"] == "b"].iloc[0]
    unnamed = curves[curves["member"].isna()].iloc[0]
    assert len(curves) == 2  # nothing is known of c
    assert (free["spend"], free["seen_low"]) == (0, 1)
    assert math.isnan(free["average_iroas"]) and math.isnan(free["half_saturation"])
    assert unnamed["average_iroas"] == 1.5
    plan = {"plan_id": 1, "member": None, "spend": 200.0, "spend_before": 100.0}
    [gain] = gains_of(client, days, pd.DataFrame([plan])).to_dict("records")
    wanted = unnamed["ceiling"] * (
        200 / (200 + unnamed["half_saturation"]) - 100 / (100 + unnamed["half_saturation"])
    )
    assert gain["gain"] == pytest.approx(wanted)
    assert gain["gain"] > 0
    # What money would bring that is given to b for the first time is not known.
    first = {"plan_id": 1, "member": "b", "spend": 10.0, "spend_before": 0.0}
    [gain] = gains_of(client, days, pd.DataFrame([plan, first])).to_dict("records")
    assert math.isnan(gain["gain"]) and math.isnan(gain["prob_better"])
    [gain] = gains_of(client, days, pd.DataFrame([plan, first | {"spend": 0.0}])).to_dict("records")
    assert gain["gain"] == pytest.approx(wanted)


def test_seen_is_between_the_tenth_and_the_ninetieth_of_hundred_months(
    client: duckdb.DuckDBPyConnection,
) -> None:
    months = pd.date_range("2025-01-15", periods=11, freq="MS")
    days = days_of(*({"date_day": day, "spend": 10.0 * n} for n, day in enumerate(months)))
    [curve] = curves_of(client, days).to_dict("records")
    assert (curve["seen_low"], curve["seen_high"]) == pytest.approx((10 / 50, 90 / 50))


@pytest.mark.parametrize("problem", ["one_level", "too_few_orders"])
def test_a_problem_comes_along(client: duckdb.DuckDBPyConnection, problem: str) -> None:
    found = curves_of(client, days_of({"problem": problem}, {"member": "b", "problem": problem}))
    assert found["problem"].tolist() == [problem, problem]
    assert curves_of(client, days_of({}))["problem"].isna().all()


def gain_written_out(
    days: pd.DataFrame, curves: pd.DataFrame, plan: pd.DataFrame
) -> tuple[float, float]:
    """Gain and its error: shared errors add, campaigns and influencers in them are independent."""
    rows = curves.set_index("member").to_dict("index")
    gain = of_elasticity = 0.0
    scale: dict[str, float] = {}
    for move in plan.to_dict("records"):
        if move["member"] not in rows:
            continue
        curve = rows[move["member"]]
        half = curve["half_saturation"]
        changed = 0.0
        if move["spend"] != move["spend_before"]:
            for sign, spend in ((1, move["spend"]), (-1, move["spend_before"])):
                changed += sign * curve["ceiling"] * spend / (spend + half)
        gain += changed
        if curve["elasticity"] > 0:
            of_elasticity += changed * curve["elasticity_se"] / curve["elasticity"]
        if curve["incremental_revenue"]:
            scale[move["member"]] = changed / curve["incremental_revenue"]
    known = days[days["incremental_revenue"].notna() & days["member"].isin(list(scale))]
    scaled = known.assign(
        **{column: known[column] * known["member"].map(scale) for column in ERRORS}
    )
    shared = float(scaled["incremental_se_shared"].sum())
    variance = shared**2 + of_elasticity**2
    for _, campaign in scaled.groupby("campaign_id"):
        variance += float(campaign["incremental_se_campaign"].sum()) ** 2
    own = scaled.groupby(["campaign_id", "influencer_id", "member"])
    variance += float((own["incremental_se_influencer"].sum() ** 2).sum())
    return gain, math.sqrt(variance)


@examples
@given(some_days(), st.lists(st.floats(0, 3), min_size=8, max_size=8))
def test_gains_and_their_errors(
    client: duckdb.DuckDBPyConnection, days: pd.DataFrame, times: list[float]
) -> None:
    curves = curves_of(client, days)
    members = curves["member"].tolist()
    plans = pd.DataFrame(
        [
            {
                "plan_id": plan,
                "member": member,
                "spend": times[(plan * 4 + place) % 8] * spend,
                "spend_before": spend if plan == 0 else times[(plan + place) % 8] * spend,
            }
            for plan in (0, 1)
            for place, (member, spend) in enumerate(zip(members, curves["spend"], strict=True))
        ]
    )
    found = gains_of(client, days, plans)
    assert found["plan_id"].tolist() == [0, 1]
    for plan, row in enumerate(found.to_dict("records")):
        own = plans[plans["plan_id"] == plan]
        gain, error = gain_written_out(days, curves, own)
        assert row["gain"] == pytest.approx(gain, rel=1e-6, abs=1e-4)
        assert row["gain_se"] == pytest.approx(error, rel=1e-6, abs=1e-4)
        added = (own["spend"] - own["spend_before"]).sum()
        assert row["added_spend"] == pytest.approx(added, rel=1e-9, abs=1e-6)
        if error > 1e-3:
            assert row["prob_better"] == pytest.approx(
                stats.norm.cdf(row["gain"] / row["gain_se"]), abs=1e-6
            )


@examples
@given(some_days(), st.lists(st.floats(0, 3), min_size=2, max_size=2))
def test_gains_of_steps_add_up(
    client: duckdb.DuckDBPyConnection, days: pd.DataFrame, times: list[float]
) -> None:
    """From today to a plan, and from there to another, is from today to the other."""
    curves = curves_of(client, days)
    today = curves["spend"].to_numpy()
    one, other = today * times[0], today * times[1]
    plans = pd.concat(
        [
            pd.DataFrame({"member": curves["member"], "spend": to, "spend_before": start}).assign(
                plan_id=name
            )
            for name, start, to in (("1", today, one), ("2", one, other), ("3", today, other))
        ]
    )
    found = gains_of(client, days, plans).set_index("plan_id")["gain"]
    assert found["1"] + found["2"] == pytest.approx(found["3"], rel=1e-6, abs=1e-4)


def test_the_error_of_revenue_is_that_of_performance(client: duckdb.DuckDBPyConnection) -> None:
    """Where elasticity is sure, a plan that doubles all revenue has the error of all of it."""
    random = np.random.default_rng(4)
    days = days_of(
        *(
            {
                "campaign_id": f"C{random.integers(0, 3)}",
                "influencer_id": f"I{random.integers(0, 3)}",
                "incremental_revenue": float(random.integers(1, 1000)),
                "elasticity_se": 0.0,
                **{column: float(random.integers(1, 100)) for column in ERRORS},
            }
            for _ in range(30)
        )
    )
    [curve] = curves_of(client, days).to_dict("records")
    # The spend at which the curve is higher by today's revenue.
    today = curve["ceiling"] * curve["spend"] / (curve["spend"] + curve["half_saturation"])
    part = (today + curve["incremental_revenue"] * 0.3) / curve["ceiling"]
    spend = curve["half_saturation"] * part / (1 - part)
    plan = {"plan_id": 1, "member": "a", "spend": spend, "spend_before": curve["spend"]}
    [gain] = gains_of(client, days, pd.DataFrame([plan])).to_dict("records")
    assert gain["gain"] == pytest.approx(0.3 * curve["incremental_revenue"], rel=1e-9)
    client.execute(
        """
        create or replace temp table whole as
        from none_active
        union all by name
        select * exclude (elasticity, elasticity_se, problem, member) from days
        """
    )
    client.execute("create or replace temp view active as select *, 'a' as member from whole")
    [of_all] = client.execute(
        "select incremental_revenue_se from performance('active')"
    ).fetchone() or [0]
    assert gain["gain_se"] == pytest.approx(0.3 * of_all, rel=1e-9)


@pytest.mark.parametrize("needed", [0.0, 1.0, 2.5])
def test_more_money_must_bring_the_break_even(
    client: duckdb.DuckDBPyConnection, needed: float
) -> None:
    days = days_of({}, {"member": "b", "campaign_id": "D", "spend": 50.0})
    plans = pd.DataFrame(
        [
            {"plan_id": plan, "member": member, "spend": spend, "spend_before": before}
            for plan, member, spend, before in (
                ("less", "a", 60.0, 100.0), ("less", "b", 50.0, 50.0),
                ("moved", "a", 90.0, 100.0), ("moved", "b", 60.0, 50.0),
                ("more", "a", 100.0, 100.0), ("more", "b", 90.0, 50.0),
            )
        ]
    )  # fmt: skip
    gains_of(client, days, plans)
    found = client.execute(
        f"from plan_gains('days', 'curves', 'plans', break_even := {needed})"
    ).df()
    assert set(found["plan_id"]) == {"less", "moved", "more"}
    for row in found.to_dict("records"):
        added = {"less": -40, "moved": 0, "more": 40}[row["plan_id"]]
        distance = (row["gain"] - needed * added) / row["gain_se"]
        assert row["prob_better"] == pytest.approx(stats.norm.cdf(distance), abs=1e-6)


def test_nothing_moved_gains_nothing(client: duckdb.DuckDBPyConnection) -> None:
    plan = {"plan_id": 1, "member": "a", "spend": 100.0, "spend_before": 100.0}
    [gain] = gains_of(client, days_of({}), pd.DataFrame([plan])).to_dict("records")
    assert (gain["gain"], gain["gain_se"], gain["added_spend"]) == (0, 0, 0)
    assert pd.isna(gain["prob_better"])


def test_rows_in_any_order_give_the_same_figures(client: duckdb.DuckDBPyConnection) -> None:
    random = np.random.default_rng(4)
    days = days_of(
        *(
            {
                "member": "ab"[random.integers(0, 2)],
                "campaign_id": f"C{random.integers(0, 3)}",
                "incremental_revenue": float(random.normal(50, 90)),
                "elasticity": float(random.uniform(0, 1)),
            }
            for _ in range(200)
        )
    )
    shuffled = days.sample(frac=1, random_state=2, ignore_index=True)
    pd.testing.assert_frame_equal(
        curves_of(client, days), curves_of(client, shuffled), check_exact=True
    )
