"""Plan a test: what the page says against figures computed on their own."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import streamlit as st
from scipy import stats

from tests.python.intake.exports import write
from tests.python.support import Build, build_marts
from tests.python.viewer.pages import figures, open_page, texts, tiles, trace
from tests.python.viewer.test_viewer_influencers import break_even_of
from viewer.format import day, money, ratio
from viewer.published import published_path

pytestmark = pytest.mark.usefixtures("simulated_warehouse")
Z, POWER = stats.norm.ppf(0.95), stats.norm.ppf(0.8)


def ask(sql: str) -> pd.DataFrame:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(f"use marts; {sql}").df()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def outcomes(brand: str, weeks: int, budget: float) -> pd.DataFrame:
    """Designs of a brand as the page ranks them."""
    designs = ask(f"from fct_plan_designs where brand = '{brand}' and weeks = {weeks}")
    [known] = ask("from fct_plan_returns").to_dict("records")
    needed = break_even_of(brand)
    designs["error"] = (
        (designs.revenue_se / budget) ** 2
        + (known["expected_iroas"] * designs.spill_over_error) ** 2
    ) ** 0.5
    spread = (known["iroas_sd"] ** 2 + designs.error**2) ** 0.5
    designs["profitable"] = stats.norm.sf(
        needed + Z * designs.error, known["expected_iroas"], spread
    )
    designs["unprofitable"] = stats.norm.cdf(
        needed - Z * designs.error, known["expected_iroas"], spread
    )
    designs["is_usual"] = budget / designs.baseline_revenue <= known["high_spend_per_revenue"]
    designs["verdict"] = designs.profitable + designs.unprofitable
    return designs.sort_values(
        ["is_usual", "verdict"], ascending=False, kind="stable", ignore_index=True
    )


@pytest.mark.parametrize(
    ("weeks", "budget", "brand"), [(8, 500_000, None), (12, 1_200_000, "HKVitals")]
)
def test_the_best_design_is_first_and_said_in_words(
    weeks: int, budget: int, brand: str | None
) -> None:
    query = {"plan_brand": brand} if brand else {}
    app = open_page("plan", plan_weeks=str(weeks), plan_budget=str(budget), **query)
    assert not app.exception
    best = outcomes(brand or "MuscleBlaze", weeks, budget).iloc[0]
    text = texts(app).replace("\\", "")
    assert f"in {round(100 * best.profitable)} of 100 cases" in text
    assert f"below it in {round(100 * best.unprofitable)}," in text
    assert f"A campaign of {money(budget)} in" in text
    assert best.region_list.split("; ")[0] in text
    needed = break_even_of(brand or "MuscleBlaze")
    shown = tiles(app)
    assert shown["Minimum detectable effect"] == money((Z + POWER) * best.revenue_se)
    assert ratio(needed + (Z + POWER) * best.error) in shown.values()


def test_regions_that_must_be_treated_are_a_design_of_their_own() -> None:
    app = open_page("plan", plan_treated=["Kerala", "Goa"], plan_untreated=["Delhi"])
    assert not app.exception
    [chosen] = [box for box in app.selectbox if box.label == "Regions treated"]
    assert chosen.options[0] == "Own choice (2 regions)"
    assert "Goa, Kerala" in texts(app)
    table = app.dataframe[0].value
    lists = table["region_list"].str.split("; ")
    assert lists.map(lambda names: {"Kerala", "Goa"} <= set(names)).all()
    assert not lists.map(lambda names: "Delhi" in names).any()


def test_the_curve_ends_at_80_of_100_where_it_says() -> None:
    app = open_page("plan")
    [figure] = figures(app)
    curve = trace(figure, "Found profitable")
    aimed = float(tiles(app)["True iROAS found profitable"].rstrip("x"))
    near = min(range(len(curve["x"])), key=lambda at: abs(curve["x"][at] - aimed))
    assert curve["y"][near] == pytest.approx(0.8, abs=0.12)
    assert list(curve["y"]) == sorted(curve["y"])


def test_campaigns_in_the_same_regions_at_the_same_time_are_named(default_build: Build) -> None:
    """By the exports, row by row; the usual first day lies after all of them."""
    app = open_page("plan")
    assert "At that time" not in texts(app)
    regions = set(outcomes("MuscleBlaze", 8, 500_000).iloc[0].region_list.split("; "))
    first = date(2026, 7, 1)
    expected = []
    for row in rows_of(default_build.raw / "campaigns.csv"):
        treated = {
            place["region"]
            for place in rows_of(default_build.raw / "campaign_regions.csv")
            if (place["campaign_id"], place["role"]) == (row["campaign_id"], "treatment")
        }
        start, end = (date.fromisoformat(row[name]) for name in ("start_date", "end_date"))
        end += timedelta(days=int(row["cooldown_days"]))
        is_beside = start < first + timedelta(weeks=8) and end >= first
        if row["brand"] == "MuscleBlaze" and treated & regions and is_beside:
            expected.append((start, row["name"]))
    assert expected
    [picker] = [one for one in app.date_input if one.label == "First day"]
    picker.set_value(first)
    app.run()
    [line] = [one.value for one in app.caption if "At that time" in one.value]
    for _, name in sorted(expected)[:3]:
        assert name in line.replace("\\", "")


def test_too_large_a_budget_is_said_to_be_so() -> None:
    assert "more regions or spend less" in texts(open_page("plan", plan_budget="90000000"))


def test_judged_by_revenue_a_rupee_a_rupee_is_enough() -> None:
    assert "above break-even (1.00x" in texts(open_page("plan", judge_by="Revenue"))


def test_without_orders_by_region_nothing_can_be_planned(tiny_warehouse: Path) -> None:
    app = open_page("plan")
    assert not app.exception
    assert "No brand has enough orders by region" in texts(app)


def test_the_plan_is_offered_with_its_hash() -> None:
    app = open_page("plan", plan_weeks="6")
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels[-5:-2] == ["campaigns.csv", "campaign_regions.csv", "test_plans.csv"]
    assert labels[-2:] == ["geo_experiments.csv", "geo_assignments.csv"]
    [shown] = app.code
    assert len(shown.value) == 64
    [name] = [one for one in app.text_input if one.label == "Name of the campaign"]
    name.set_value("Another")
    app.run()
    [changed] = app.code
    assert changed.value != shown.value


def files_of_plan(patch: pytest.MonkeyPatch, **query: str) -> dict[str, str]:
    """The files that the page offers to append to the exports, by name."""
    offered: dict[str, Callable[[], bytes]] = {}
    show = st.download_button

    def note(label: str, **options: Any) -> bool:
        offered[label] = options["data"]
        return show(label, **options)

    with patch.context() as patched:
        patched.setattr(st, "download_button", note)
        assert not open_page("plan", **query).exception
    return {
        name: make().decode("utf-8-sig") for name, make in offered.items() if name.endswith(".csv")
    }


@pytest.mark.build
def test_a_build_reads_the_plan_as_a_geo_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a panel of the days that the page asks for, and nothing else."""
    files = files_of_plan(monkeypatch, plan_brand="HKVitals", plan_weeks="6")
    [test] = csv.DictReader(files["geo_experiments.csv"].splitlines())
    [campaign] = csv.DictReader(files["campaigns.csv"].splitlines())
    start, end = (date.fromisoformat(campaign[name]) for name in ("start_date", "end_date"))
    first, stop = start - timedelta(days=56), start + timedelta(days=41)
    assert test == {
        "experiment_id": "HKVitals test",
        "name": "HKVitals test",
        "brand": "HKVitals",
        "pretest_start": str(first),
        "pretest_end": str(start - timedelta(days=1)),
        "test_start": str(start),
        "test_end": str(end),
        "cooldown_end": str(stop),
    }
    geos = list(csv.DictReader(files["geo_assignments.csv"].splitlines()))
    panel = [
        f"HKVitals test,{geo['geo']},{first + timedelta(days=day)},{100 + day}"
        for geo in geos
        for day in range((stop - first).days + 1)
    ]
    raw = write(
        tmp_path / "raw",
        geo_experiments=files["geo_experiments.csv"],
        geo_assignments=files["geo_assignments.csv"],
        geo_panel="\n".join(["experiment_id,geo,date,response", *panel]),
    )
    build = build_marts(
        *("core_experiment_geos", "core_geo_days", "stg_rejected_rows"),
        raw=raw,
        warehouse=tmp_path / "warehouse",
    )
    assert build.returncode == 0, build.output
    with duckdb.connect(str(build.warehouse / "build.duckdb"), read_only=True) as connection:
        assert connection.execute("from staging.stg_rejected_rows").fetchall() == []
        read = connection.execute("from core.core_experiment_geos").df()
        [dates] = connection.execute(
            """
            select source, brand, pretest_start, pretest_end, test_start, test_end, cooldown_end
            from core.core_experiments
            """
        ).fetchall()
        [(days,)] = connection.execute("select count(*) from core.core_geo_days").fetchall()
    assert dates == (*("geo test", "HKVitals", first, start - timedelta(days=1), start, end, stop),)
    assert days == len(panel)
    roles = {geo["geo"]: geo["assignment"] for geo in geos}
    assert dict(zip(read["geo"], read["assignment"], strict=True)) == roles
    # The regions are those of the campaign, and the page says what is missing.
    regions = csv.DictReader(files["campaign_regions.csv"].splitlines())
    assert {row["region"]: row["role"] for row in regions} == roles
    assert set(roles.values()) == {"treatment", "control"}
    text = texts(open_page("plan", plan_brand="HKVitals", plan_weeks="6"))
    assert "needs geo\\_panel.csv" in text and day(first) in text and day(stop) in text


