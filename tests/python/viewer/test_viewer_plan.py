"""Plan a test: what the page says against figures computed on their own."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest
from scipy import stats

from tests.python.viewer.pages import figures, open_page, texts, tiles, trace
from tests.python.viewer.test_viewer_influencers import break_even_of
from viewer.format import money, ratio
from viewer.published import published_path

pytestmark = pytest.mark.usefixtures("simulated_warehouse")
Z, POWER = stats.norm.ppf(0.95), stats.norm.ppf(0.8)


def ask(sql: str) -> pd.DataFrame:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(f"use marts; {sql}").df()


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
    assert labels[-3:] == ["campaigns.csv", "campaign_regions.csv", "test_plans.csv"]
    [shown] = app.code
    assert len(shown.value) == 64
    [name] = [one for one in app.text_input if one.label == "Name of the campaign"]
    name.set_value("Another")
    app.run()
    [changed] = app.code
    assert changed.value != shown.value


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


def test_what_a_test_of_each_brand_is_worth() -> None:
    """By the unit normal loss, of the returns and the spend of the last year."""
    app = open_page("plan", plan_brand="MuscleBlaze", plan_weeks="8", plan_budget="400000")
    [shown] = [one.value for one in app.dataframe if "value_of_test" in one.value]
    best = outcomes("MuscleBlaze", 8, 400_000).iloc[0]
    [known] = ask("from fct_plan_returns").to_dict("records")
    test_error = (best.error**2 + known["iroas_sd"] ** 2) ** 0.5
    returns = ask(
        """
        with days as (
            select *, brand as member from fct_influencer_days
            where date_day > (select max(date_day) from fct_influencer_days) - 365
        )
        select member, iroas, incremental_revenue_se / spend as error, spend::double as spend
        from performance('days')
        where spend > 0 and incremental_revenue_se > 0 and member <> '(none)'
        """
    ).set_index("member")
    needed = break_even_of("MuscleBlaze")
    shift = returns.error**2 / (returns.error**2 + test_error**2) ** 0.5
    away = (returns.iroas - needed).abs() / shift
    worth = returns.spend * shift / needed * (stats.norm.pdf(away) - away * stats.norm.sf(away))
    cost = (400_000 * (1 - returns.iroas / needed)).clip(lower=0)
    expected = (worth - cost).sort_values(ascending=False)
    assert shown["member"].tolist() == expected.index.tolist()
    assert shown["net_value"].tolist() == pytest.approx(expected.tolist(), rel=1e-5, abs=1)
    assert shown["value_of_test"].tolist() == pytest.approx(
        worth[expected.index].tolist(), rel=1e-5, abs=1
    )
