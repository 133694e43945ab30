"""Move the budget: what the page says against a solver that searches, and figures by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import streamlit as st
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize
from streamlit.testing.v1 import AppTest

from tests.python.publish.test_response_functions import gain_written_out
from tests.python.viewer.pages import alts, figures, open_page, texts, trace
from tests.python.viewer.test_viewer_influencers import break_even_of
from tests.python.viewer.test_viewer_table_files import csv_rows, tables_of
from tests.python.viewer.tiny import ROWS, publish
from viewer.charts.budget import MOST_BARS
from viewer.format import cases, money, money_in_full, ratio
from viewer.published import published_path

Floats = NDArray[np.float64]
Limits = Mapping[str, tuple[float | None, float | None]]
LABELS = {
    "platform": "Platforms",
    "persona": "Personas",
    "brand": "Brands",
    "persona || ' on ' || platform": "Personas on platforms",
}
DAYS = """
    create temp table days as
    select days.*, {by} as member, elasticity, elasticity_se, problem
    from helios.marts.fct_influencer_days as days
    inner join helios.marts.dim_influencers using (influencer_id)
    inner join helios.marts.fct_response using (campaign_id, brand, influencer_id)
"""


def published_curves(by: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Curves of members whose return is known, as any client has them, and their days."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published_path()}' as helios (read_only)")
        connection.execute(DAYS.format(by=by))
        curves = connection.execute(
            """
            select curves.*, figures.iroas, figures.incremental_revenue_se / figures.spend as se
            from helios.marts.response_curves('days') as curves
            inner join helios.marts.performance('days') as figures using (member)
            where figures.spend > 0 and figures.measured_spend > 0
            order by member
            """
        ).df()
        days = connection.execute("from days").df()
    numbers = ["spend", "incremental_revenue", "half_saturation", "ceiling"]
    return curves.astype(dict.fromkeys(numbers, "float64")), days


def limits(
    curves: pd.DataFrame,
    change: float,
    fixed: tuple[str, ...] = (),
    singles: Limits | None = None,
) -> tuple[Floats, Floats]:
    """Least and most spend: by the change, and never beyond what months have seen.

    What a single member is limited to goes before, as far as its months have seen it.
    """
    low = np.maximum(1 - change, np.minimum(curves["seen_low"].to_numpy(float), 1))
    high = np.minimum(1 + change, np.maximum(curves["seen_high"].to_numpy(float), 1))
    stays = curves["member"].isin(fixed).to_numpy()
    spend = curves["spend"].to_numpy(float)
    lowest, highest = spend * np.where(stays, 1, low), spend * np.where(stays, 1, high)
    for member, (least, most) in (singles or {}).items():
        [at] = np.flatnonzero(curves["member"] == member)
        usual = lowest[at], highest[at]
        lowest[at] = least if least is not None else min(usual[0], most or usual[0])
        highest[at] = most if most is not None else max(usual[1], least or usual[1])
    return lowest, highest


def brings(curves: pd.DataFrame, spend: Floats) -> Floats:
    half = curves["half_saturation"].to_numpy()
    return np.asarray(curves["ceiling"].to_numpy() * spend / (spend + half))


def solved(
    curves: pd.DataFrame,
    change: float,
    budget: float,
    fixed: tuple[str, ...],
    singles: Limits | None = None,
) -> Floats:
    """The best split by sequential quadratic programming, in shares of the budget."""
    low, high = limits(curves, change, fixed, singles)
    half = curves["half_saturation"].to_numpy() / budget
    height = curves["ceiling"].to_numpy() / curves["ceiling"].sum()
    start = np.clip(curves["spend"].to_numpy(float), low, high) / budget
    found = minimize(
        lambda x: -(height * x / (x + half)).sum(),
        start,
        jac=lambda x: -height * half / (x + half) ** 2,
        bounds=list(zip(low / budget, high / budget, strict=True)),
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 1_000},
    )
    assert abs(found.x.sum() - 1) < 1e-8
    return np.asarray(found.x * budget)


def moves(app: AppTest) -> pd.DataFrame:
    """The table of new spend."""
    assert not app.exception
    table = shown_tables(app)[0]
    assert "new_spend" in table
    return table.sort_values("member", ignore_index=True)


def shown_tables(app: AppTest) -> list[pd.DataFrame]:
    """Tables that are only read, in order."""
    return [one.value for one in app.dataframe if "lowest" not in one.value]


def write_limits(monkeypatch: pytest.MonkeyPatch, singles: Limits) -> list[pd.DataFrame]:
    """Write limits of single members into their table; returns the tables as they were shown."""
    were_shown = []

    def editor(shown: pd.DataFrame, **_: Any) -> pd.DataFrame:
        were_shown.append(shown.copy())
        for member, ends in singles.items():
            shown.loc[member, ["lowest", "highest"]] = ends
        return shown

    monkeypatch.setattr(st, "data_editor", editor)
    return were_shown


def plain(app: AppTest) -> str:
    return texts(app).replace("\\", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "change", "share", "fixed"),
    [
        ("platform", 20, 100, ()),
        ("platform", 50, 90, ()),
        ("platform", 30, 110, ("Facebook",)),
        ("persona", 40, 100, ("Mid-Wellness", "Nano-Fitness")),
        ("brand", 20, 120, ()),
        ("brand", 25, 80, ()),
    ],
)
def test_new_spend_is_what_a_solver_finds(
    simulated_warehouse: Path, by: str, change: int, share: int, fixed: tuple[str, ...]
) -> None:
    app = open_page(
        "budget", budget_by=LABELS[by], budget_change=str(change), budget_share=str(share)
    )
    if fixed:
        [box] = [one for one in app.multiselect if one.label == "Stay as they are"]
        app = box.set_value(list(fixed)).run()
    table = moves(app)
    curves, days = published_curves(by)
    assert table["member"].tolist() == curves["member"].tolist()
    today = curves["spend"].to_numpy()
    budget = float(today.sum()) * share / 100
    found = table["new_spend"].to_numpy(float)
    # The budget is kept, what is fixed stays, and no limit is passed.
    assert found.sum() == pytest.approx(budget, rel=1e-9)
    stays = curves["member"].isin(fixed).to_numpy()
    assert found[stays] == pytest.approx(today[stays])
    assert (table["range"] == "stays").tolist() == stays.tolist()
    low, high = limits(curves, change / 100, fixed)
    assert (found >= low * (1 - 1e-9)).all() and (found <= high * (1 + 1e-9)).all()
    # No split brings more, and where limits leave one best split it is that.
    best = solved(curves, change / 100, budget, fixed)
    value, best_value = brings(curves, found).sum(), brings(curves, best).sum()
    assert value >= best_value * (1 - 1e-9)
    assert best_value == pytest.approx(value, rel=1e-5)
    assert np.abs(found - best).max() < 0.01 * budget
    added = brings(curves, found) - brings(curves, today)
    assert table["added_revenue"].to_numpy(float) == pytest.approx(added, rel=1e-6, abs=1e-3)
    assert table["marginal_iroas"].to_numpy(float) == pytest.approx(
        curves["marginal_iroas"].to_numpy(float), rel=1e-9
    )
    # The sentence on top.
    plan = pd.DataFrame({"member": curves["member"], "spend": found, "spend_before": today})
    gain, error = gain_written_out(days.astype({"spend": "float64"}), curves, plan)
    assert gain == pytest.approx(added.sum(), rel=1e-6)
    text = plain(app)
    assert f"{money(abs(gain))} of incremental revenue" in text
    assert f"give or take {money(error)}" in text
    needed = break_even_of_all() if share != 100 else 0.0
    probability = stats.norm.cdf((gain - needed * (budget - today.sum())) / error)
    assert f" in {min(max(round(100 * probability), 1), 99)} of 100 cases" in text
    moved = np.maximum(found - today, 0).sum()
    assert ("giving" in text.lower()) == (moved >= 1)
    if share != 100:
        word = "more" if share > 100 else "less"
        assert f"pending {money(abs(budget - today.sum()))} {word} in all" in text
    [drawn, *_] = figures(app)
    [bars] = drawn["data"]
    assert bars["y"][-1] == pytest.approx(gain, rel=1e-6)
    assert f"Sum {money(gain)}" in alts(app)[0]


def break_even_of_all() -> float:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        [(value,)] = connection.execute(
            "use marts; select break_even(sum(revenue), sum(revenue_of_known_cost),"
            " sum(cost_of_goods)) from dim_brands"
        ).fetchall()
    return float(value)


def test_until_break_even_the_last_rupee_pays_for_itself(simulated_warehouse: Path) -> None:
    app = open_page("budget", budget_until="true", budget_by="Personas", budget_change="50")
    table, (curves, _) = moves(app), published_curves("persona")
    low, high = limits(curves, 0.5)
    found, needed = table["new_spend"].to_numpy(float), break_even_of_all()
    at = table["new_marginal_iroas"].to_numpy(float)
    is_low, is_high = np.isclose(found, low), np.isclose(found, high)
    assert at[~is_low & ~is_high] == pytest.approx(needed)
    assert (at[is_low & ~is_high] <= needed * (1 + 1e-9)).all()
    assert (at[is_high & ~is_low] >= needed * (1 - 1e-9)).all()
    assert 2 <= is_high.sum() < len(found) and 2 <= is_low.sum() < len(found)
    assert "range" not in table and "As good between" not in texts(app)
    assert f"the break-even is {ratio(needed)}" in plain(app)


def test_what_is_surer_is_preferred(simulated_warehouse: Path) -> None:
    """Each curve is lower by what its return is at the end of an interval of 60 %."""
    table = moves(open_page("budget", budget_surer="true", budget_by="Brands"))
    curves, _ = published_curves("brand")
    weight = 1 - stats.norm.ppf(0.8) * curves["se"] / curves["iroas"].abs()
    surer = curves.assign(ceiling=curves["ceiling"] * weight.clip(lower=0))
    best = solved(surer, 0.2, float(curves["spend"].sum()), ())
    found = table["new_spend"].to_numpy(float)
    assert brings(surer, found).sum() == pytest.approx(brings(surer, best).sum(), rel=1e-6)
    plainly = moves(open_page("budget", budget_by="Brands"))["added_revenue"].sum()
    assert table["added_revenue"].sum() <= plainly + 1e-6


def test_a_spend_in_the_range_is_as_good(simulated_warehouse: Path) -> None:
    table = moves(open_page("budget", budget_by="Personas"))
    is_range = table["range"].str.contains(" to ")
    assert is_range.all()
    low, high = (table["range"].str.split(" to ").str[end] for end in (0, 1))
    assert (low != high).sum() >= 2
    # The best plan is within it, as it is written.
    at_limit = table["new_spend"].map(money)
    assert ((low == at_limit) | (high == at_limit) | (low != high)).all()


def test_limits_that_allow_no_such_budget(simulated_warehouse: Path) -> None:
    app = open_page("budget", budget_share="70", budget_change="5")
    assert not app.exception
    assert "no plan spends this budget" in texts(app)
    [table] = shown_tables(app)
    assert "new_spend" not in table


def test_returns_by_curve(simulated_warehouse: Path) -> None:
    app = open_page("budget", budget_by="Brands")
    curves = published_curves("brand")[0].set_index("member")
    table = shown_tables(app)[1].set_index("member")
    assert set(table.index) == set(curves.index)
    for column in ("average_iroas", "marginal_iroas", "elasticity"):
        assert table[column].to_numpy(float) == pytest.approx(
            curves[column].reindex(table.index).to_numpy(float), rel=1e-9
        )
    app = app.selectbox(key="budget_curve_brand").set_value("HKVitals").run()
    curve: Any = curves.loc["HKVitals"]
    line = trace(figures(app)[1], "Incremental revenue")
    spend, revenue = np.array(line["x"]), np.array(line["y"])
    today = curve.ceiling * curve.spend / (curve.spend + curve.half_saturation)
    wanted = curve.incremental_revenue - today
    wanted = wanted + curve.ceiling * spend / (spend + curve.half_saturation)
    assert revenue == pytest.approx(wanted, rel=1e-9)
    assert spend[0] == pytest.approx(curve.spend * curve.seen_low)
    assert spend[-1] == pytest.approx(curve.spend * curve.seen_high)
    assert f"average of {ratio(float(curve['average_iroas']))}" in alts(app)[1]


def test_personas_on_platforms(simulated_warehouse: Path) -> None:
    """Members of two dimensions together; what moves least is one bar, and has no range."""
    member = "persona || ' on ' || platform"
    app = open_page("budget", budget_by=LABELS[member])
    table, (curves, _) = moves(app), published_curves(member)
    assert table["member"].tolist() == curves["member"].tolist()
    assert len(table) > MOST_BARS and "Mid-Fitness on Instagram" in set(table["member"])
    found, today = table["new_spend"].to_numpy(float), curves["spend"].to_numpy(float)
    assert found.sum() == pytest.approx(today.sum(), rel=1e-9)
    best = solved(curves, 0.2, float(today.sum()), ())
    assert brings(curves, found).sum() >= brings(curves, best).sum() * (1 - 1e-9)
    added = brings(curves, found) - brings(curves, today)
    [bars] = figures(app)[0]["data"]
    assert len(bars["y"]) == MOST_BARS + 1
    assert sum(bars["y"][:-1]) == pytest.approx(bars["y"][-1]) == pytest.approx(added.sum())
    is_range = table["range"].str.contains(" to ").to_numpy()
    assert (table["range"][~is_range] == "–").all()
    low, high = limits(curves, 0.2)
    assert 5 <= is_range.sum() < len(table)
    assert (high - low)[is_range].min() >= (high - low)[~is_range].max()
    assert "tried for those that could move most" in plain(app)
    [returns] = [one for one in shown_tables(app) if "elasticity_range" in one]
    assert set(returns["member"]) == set(table["member"])


def test_the_curve_says_where_half_is_reached(simulated_warehouse: Path) -> None:
    curves, _ = published_curves("platform")
    app = open_page("budget")
    [chosen] = [box for box in app.selectbox if box.label == "Response curve of platform"]
    [row] = curves[curves["member"] == chosen.value].to_dict("records")
    [line] = [one.value for one in app.caption if "Half of what" in one.value]
    assert f"at a spend of {money(row['half_saturation'])}, between" in line
    assert f"between {money(row['half_saturation_low'])} and" in line
    no_end = pd.isna(row["half_saturation_high"])
    assert ("no end that is seen" in line) == no_end
    assert no_end or f"and {money(row['half_saturation_high'])} by" in line


def seen(curves: pd.DataFrame, member: str) -> tuple[float, float]:
    """Spend of a member that its months have seen, today's included."""
    [row] = curves[curves["member"] == member].to_dict("records")
    return row["spend"] * min(row["seen_low"], 1), row["spend"] * max(row["seen_high"], 1)


