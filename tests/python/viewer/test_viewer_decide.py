"""Decide: groups, order and rupees against figures computed on their own."""

from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from streamlit.testing.v1 import AppTest

from tests.python.viewer.pages import open_page, texts, tiles
from tests.python.viewer.test_viewer_influencers import break_even_of
from tests.python.viewer.tiny import publish
from viewer.format import money
from viewer.published import published_path

Z = stats.norm.ppf(0.95)
KEYS = {
    "influencer": ["influencer_id", "influencer_name"],
    "persona": ["persona", "persona"],
    "campaign": ["campaign_id", "campaign_name"],
}
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "everything": ({}, "true"),
    "a brand": ({"brand": "HKVitals"}, "brand = 'HKVitals'"),
    "a half year": (
        {"dates": ["2025-10-01", "2026-03-31"]},
        "date_day between date '2025-10-01' and date '2026-03-31'",
    ),
}


def ask(sql: str) -> pd.DataFrame:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(f"use marts; {sql}").df()


def influencer_days(where: str) -> pd.DataFrame:
    return ask(
        f"""
        select
            date_day, days.influencer_id, influencer_name, persona, campaign_id, campaign_name,
            orders::double as orders, spend::double as spend,
            attributed_revenue::double as revenue, incremental_revenue,
            incremental_se_shared as shared, incremental_se_campaign as of_campaign,
            incremental_se_influencer as of_influencer
        from fct_influencer_days as days
        inner join dim_influencers using (influencer_id)
        inner join dim_campaigns using (campaign_id)
        where {where.replace("brand =", "days.brand =")}
        """
    )


def figures(rows: pd.DataFrame, needed: float) -> dict[str, Any]:
    """Spend and incremental profit with its interval, and of iROAS, of some influencer days."""
    known = rows.dropna(subset="incremental_revenue")
    pieces = known.groupby(["campaign_id", "influencer_id"])[
        ["shared", "of_campaign", "of_influencer"]
    ].sum()
    campaigns = pieces.of_campaign.groupby("campaign_id").sum()
    error = np.sqrt(
        pieces.shared.sum() ** 2 + (campaigns**2).sum() + (pieces.of_influencer**2).sum()
    )
    effect, spend = known.incremental_revenue.sum(), rows.spend.sum()
    measured = known.spend.sum() if error > 0 else 0.0
    found: dict[str, Any] = {"spend": spend, "is_measurable": measured > 0.5 * spend}
    for name, bound in (
        ("mean", effect),
        ("low", effect - Z * error),
        ("high", effect + Z * error),
    ):
        found[f"profit_{name}"] = bound / needed - measured
        found[f"iroas_{name}"] = bound / measured if measured else np.nan
    return found


def decided(where: str, by: str, brands: Any = ()) -> pd.DataFrame:
    """The decision about each member, and its figures, at the margin of some brands or of all."""
    needed, key = break_even_of(brands), KEYS[by][0]
    rows = influencer_days(where)
    table = pd.DataFrame(
        {
            member: {"name": of_member[KEYS[by][1]].iloc[0]} | figures(of_member, needed)
            for member, of_member in rows.groupby(key)
        }
    ).T
    table = table[table.spend.astype(float) > 0]
    choices = [
        ~table.is_measurable.astype(bool),
        table.iroas_low > needed,
        table.iroas_high < needed,
        table.iroas_mean >= needed,
    ]
    return table.assign(decision=np.select(choices, ["test", "raise", "stop", "keep"], "test"))


def groups_on(app: AppTest) -> dict[str, pd.DataFrame]:
    """Tables of the page by decision."""
    headings = [heading.value.split(":")[0].lower() for heading in app.subheader]
    return {
        heading: pd.DataFrame(table.value)
        for heading, table in zip(headings, app.dataframe, strict=True)
    }


def named(table: pd.DataFrame) -> list[str]:
    """Members of a table in its order; their names follow the # of their links."""
    return [str(link).split("#", 1)[1] for link in table["member"]]


def linked(names: Any) -> list[str]:
    return [quote(str(name)) for name in names]


@pytest.mark.parametrize("by", KEYS)
@pytest.mark.parametrize("case", CASES)
def test_groups_are_those_of_own_figures(case: str, by: str, simulated_warehouse: Path) -> None:
    query, where = CASES[case]
    app = open_page("decide", by=by.capitalize() + "s", **query)
    assert not app.exception and not app.warning
    expected = decided(where, by, query.get("brand", ()))
    shown = groups_on(app)
    assert set(shown) == set(expected.decision)
    for decision, table in shown.items():
        rows = expected[expected.decision == decision]
        assert sorted(named(table)) == sorted(linked(rows["name"]))
        by_name = table.assign(name=named(table)).set_index("name")
        for row in rows.to_dict("records"):
            [name] = linked([row["name"]])
            if (rows["name"] == row["name"]).sum() == 1 and row["is_measurable"]:
                profit = by_name.loc[name, "incremental_profit"]
                assert profit == pytest.approx(row["profit_mean"], rel=1e-6, abs=1e-3)