def test_going_dark_saves_what_is_spent_everywhere() -> None:
    app = open_page("plan", plan_brand="MuscleBlaze", plan_weeks="10")
    best = outcomes("MuscleBlaze", 10, 500_000).iloc[0]
    spent = ask(
        """
        from fct_influencer_days
        left join (select campaign_id, true as is_regional from dim_experiments) using (campaign_id)
        select sum(spend) filter (is_regional is null)
        where
            brand = 'MuscleBlaze'
            and date_day > (select max(date_day) from fct_influencer_days) - 91
        """
    )
    usual = float(spent.to_numpy(float)[0, 0]) / 13
    saved = usual * 10 * best.share_of_revenue
    [known] = ask("from fct_plan_returns").to_dict("records")
    error = best.revenue_se / saved
    error = (error**2 + (known["expected_iroas"] * best.spill_over_error) ** 2) ** 0.5
    spread = (known["iroas_sd"] ** 2 + error**2) ** 0.5
    needed = break_even_of("MuscleBlaze")
    profitable = stats.norm.sf(needed + Z * error, known["expected_iroas"], spread)
    text = texts(app).replace("\\", "")
    assert usual > 0
    assert f"{money(usual)} a week everywhere" in text
    assert f"for 10 weeks would save {money(saved)}, and is expected to lose" in text
    assert f"lose {money(saved * known['expected_iroas'])} of incremental revenue" in text
    assert f"profitable in {min(max(round(100 * profitable), 1), 99)} of 100 cases" in text


