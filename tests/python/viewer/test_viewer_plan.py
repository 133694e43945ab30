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