def test_who_to_stop_is_the_surest_loss_first(simulated_warehouse: Path) -> None:
    app = open_page("decide", decision="Stop")
    [(heading, table)] = groups_on(app).items()
    expected = decided("true", "influencer")
    expected = expected[expected.decision == "stop"].sort_values("iroas_high")
    assert heading == "stop" and len(expected) > 3
    assert named(table) == linked(expected["name"])
    assert table["iroas_high"].max() < break_even_of()


def test_what_stopping_saves(simulated_warehouse: Path) -> None:
    members = decided("true", "influencer")
    stopped = members.index[members.decision == "stop"]
    rows = influencer_days("true")
    whole = figures(rows[rows.influencer_id.isin(stopped)], break_even_of())
    shown = texts(open_page("decide")).replace("\\", "")
    assert (
        f"**Stopping {len(stopped)} influencers would save {money(-whole['profit_mean'])}**"
        f" (90 % CI {money(-whole['profit_high'])} to {money(-whole['profit_low'])}) of"
        f" {money(whole['spend'])} of spend" in shown
    )


def test_false_discoveries_are_controlled(simulated_warehouse: Path) -> None:
    free, controlled = (groups_on(open_page("decide", **query)) for query in ({}, {"fdr": "true"}))
    members = decided("true", "influencer")
    measurable = members[members.is_measurable.astype(bool)]
    error = (measurable.iroas_high - measurable.iroas_low).astype(float) / 2 / Z
    distance = (measurable.iroas_mean.astype(float) - break_even_of()).abs() / error
    q_values = stats.false_discovery_control(2 * stats.norm.sf(distance))
    kept = measurable[(q_values <= 0.1) & measurable.decision.isin(["raise", "stop"])]
    assert len(kept) < sum(len(free.get(name, ())) for name in ("raise", "stop"))
    shown = [
        name
        for group in ("raise", "stop")
        if group in controlled
        for name in named(controlled[group])
    ]
    assert sorted(shown) == sorted(linked(kept["name"]))


def test_dates_whose_revenue_belongs_to_other_spend_are_not_judged(
    simulated_warehouse: Path,
) -> None:
    app = open_page("decide", dates=["2026-07-15", "2026-07-15"])
    assert not app.exception and not app.dataframe
    assert "there is no verdict" in texts(app)


def test_a_single_influencer_and_no_spend(empty_warehouse: Path) -> None:
    day = {"date_day": "2025-01-02", "influencer_id": "i2", "campaign_id": "c3", "brand": "B"}
    publish(empty_warehouse, {"fct_influencer_days": [{**day, "spend": 0, "orders": 1}]})
    assert "nothing to decide" in texts(open_page("decide"))
    publish(
        empty_warehouse,
        {"fct_influencer_days": [{**day, "spend": 10}, {**day, "date_day": "2025-01-30"}]},
    )
    app = open_page("decide")
    assert not app.exception
    assert tiles(app) == {"Test 1 influencer": "–"}


@pytest.mark.parametrize("page", ["overview", "decide", "influencers", "report"])
def test_goods_that_cost_more_than_they_bring(page: str, empty_warehouse: Path) -> None:
    costs = {"revenue": 100, "revenue_of_known_cost": 100, "cost_of_goods": 150}
    publish(empty_warehouse, {"dim_brands": [{"brand": name, **costs} for name in "AB"]})
    app = open_page(page, brand="A")
    assert not app.exception
    shown = texts(app) + "".join(html.proto.body for html in app.get("html"))
    assert "inf" not in [str(tile.value) for tile in app.metric]
    if page in ("overview", "report"):
        assert "out of reach, as goods cost more than they bring" in shown


@pytest.mark.build
def test_campaigns_have_their_own_experiments_beside(simulated_warehouse: Path) -> None:
    measured = ask(
        """
        select campaign_name, roas.verdict, roas.incremental_revenue, roas.iroas
        from fct_incremental_roas as roas
        inner join dim_experiments using (experiment_id)
        inner join dim_campaigns using (campaign_id)
        where is_default
        """
    ).set_index("campaign_name")
    app = open_page("decide", by="Campaigns")
    rows = pd.concat(groups_on(app).values())
    rows.index = pd.Index(unquote(link.split("#")[1]) for link in rows["member"])
    beside = rows[rows["experiment_verdict"].notna()]
    assert len(beside) == len(measured) > 5
    for name, row in beside.iterrows():
        expected = measured.loc[str(name)]
        assert row["experiment_verdict"].lower() == expected["verdict"]
        for shown, column in (
            ("measured_revenue", "incremental_revenue"),
            ("measured_iroas", "iroas"),
        ):
            assert row[shown] == pytest.approx(expected[column], nan_ok=True)
    assert "nearer to the truth" in texts(app)