@pytest.mark.parametrize("ends", [(0.6, None), (None, 0.2), (0.2, 0.5), (0.1, 0.1), (None, 0.9)])
def test_single_members_have_limits_of_their_own(
    simulated_warehouse: Path,
    monkeypatch: pytest.MonkeyPatch,
    ends: tuple[float | None, float | None],
) -> None:
    """Parts of the way from the lowest to the highest spend seen, whatever the common limit."""
    curves, days = published_curves("brand")
    member = "HKVitals"
    low, high = seen(curves, member)
    lowest, highest = (None if end is None else low + end * (high - low) for end in ends)
    singles = {member: (lowest, highest)}
    write_limits(monkeypatch, singles)
    app = open_page("budget", budget_by="Brands", budget_change="30")
    table = moves(app)
    assert not app.warning
    today = curves["spend"].to_numpy(float)
    budget = float(today.sum())
    found = table["new_spend"].to_numpy(float)
    least, most = limits(curves, 0.3, (), singles)
    assert found.sum() == pytest.approx(budget, rel=1e-9)
    assert (found >= least * (1 - 1e-9)).all() and (found <= most * (1 + 1e-9)).all()
    best = solved(curves, 0.3, budget, (), singles)
    assert brings(curves, found).sum() == pytest.approx(brings(curves, best).sum(), rel=1e-6)
    # The sentence on top is of the same plan.
    plan = pd.DataFrame({"member": curves["member"], "spend": found, "spend_before": today})
    gain, error = gain_written_out(days.astype({"spend": "float64"}), curves, plan)
    assert f"{money(abs(gain))} of incremental revenue**, give or take {money(error)}" in plain(app)
    own = [f"at least {money_in_full(lowest)}"] if lowest is not None else []
    own += [f"at most {money_in_full(highest)}"] if highest is not None else []
    assert f"Limits of their own: {member} {' and '.join(own)}." in plain(app)