def test_without_posts_everywhere_nothing_goes_dark() -> None:
    text = texts(open_page("plan", plan_brand="HKVitals"))
    assert "HKVitals spent nothing on posts that are shown everywhere" in text


@pytest.mark.parametrize("by", ["brand", "campaign"])
def test_what_a_test_of_each_member_is_worth(by: str) -> None:
    """By the unit normal loss, of the returns and the spend of the last year."""
    app = open_page(
        "plan",
        plan_brand="MuscleBlaze",
        plan_weeks="8",
        plan_budget="400000",
        plan_next=by.capitalize(),
    )
    [shown] = [one.value for one in app.dataframe if "value_of_test" in one.value]
    best = outcomes("MuscleBlaze", 8, 400_000).iloc[0]
    [known] = ask("from fct_plan_returns").to_dict("records")
    test_error = (best.error**2 + known["iroas_sd"] ** 2) ** 0.5
    returns = ask(
        f"""
        with days as (
            select *, {"campaign_id" if by == "campaign" else by} as member
            from fct_influencer_days
            where date_day > (select max(date_day) from fct_influencer_days) - 365
        )
        select member, iroas, incremental_revenue_se / spend as error, spend::double as spend
        from performance('days')
        where spend > 0 and incremental_revenue_se > 0 and iroas is not null and member <> '(none)'
        """
    ).set_index("member")
    needed = break_even_of("MuscleBlaze")
    shift = returns.error**2 / (returns.error**2 + test_error**2) ** 0.5
    away = (returns.iroas - needed).abs() / shift
    worth = returns.spend * shift / needed * (stats.norm.pdf(away) - away * stats.norm.sf(away))
    cost = (400_000 * (1 - returns.iroas / needed)).clip(lower=0)
    expected = (worth - cost).sort_values(ascending=False)
    if by == "campaign":
        # By name, which a campaign of its own has here; posts outside of campaigns are left out.
        names = ask("select campaign_id, campaign_name from dim_campaigns")
        expected.index = expected.index.map(names.set_index("campaign_id")["campaign_name"])
        worth.index = worth.index.map(names.set_index("campaign_id")["campaign_name"])
        assert "No campaign" not in expected.index and len(expected) > 5
    assert shown["member"].tolist() == expected.index.tolist()
    assert ("the next one like it" in texts(app)) == (by == "campaign")
    assert shown["net_value"].tolist() == pytest.approx(expected.tolist(), rel=1e-5, abs=1)
    assert shown["value_of_test"].tolist() == pytest.approx(
        worth[expected.index].tolist(), rel=1e-5, abs=1
    )