def test_limits_outside_of_what_was_seen_are_refused(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curves, _ = published_curves("platform")
    low, high = seen(curves, "YouTube")
    usual = moves(open_page("budget", budget_by="Platforms"))
    middle = (low + high) / 2
    shown = write_limits(monkeypatch, {"YouTube": (low / 2, high * 2), "Twitter": (None, 1.0)})
    app = open_page("budget", budget_by="Platforms")
    lines = sorted(one.value.replace("\\", "") for one in app.warning)
    assert len(lines) == 3
    [range_] = [text for text in shown[0]["seen"][["YouTube"]]]
    wanted = (("highest", high * 2), ("lowest", low / 2))
    for line, (end, value) in zip(lines[1:], wanted, strict=True):
        assert line == (
            f"The {end} spend of YouTube, {money_in_full(value)}, lies outside of what was seen,"
            f" {range_}, and does not count."
        )
    assert lines[0].startswith("The highest spend of Twitter, ₹1, lies outside")
    assert moves(app)["new_spend"].tolist() == pytest.approx(usual["new_spend"].tolist())
    write_limits(monkeypatch, {"YouTube": (high, middle)})
    app = open_page("budget", budget_by="Platforms")
    [warning] = app.warning
    assert warning.value == "The lowest spend of YouTube is above its highest: neither counts."
    assert moves(app)["new_spend"].tolist() == pytest.approx(usual["new_spend"].tolist())


def test_what_is_shown_as_seen_is_accepted(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ends of the range as they are written; members that stay have no limits."""
    curves, _ = published_curves("brand")
    shown = write_limits(monkeypatch, {})
    open_page("budget", budget_by="Brands")
    ends = {
        str(member): tuple(float(end.strip("₹").replace(",", "")) for end in text.split(" to "))
        for member, text in shown[0]["seen"].items()
    }
    assert list(ends) == sorted(curves["member"])
    write_limits(monkeypatch, {member: (low, high) for member, (low, high) in ends.items()})
    app = open_page("budget", budget_by="Brands", budget_change="5")
    assert not app.warning
    for row in moves(app).to_dict("records"):
        low, high = seen(curves, row["member"])
        assert low * (1 - 1e-9) <= row["new_spend"] <= high * (1 + 1e-9)
    assert (moves(app)["added_spend"].abs() > 0.06 * moves(app)["spend"]).any()
    [box] = [one for one in app.multiselect if one.label == "Stay as they are"]
    app = box.set_value(["HKVitals"]).run()
    assert "HKVitals at least" not in plain(app)
    [stays] = moves(app).query("member == 'HKVitals'")["added_spend"]
    assert stays == 0


def test_floors_that_exceed_the_budget(
    simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curves, _ = published_curves("brand")
    highest = {str(member): seen(curves, member)[1] for member in curves["member"]}
    write_limits(monkeypatch, {member: (value, None) for member, value in highest.items()})
    app = open_page("budget", budget_by="Brands", budget_share="90")
    assert "no plan spends this budget" in texts(app) and not app.warning


def test_files_of_both_tables(simulated_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = tables_of("budget", monkeypatch)
    assert set(tables) == {"budget_by_platform", "returns_by_platform"}
    rows = csv_rows(tables["budget_by_platform"])
    shown = moves(open_page("budget"))
    by_member = {row["Platform"]: row for row in rows}
    for row in shown.to_dict("records"):
        assert float(by_member[row["member"]]["New spend"]) == pytest.approx(row["new_spend"])
        assert by_member[row["member"]]["As good between"] == row["range"]


# By hand. Two platforms in one campaign, each with 20 and 180 in two months and an elasticity of a
# half. YouTube brought 300 of 400: its half saturation is (1 / (0.75 x 0.5) - 1) x 200 = 333.33,
# its ceiling 150 x 2.667^2 / 1.667 = 640. Instagram: 7 x 200 = 1400, and 50 x 8^2 / 7 = 457.14.
SPENT = {"i1": (300.0, 30.0), "i2": (100.0, 10.0)}
BY_HAND: dict[str, list[dict[str, Any]]] = {
    "fct_influencer_days": [
        {
            "date_day": day, "influencer_id": who, "campaign_id": "c1", "brand": "A", "orders": 1,
            "attributed_revenue": 100, "spend": spend, "incremental_revenue": revenue / 2,
            "incremental_se_shared": error / 2, "incremental_se_campaign": 0,
            "incremental_se_influencer": 0,
        }
        for who, (revenue, error) in SPENT.items()
        for day, spend in (("2025-01-05", 20), ("2025-02-05", 180))
    ],
}  # fmt: skip


def response(problem: str | None = None) -> list[dict[str, Any]]:
    return [
        {
            "campaign_id": "c1", "brand": "A", "influencer_id": who, "elasticity": 0.5,
            "elasticity_se": 0.1, "problem": problem,
        }
        for who in SPENT
    ]  # fmt: skip


def test_two_platforms_by_hand(empty_warehouse: Path) -> None:
    """A fifth of Instagram's 200 goes to YouTube, with all errors shared.

    YouTube gains 640 x (240 / 573.33 - 200 / 533.33) = 27.91, Instagram loses
    457.14 x (200 / 1600 - 160 / 1560) = 10.26. Errors of revenue: 27.91 / 10 - 10.26 / 10 = 1.765;
    that of elasticity, a fifth of the gain: 3.53.
    """
    publish(empty_warehouse, BY_HAND | {"fct_response": response()})
    app = open_page("budget")
    table = moves(app).set_index("member")
    assert table["new_spend"].to_dict() == pytest.approx({"YouTube": 240, "Instagram": 160})
    assert table["added_revenue"].to_dict() == pytest.approx(
        {"YouTube": 27.907, "Instagram": -10.256}, abs=1e-3
    )
    assert "Giving ₹40 more to what returns more would bring ₹17.65" in plain(app)
    assert "give or take ₹3.95: more than today's plan in 99 of 100 cases" in plain(app)
    [box] = [one for one in app.multiselect if one.label == "Stay as they are"]
    app = box.set_value(["YouTube"]).run()
    assert "nothing better than today's split is seen" in texts(app)
    assert moves(app)["added_spend"].tolist() == [0, 0]


def test_months_that_were_alike_allow_no_move(empty_warehouse: Path) -> None:
    alike = [row | {"spend": 100} for row in BY_HAND["fct_influencer_days"]]
    publish(empty_warehouse, {"fct_influencer_days": alike, "fct_response": response()})
    app = open_page("budget")
    assert "nothing better than today's split is seen" in texts(app)


@pytest.mark.parametrize("problem", ["one_level", "too_few_orders"])
def test_without_a_slope_nothing_is_advised(empty_warehouse: Path, problem: str) -> None:
    publish(empty_warehouse, BY_HAND | {"fct_response": response(problem)})
    app = open_page("budget")
    assert not app.exception
    [warning] = app.warning
    assert "no move of the budget is advised" in warning.value
    assert ("spent alike" in warning.value) == (problem == "one_level")
    # Average returns stay; no slope, no plan, no chart and no control of one.
    [table] = [one.value for one in app.dataframe]
    assert not app.data_editor
    assert table.set_index("member")["average_iroas"].to_dict() == {
        "YouTube": 1.5,
        "Instagram": 0.5,
    }
    assert table["marginal_iroas"].isna().all() and table["elasticity"].isna().all()
    assert (table["elasticity_range"] == "not known").all()
    assert not alts(app) and not app.toggle and "of incremental revenue" not in texts(app)


def test_an_empty_selection(tiny_warehouse: Path) -> None:
    app = open_page("budget", brand="B", platform="YouTube")
    assert not app.exception and not app.dataframe
    assert "Platform or Brand" in texts(app)


def test_spend_of_which_no_return_is_known(tiny_warehouse: Path) -> None:
    app = open_page("budget", brand="B")
    assert not app.exception and not app.dataframe
    assert "no return is known" in texts(app)


def test_an_effect_of_nothing_without_an_error_is_not_known(empty_warehouse: Path) -> None:
    """Spend without attributed revenue: there is nothing to calibrate, so it is left alone."""
    none = {
        "date_day": "2025-01-05", "influencer_id": "i1", "campaign_id": "(none)",
        "brand": "(none)", "spend": 50, "incremental_revenue": 0, "incremental_se_shared": 0,
        "incremental_se_campaign": 0, "incremental_se_influencer": 0,
    }  # fmt: skip
    days = [*BY_HAND["fct_influencer_days"], none]
    publish(empty_warehouse, {"fct_influencer_days": days, "fct_response": response()})
    app = open_page("budget", budget_by="Brands")
    assert moves(app)["member"].tolist() == ["A"]
    assert ROWS["dim_brands"][0]["brand"] == "(none)"


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, "1"), (0.004, "1"), (0.803, "80"), (0.994, "99"), (1.0, "99"), (None, "–")],
)
def test_cases_are_never_none_or_all(probability: float | None, shown: str) -> None:
    assert cases(probability) == shown


def test_break_even_of_a_brand(simulated_warehouse: Path) -> None:
    app = open_page("budget", brand="HKVitals")
    assert f"the break-even is {ratio(break_even_of('HKVitals'))}" in plain(app)
