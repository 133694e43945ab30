"""Campaigns & experiments against queries of its own on the marts, and rows counted by hand."""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.python.viewer import pages
from tests.python.viewer.pages import alts, estimates, open_page, texts, tiles, trace
from tests.python.viewer.tiny import publish
from viewer import data, diagnostics
from viewer.charts import experiments as charts
from viewer.format import money, percent, ratio
from viewer.published import published_path
from viewer.selection import Selection

Query = dict[str, Any]
FOREST, ACTUAL, DAILY, CUMULATIVE, METHODS = range(5)
Z_OF_90 = 1.6448536269514722

# Filters in the URL, what they mean for experiments e, and the method that they are seen by.
FILTERS: list[tuple[Query, str, str]] = [
    ({}, "true", "default"),
    ({"brand": "Gritzo", "method": "Time-based regression"}, "e.brand = 'Gritzo'", "tbr"),
    ({"platform": "Instagram", "method": "Attributed revenue"}, "true", "attributed"),
    ({"brand": "HKVitals", "method": "Trimmed match"}, "e.brand = 'HKVitals'", "trimmed_match"),
    (
        {"dates": ["2025-12-03", "2026-01-10"], "brand": ["TrueBasics", "MuscleBlaze"]},
        "e.brand in ('TrueBasics', 'MuscleBlaze') and not (e.cooldown_end < '2025-12-03'"
        " or e.test_start > '2026-01-10')",
        "default",
    ),
    (
        {"region": ["Goa", "Kerala"], "method": "Pre-post comparison"},
        "exists (from dim_experiment_regions r where r.experiment_id = e.experiment_id"
        " and r.assignment = 'treatment' and r.region in ('Goa', 'Kerala'))",
        "pre_period",
    ),
    (
        {"region": "Delhi", "dates": ["2026-03-01", "2026-09-30"]},
        "e.cooldown_end >= '2026-03-01' and e.experiment_id in (select experiment_id"
        " from dim_experiment_regions where region = 'Delhi' and assignment = 'treatment')",
        "default",
    ),
]


def published(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql, list(parameters)).fetchall()


def open_experiments(**query: Any) -> AppTest:
    app = open_page("experiments", **query)
    assert not app.exception, [error.message for error in app.exception]
    return app


def forest(app: AppTest, number: int) -> list[dict[str, Any]]:
    """Rows of a forest plot."""
    return estimates(pages.figures(app)[number])


def days_of(line: dict[str, Any]) -> dict[str, float | None]:
    """What a line draws by day; where it breaks is no day."""
    return {
        when[:10]: value
        for when, value in zip(line["x"], line["y"], strict=True)
        if when[11:19] in ("", "00:00:00")
    }


def band_of(figure: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Lower and upper end of the area of a chart by day."""
    [area] = [one for one in figure["data"] if one.get("fill") == "toself"]
    ends: dict[str, list[float]] = {}
    for when, value in zip(area["x"], area["y"], strict=True):
        if when is not None:
            ends.setdefault(when[:10], []).append(value)
    return {day: (low, high) for day, (low, high) in ends.items()}


def shown_experiment(app: AppTest) -> str:
    [choice] = [box for box in app.selectbox if box.label == "Experiment"]
    return str(choice.value)


def close(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9)


# --- The default world -------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "where", "method"), FILTERS)
def test_forest(query: Query, where: str, method: str, simulated_warehouse: Path) -> None:
    app = open_experiments(**query)
    assert not app.warning
    expected = published(
        f"""
        select e.experiment_id, f.iroas, f.iroas_low, f.iroas_high, f.verdict, t.true_iroas
        from dim_experiments e
        join fct_incremental_roas f on f.experiment_id = e.experiment_id
            and {"f.is_default" if method == "default" else f"f.method = '{method}'"}
        join fct_experiment_truth t on t.experiment_id = e.experiment_id
        where {where}
        order by e.test_start desc, e.experiment_id
        """
    )
    assert expected
    figure = pages.figures(app)[FOREST]
    rows = estimates(figure)
    assert [row["key"] for row in rows] == [row[0] for row in expected]
    least, most = figure["layout"]["xaxis"]["range"]

    def drawn(value: float | None) -> Any:
        return close(None if value is None else min(max(value, least), most))

    truths = trace(figure, "True iROAS")["x"]
    for row, drawn_truth, (_, iroas, low, high, verdict, truth) in zip(
        rows, truths, expected, strict=True
    ):
        assert (row["value"], row["low"], row["high"]) == (drawn(iroas), drawn(low), drawn(high))
        assert drawn_truth == close(truth if least <= truth <= most else None)
        assert row["verdict"] == verdict.capitalize()
        ends = [end for end in (iroas, low, high, truth) if end is not None]
        beyond = {"left": min(ends) < least, "right": max(ends) > most}
        assert row["arrows"] == {end for end, is_beyond in beyond.items() if is_beyond}
    verdicts = [row[4] for row in expected]
    for verdict in ("profitable", "unprofitable", "inconclusive"):
        number = verdicts.count(verdict)
        assert (f" {number} {verdict}]" in texts(app)) == (number > 0)


def test_filters_that_do_not_apply_are_named(simulated_warehouse: Path) -> None:
    assert "these filters do not apply: platform, tier." in texts(
        open_experiments(platform="Instagram", tier="Nano")
    )
    assert "do not apply" not in texts(open_experiments(brand="Gritzo"))


@pytest.mark.parametrize(
    ("experiment", "method", "name"),
    [
        ("CMP003", None, None),
        ("CMP023", None, None),
        ("CMP023", "Synthetic control", "synthetic_control"),
        ("CMP043", "Difference-in-differences", "did"),
    ],
)
def test_tiles_of_an_experiment(
    experiment: str, method: str | None, name: str | None, simulated_warehouse: Path
) -> None:
    app = open_experiments(experiment=experiment, **({"method": method} if method else {}))
    assert shown_experiment(app) == experiment
    [row] = published(
        """
        select incremental_revenue, iroas, lift, spend, minimum_detectable_revenue,
            prob_profitable, ci_low, ci_high, iroas_low, iroas_high, verdict,
            break_even
        from fct_incremental_roas
        where experiment_id = ? and if(? is null, is_default, method = ?)
        """,
        [experiment, name, name],
    )
    (
        incremental,
        iroas,
        lift,
        spend,
        least,
        chance,
        low,
        high,
        iroas_low,
        iroas_high,
        verdict,
        must,
    ) = row
    assert tiles(app) == {
        "Measured incremental revenue": money(incremental),
        "Measured iROAS": ratio(iroas),
        "Lift": percent(lift),
        "Spend in the test": money(spend),
        "Minimum detectable effect": money(least),
        "Probability of break-even, measured": percent(chance),
    }
    shown = texts(app).replace("\\", "")
    assert f"90 %: {money(low)} to {money(high)}" in shown
    assert (
        f"90 %: {ratio(iroas_low)} to {ratio(iroas_high)} · break-even {ratio(must)} by margin"
        in shown
    )
    assert f"**{verdict.capitalize()}.**" in texts(app)
    assert all(metric.help for metric in app.metric)


def test_attribution_is_labelled(simulated_warehouse: Path) -> None:
    [(incremental, iroas, spend)] = published(
        """
        select incremental_revenue, iroas, spend from fct_incremental_roas
        where experiment_id = 'CMP023' and method = 'organic_projection'
        """
    )
    app = open_experiments(experiment="CMP023", method="Organic projection (legacy)")
    assert tiles(app) == {
        "Incremental revenue in the test (legacy)": money(incremental),
        "Incremental ROAS in the test (legacy)": ratio(iroas),
        "Spend in the test": money(spend),
    }
    assert "**Not a measurement.**" in texts(app)
    assert "has no confidence interval and therefore no verdict" in texts(app)
    # The charts over time are by the default method, and say so.
    shown = "the charts show Joint panel of all campaigns, the default method"
    assert shown in prose(app)


def test_panels(simulated_warehouse: Path) -> None:
    app = open_experiments(experiment="CMP023")
    days = published(
        """
        select date_day::varchar, actual, baseline, baseline_low, baseline_high,
            cumulative_incremental, cumulative_low, cumulative_high
        from fct_baseline_days
        join fct_incremental_roas using (experiment_id, method)
        where experiment_id = 'CMP023' and is_default
        order by date_day
        """
    )
    actual_panel, daily_panel, cumulative_panel = (
        pages.figures(app)[number] for number in (ACTUAL, DAILY, CUMULATIVE)
    )
    actual_by_day = days_of(trace(actual_panel, "Actual"))
    name = "Without the campaign, and its interval"
    baseline_by_day, band = days_of(trace(actual_panel, name)), band_of(actual_panel)
    [effect] = [one for one in daily_panel["data"] if "fill" not in one]
    effect_by_day, effect_band = days_of(effect), band_of(daily_panel)
    [added_up] = [one for one in cumulative_panel["data"] if "customdata" in one]
    added_by_day, added_band = days_of(added_up), band_of(cumulative_panel)
    assert list(actual_by_day) == [day for day, *_ in days]
    for day, actual, baseline, low, high, added, added_low, added_high in days:
        assert (actual_by_day[day], baseline_by_day[day]) == (close(actual), close(baseline))
        assert band[day] == (close(low), close(high))
        assert effect_by_day[day] == pytest.approx(actual - baseline)
        assert effect_band[day] == (close(actual - high), close(actual - low))
        assert added_by_day[day] == close(added)
        if added_low is not None:
            assert added_band[day] == (close(added_low), close(added_high))
    [(truth, test_start, test_end)] = published(
        """
        select true_incremental_revenue::double, test_start::varchar, test_end::varchar
        from fct_experiment_truth join dim_experiments using (experiment_id)
        where experiment_id = 'CMP023'
        """
    )
    assert trace(cumulative_panel, "True effect in the end")["y"] == [truth, truth]
    for panel in (actual_panel, daily_panel, cumulative_panel):
        starts = [
            shape["x0"][:10]
            for shape in panel["layout"]["shapes"]
            if shape["type"] == "line" and shape.get("xref") != "paper"
        ]
        assert starts[0] == test_start and starts[1] > test_end
    names = [note["text"] for note in actual_panel["layout"]["annotations"]]
    assert names == ["Pretest", "Test", "Cooldown"]
    # The three have their days below each other.
    margins = {panel["layout"]["margin"]["l"] for panel in (actual_panel, daily_panel)}
    assert margins == {cumulative_panel["layout"]["margin"]["l"]}


def test_lines_break_where_days_are_left_out(simulated_warehouse: Path) -> None:
    [(experiment, before, after)] = published(
        """
        select experiment_id, previous::varchar, date_day::varchar
        from (
            select *, lag(date_day) over (partition by experiment_id order by date_day) as previous
            from fct_baseline_days join fct_incremental_roas using (experiment_id, method)
            where is_default
        )
        where date_day - previous > 1
        order by experiment_id, date_day
        limit 1
        """
    )
    app = open_experiments(experiment=experiment)
    line = trace(pages.figures(app)[ACTUAL], "Actual")
    when = [moment[:10] for moment in line["x"]]
    place = when.index(before)
    assert line["y"][place + 1] is None and when[place + 2] == after
    assert "Gaps are days excluded" in texts(app)
    assert "Gaps are days excluded" not in texts(open_experiments(experiment="CMP003"))


def test_methods_without_days_show_those_of_the_default(simulated_warehouse: Path) -> None:
    app = open_experiments(experiment="CMP023", method="Trimmed match")
    shown = "the charts show Joint panel of all campaigns, the default method"
    assert shown in prose(app)
    [(first,)] = published(
        """
        select arg_min(baseline, date_day)
        from fct_baseline_days join fct_incremental_roas using (experiment_id, method)
        where experiment_id = 'CMP023' and is_default
        """
    )
    name = "Without the campaign, and its interval"
    assert trace(pages.figures(app)[ACTUAL], name)["y"][0] == close(first)


def test_methods_side_by_side(simulated_warehouse: Path) -> None:
    app = open_experiments(experiment="CMP043")
    table = app.dataframe[0].value
    expected = published(
        """
        select f.method, f.incremental_revenue, f.iroas, f.verdict, f.verdict_reason, f.is_default,
            f.incremental_revenue - t.true_incremental_revenue::double,
            case when t.true_incremental_revenue between f.ci_low and f.ci_high then 'Yes'
                when f.ci_low is not null then 'No' else '–' end
        from fct_incremental_roas f join fct_experiment_truth t using (experiment_id)
        where experiment_id = 'CMP043'
        """
    )
    assert len(table) == len(expected) == 11
    names = METHOD_NAMES_BY_HAND
    rows = {row["method"]: row for row in table.to_dict("records")}
    for method, incremental, iroas, verdict, reason, is_default, error, holds in expected:
        row = rows[names[method] + (" · default" if is_default else "")]
        assert row["verdict"] == verdict.capitalize() and row["verdict_reason"] == reason
        assert row["holds_truth"] == holds
        for column, value in (
            ("incremental_revenue", incremental),
            ("iroas", iroas),
            ("error", error),
        ):
            assert math.isnan(row[column]) if value is None else row[column] == close(value)
    drawn = {row["key"]: row["value"] for row in forest(app, METHODS)}
    assert drawn == {row[0]: close(row[2]) for row in expected}


METHOD_NAMES_BY_HAND = {
    "attributed": "Attributed revenue",
    "organic_projection": "Organic projection (legacy)",
    "pre_period": "Pre-post comparison",
    "did": "Difference-in-differences",
    "did_ratio": "Ratio difference-in-differences",
    "did_ratio_robust": "Ratio difference-in-differences, robust",
    "gbr": "Geo-based regression",
    "tbr": "Time-based regression",
    "trimmed_match": "Trimmed match",
    "synthetic_control": "Synthetic control",
    "joint_panel": "Joint panel of all campaigns",
}


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({}, "true"),
        ({"brand": "HKVitals", "platform": "YouTube"}, "brand='HKVitals' and platform='YouTube'"),
        ({"dates": ["2026-01-01", "2026-02-28"]}, "date_day between '2026-01-01' and '2026-02-28'"),
    ],
)
def test_campaigns(query: Query, where: str, simulated_warehouse: Path) -> None:
    app = open_experiments(show="Campaigns", **query)
    table = app.dataframe[0].value
    parts = published(
        f"""
        select campaign_id, influencer_id, sum(orders), sum(spend)::double,
            sum(attributed_revenue)::double, sum(incremental_revenue),
            sum(incremental_se_shared), sum(incremental_se_campaign),
            sum(incremental_se_influencer),
            coalesce(sum(spend) filter (incremental_revenue is not null), 0)::double
        from fct_influencer_days join dim_influencers using (influencer_id)
        where {where}
        group by all
        """
    )
    known = {
        row[0]: row[1:]
        for row in published(
            """
            select c.campaign_id, campaign_name, c.brand, start_date, factor, basis,
                (select verdict from fct_incremental_roas f join dim_experiments using
                    (experiment_id) where campaign_id = c.campaign_id and is_default)
            from dim_campaigns c left join fct_incrementality_factors using (campaign_id)
            """
        )
    }
    by_campaign: dict[str, list[tuple[Any, ...]]] = {}
    for part in parts:
        by_campaign.setdefault(part[0], []).append(part)
    rows = {row["campaign_name"]: row for row in table.to_dict("records")}
    assert set(rows) == {known[campaign][0] for campaign in by_campaign}
    for campaign, of_influencers in by_campaign.items():
        name, brand, start, factor, basis, verdict = known[campaign]
        row = rows[name]
        orders, spend, revenue = (sum(part[at] for part in of_influencers) for at in (2, 3, 4))
        assert (row["orders"], row["spend"]) == (orders, close(spend))
        assert row["attributed_revenue"] == close(revenue) and row["brand"] == brand
        assert row["experiment_verdict"] == (verdict.capitalize() if verdict else "None")
        assert row["factor"] == close(factor) and row["basis"] == basis.capitalize()
        assert pd.isna(row["start_date"]) if start is None else row["start_date"].date() == start
        measured = [part for part in of_influencers if part[5] is not None]
        paid = sum(part[9] for part in measured)
        if paid < spend / 2:
            assert pd.isna(row["iroas"]) and pd.isna(row["iroas_low"])
        elif paid:
            incremental = sum(part[5] for part in measured)
            shared, own = (sum(part[at] for part in measured) for at in (6, 7))
            error = math.sqrt(shared**2 + own**2 + sum(part[8] ** 2 for part in measured))
            assert row["iroas"] == close(incremental / paid)
            assert row["iroas_low"] == close((incremental - Z_OF_90 * error) / paid)
    starts = [row["start_date"] for row in rows.values() if not pd.isna(row["start_date"])]
    assert starts == sorted(starts, reverse=True)
    if data.NONE_MEMBER in rows:
        assert list(rows)[-1] == data.NONE_MEMBER


def test_methods_against_the_truth(simulated_warehouse: Path) -> None:
    [(held, measured, rmse)] = published(
        """
        select count(*) filter (true_incremental_revenue between ci_low and ci_high),
            count(ci_low),
            sqrt(avg((incremental_revenue - true_incremental_revenue::double) ^ 2))
        from fct_incremental_roas join fct_experiment_truth using (experiment_id)
        where is_default
        """
    )
    shown = texts(open_experiments()).replace("\\", "")
    assert f"{held} of {measured} intervals cover the truth" in shown
    assert f"the root mean squared error is {money(rmse)}" in shown


def test_every_chart_is_described(simulated_warehouse: Path) -> None:
    app = open_experiments()
    described = alts(app)
    assert len(described) == 5 and all(len(alt) > 40 for alt in described)
    [(measured,)] = published("select count(iroas_low) from fct_incremental_roas where is_default")
    assert f"{measured} of them with an interval" in described[FOREST]


# --- Counted by hand ---------------------------------------------------------------------------


def experiment(key: str, name: str, test: str, **more: Any) -> dict[str, Any]:
    start = date.fromisoformat(test)
    return {
        "experiment_id": key,
        "experiment_name": name,
        "source": "campaign",
        "campaign_id": "(none)",
        "brand": "(none)",
        "pretest_start": start.replace(year=start.year - 1),
        "pretest_end": start.replace(year=start.year - 1, month=12),
        "test_start": test,
        "test_end": start.replace(day=start.day + 3),
        "cooldown_end": start.replace(day=start.day + 3),
        **more,
    }


REASON_CODES = {
    "profitable": "interval_above",
    "unprofitable": "interval_below",
    "inconclusive": "interval_contains",
    "not measurable": "short_pretest",
}


def result(key: str, verdict: str, method: str = "did_ratio_robust", **more: Any) -> dict[str, Any]:
    return {
        "experiment_id": key,
        "method": method,
        "is_default": True,
        "default_reason_code": "default_did_ratio_robust",
        "verdict": verdict,
        "reason_code": REASON_CODES[verdict],
        "verdict_reason": f"because it is {verdict}",
        "ci_level": 0.9,
        "break_even": 1.0,
        "break_even_basis": "revenue",
        "pretest_days": 30,
        "test_days": 4,
        "cooldown_days": 0,
        "geos_treated": 3,
        "geos_control": 4,
        "pairs": 0,
        "missing_geo_days": 0,
        "overlap_days": 0,
        **more,
    }


def measured(low: float, iroas: float, high: float, spend: float = 100) -> dict[str, Any]:
    return {
        "spend": spend,
        "iroas_low": low,
        "iroas": iroas,
        "iroas_high": high,
        "ci_low": low * spend,
        "incremental_revenue": iroas * spend,
        "ci_high": high * spend,
        "minimum_detectable_revenue": 120,
        "prob_positive": 0.99,
        "prob_profitable": 0.9,
        "actual_revenue": 1000,
        "baseline_revenue": 1000 - iroas * spend,
        "lift": 0.25,
    }


ROWS: dict[str, list[dict[str, Any]]] = {
    # The data cover January.
    "fct_revenue_days": [
        {"date_day": "2025-01-31", "brand": "A", "channel": "organic", "revenue": 600}
    ],
    "dim_experiments": [
        experiment("e1", "Alpha *bold*", "2025-01-05", campaign_id="c1", brand="A")
        | {"cooldown_end": "2025-01-09"},
        experiment("e2", "Beta", "2025-01-10", campaign_id="c3", brand="B"),
        experiment("e3", "Beta", "2025-01-20", source="geo test"),
        experiment("e4", "Delta", "2025-01-15", campaign_id="c2", brand="B"),
    ],
    "dim_experiment_regions": [
        {"experiment_id": "e1", "region": "Goa", "assignment": "treatment", "pretest_revenue": 5},
        {"experiment_id": "e1", "region": "Bihar", "assignment": "control", "pretest_revenue": 5},
        {"experiment_id": "e1", "region": "Assam", "assignment": "control"},
        {"experiment_id": "e2", "region": "Goa", "assignment": "control", "pretest_revenue": 5},
        {"experiment_id": "e2", "region": "Kerala", "assignment": "treatment"},
        {"experiment_id": "e3", "region": "Zone 1", "assignment": "treatment"},
    ],
    "fct_incremental_roas": [
        result("e1", "profitable", **measured(2, 3, 4)),
        result("e1", "unprofitable", "tbr", is_default=False, default_reason_code=None)
        | measured(0.2, 0.4, 0.6),
        result("e2", "unprofitable", **measured(-0.5, 0.25, 0.75)),
        result("e3", "inconclusive", "trimmed_match", **measured(-2, 1.5, 5))
        | {"pairs": 6, "spend_in_control": 20, "missing_geo_days": 7},
        result("e4", "not measurable")
        | {
            "reason_code": "treated_regions_overlap",
            "default_reason_code": "default_none",
            "spoiling_campaigns": "c1, c9",
            "overlapping_campaigns": "c1, c3",
            "overlap_days": 2,
        },
    ],
    "fct_baseline_days": [
        {
            "experiment_id": "e1",
            "method": "did_ratio_robust",
            "date_day": f"2025-01-{number:02}",
            "actual": 100,
            "baseline": 25,
            "baseline_low": 0,
            "baseline_high": 50,
            "cumulative_incremental": None if number < 5 else 75 * (number - 4),
            "cumulative_low": None if number < 5 else 50 * (number - 4),
            "cumulative_high": None if number < 5 else 100 * (number - 4),
        }
        for number in range(2, 9)
    ],
}


@pytest.fixture
def experiments_warehouse(empty_warehouse: Path) -> Path:
    publish(empty_warehouse, ROWS)
    return empty_warehouse


def prose(app: AppTest) -> str:
    return texts(app).replace("\\", "")


@pytest.mark.parametrize(
    ("key", "sentences"),
    [
        (
            "e1",
            [
                "**Profitable.** Each ₹1 of spend generated ₹3 of incremental revenue (90 % CI ₹2"
                " to ₹4, break-even ₹1 by revenue). The probability of break-even is 90.0 %.",
                "**Treated regions** (1): Goa",
                "**Control regions** (2): Assam, Bihar",
                "3 treated and 4 control regions.",
                "Control regions excluded because another campaign runs there: Assam.",
                "No other campaign of the brand ran at the same time.",
            ],
        ),
        (
            "e2",
            [
                "**Unprofitable.** Each ₹1 of spend generated ₹0.25 of incremental revenue (90 % CI"
                " −₹0.50 to ₹0.75",
            ],
        ),
        (
            "e3",
            [
                "**Inconclusive.** Each ₹1 of spend generated ₹1.50 of incremental revenue (90 % CI"
                " −₹2 to ₹5,",
                "The minimum detectable effect (at 80 % power) is ₹120;",
                "₹20 of spend in control regions: the effect is understated.",
                "7 dates of regions have no row and count as zero (2.9 % of all)",
                "Overlapping campaigns are unknown for geo tests.",
                "6 pairs of similar regions: the interval of trimmed match is reliable from 10",
                "No method has a daily series for this experiment.",
            ],
        ),
        (
            "e4",
            [
                "**Not measurable.** Other campaigns also run in some of its treated regions:"
                " Summer (c1), c9. During an experiment, run other campaigns",
                "ran in its regions on 2 days, including the pretest: Summer (c1), Winter.",
                "No method could measure this experiment",
            ],
        ),
    ],
)
def test_an_experiment_in_words(
    key: str, sentences: list[str], experiments_warehouse: Path
) -> None:
    app = open_experiments(experiment=key)
    assert shown_experiment(app) == key
    for sentence in sentences:
        assert sentence in prose(app)
    assert "truth" not in prose(app).lower()


def test_not_measurable_experiments_show_no_empty_tiles(experiments_warehouse: Path) -> None:
    assert tiles(open_experiments(experiment="e4")) == {}
    assert "- Delta: Other campaigns also run in some of its treated regions: Summer" in prose(
        open_experiments()
    )


def test_the_latest_measured_experiment_stands_open(experiments_warehouse: Path) -> None:
    assert shown_experiment(open_experiments()) == "e3"
    assert shown_experiment(open_experiments(brand="B")) == "e2"
    assert shown_experiment(open_experiments(brand="B", dates=["2025-01-15", "2025-01-30"])) == "e4"


def test_names_that_several_have_are_told_apart(experiments_warehouse: Path) -> None:
    app = open_experiments()
    [choice] = [box for box in app.selectbox if box.label == "Experiment"]
    assert choice.options == ["Beta (e3)", "Delta", "Beta (e2)", "Alpha *bold*"]
    assert [row["label"] for row in forest(app, FOREST)] == choice.options
    assert open_experiments(experiment="e1").header[0].value == "Alpha \\*bold\\*"


def test_methods_change_the_verdict(experiments_warehouse: Path) -> None:
    app = open_experiments(experiment="e1", method="Time-based regression")
    assert tiles(app)["Measured iROAS"] == "0.40x"
    assert "**Unprofitable.**" in texts(app)
    assert "The default for this experiment is Ratio difference-in-differences, robust" in prose(
        app
    )
    # The others have no result by it, and keep theirs.
    assert [row["value"] for row in forest(app, FOREST)] == [1.5, None, 0.25, 0.4]
    [back] = [button for button in app.button if button.label == "Show the default method"]
    assert tiles(back.click().run())["Measured iROAS"] == "3.00x"


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({"region": "Goa"}, ["e1"]),
        ({"region": ["Goa", "Kerala"]}, ["e2", "e1"]),
        ({"campaign": "Winter"}, ["e2"]),
        # The cooldown of e1 ends on the 9th, the test of e2 lasts from the 10th to the 13th.
        ({"dates": ["2025-01-09", "2025-01-09"]}, ["e1"]),
        ({"dates": ["2025-01-10", "2025-01-13"]}, ["e2"]),
        ({"dates": ["2025-01-09", "2025-01-10"]}, ["e2", "e1"]),
        ({"dates": ["2025-01-06", "2025-01-20"], "brand": "(none)"}, ["e3"]),
        ({}, ["e3", "e4", "e2", "e1"]),
    ],
)
def test_filters_by_hand(query: Query, keys: list[str], experiments_warehouse: Path) -> None:
    assert [row["key"] for row in forest(open_experiments(**query), FOREST)] == keys


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ({"region": "Goa", "brand": "B"}, "Clear Brand or Region to see experiments."),
        ({"dates": ["2025-01-01", "2025-01-02"]}, "Clear Dates to see experiments."),
        (
            {"dates": ["2025-01-01", "2025-01-02"], "region": "Goa", "brand": "B"},
            "Clear several filters",
        ),
    ],
)
def test_an_empty_selection_says_what_to_widen(
    query: Query, advice: str, experiments_warehouse: Path
) -> None:
    app = open_experiments(**query)
    assert [advice in info.value for info in app.info] == [True]
    assert not app.metric


def test_a_link_wins_over_filters_and_says_so(experiments_warehouse: Path) -> None:
    app = open_experiments(experiment="e2", region="Goa")
    assert shown_experiment(app) == "e2"
    assert "The filters exclude this experiment" in texts(app)
    assert "The filters exclude this experiment" not in texts(open_experiments(experiment="e2"))


def test_a_link_to_an_unknown_experiment_says_so(experiments_warehouse: Path) -> None:
    app = open_experiments(experiment="*gone*")
    assert ["no experiment \\*gone\\*" in warning.value for warning in app.warning] == [True]
    assert shown_experiment(app) == "e3"


def test_choosing_by_keyboard_changes_what_is_shown(experiments_warehouse: Path) -> None:
    app = open_experiments()
    [choice] = [box for box in app.selectbox if box.label == "Experiment"]
    choice.set_value("e1").run()
    assert app.header[0].value == "Alpha \\*bold\\*"
    assert app.query_params["experiment"] == "e1"


def test_campaigns_by_hand(experiments_warehouse: Path) -> None:
    rows = open_experiments(show="Campaigns").dataframe[0].value
    assert dict(zip(rows["campaign_name"], rows["experiment_verdict"], strict=True)) == {
        "Summer": "Profitable",
        "Winter": "Unprofitable",
        "(none)": "None",
    }


@pytest.mark.parametrize(
    ("campaign", "regions", "words"),
    [
        ("c3", {}, "**Winter has no experiment.** Keep some regions free of the next"),
        (
            "c3",
            {"regions_treated": 5, "regions_control": 0},
            "It runs in 5 regions and has no control",
        ),
        ("(none)", {}, "Orders and spend without a campaign cannot be an experiment"),
    ],
)
def test_a_campaign_without_experiment_says_what_would_make_it_one(
    campaign: str, regions: Mapping[str, int], words: str, empty_warehouse: Path
) -> None:
    of_campaign = {"campaign_id": "c3", "campaign_name": "Winter", "brand": "B", **regions}
    others = [{"campaign_id": "(none)", "campaign_name": "(none)", "brand": "(none)"}]
    experiments = [row for row in ROWS["dim_experiments"] if row["experiment_id"] == "e1"]
    publish(
        empty_warehouse,
        ROWS | {"dim_campaigns": [of_campaign, *others], "dim_experiments": experiments},
    )
    app = open_page("experiments", show="Campaigns")
    app.session_state["campaign_without_experiment"] = campaign
    app.run()
    assert not app.exception
    assert any(words in info.value.replace("\\", "") for info in app.info)
    assert not app.metric


def test_a_link_wins_over_a_campaign_without_experiment(experiments_warehouse: Path) -> None:
    app = open_page("experiments", experiment="e2")
    app.session_state["campaign_without_experiment"] = "c3"
    app.run()
    assert shown_experiment(app) == "e2"
    assert "has no experiment" not in prose(app)


def test_without_any_experiment_the_page_says_what_is_needed(tiny_warehouse: Path) -> None:
    app = open_experiments()
    [info] = app.info
    assert "keep some regions free" in info.value and "geo\\_experiments" in info.value
    assert list(app.dataframe[0].value["campaign_name"]) == ["Summer", "Winter", "(none)"]
    assert not app.get("plotly_chart")


def test_exports_with_nothing_but_a_geo_test(empty_warehouse: Path) -> None:
    nothing: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            *("fct_influencer_days", "fct_revenue_days", "dim_campaigns", "dim_influencers"),
            *("fct_payout_lines", "dim_brands"),
        )
    }
    geo = {
        mart: [row for row in ROWS[mart] if row["experiment_id"] == "e3"]
        for mart in ("dim_experiments", "dim_experiment_regions", "fct_incremental_roas")
    }
    publish(empty_warehouse, nothing | geo)
    app = open_experiments()
    assert shown_experiment(app) == "e3"
    assert "Geo test · Pretest" in prose(app)
    assert "Filter by this campaign" not in [button.label for button in app.button]
    assert open_experiments(show="Campaigns").info


# --- Words and axes ----------------------------------------------------------------------------


def figures(**more: Any) -> dict[str, Any]:
    row = result("e", "profitable", **measured(2, 3, 4)) | {"source": "campaign"}
    absent = ("pre_period_r2", "spend_in_control", "overlapping_campaigns", "is_converged")
    truth = ("true_incremental_revenue", "true_iroas", "spilled_into_control_revenue")
    return dict.fromkeys((*absent, *truth)) | row | more


@pytest.mark.parametrize(
    ("changes", "severity", "words"),
    [
        ({"pretest_days": 3}, "review", "3 dates of pretest for 4 dates"),
        ({"pretest_days": 4}, "pass", "4 dates of pretest for 4 dates"),
        ({"geos_control": 0}, "review", "there is no comparison group"),
        ({"geos_treated": 1}, "review", "cannot be estimated from one"),
        ({"pre_period_r2": 0.5}, "pass", "Control regions explain 50.0 %"),
        ({"pre_period_r2": 0.4, "method": "tbr"}, "review", "whose interval is then too narrow"),
        ({"pre_period_r2": 0.4}, "info", "not for time-based regression"),
        ({"is_converged": False, "iterations": 99}, "review", "did not converge"),
        ({"is_converged": True, "iterations": 14}, "pass", "after 14 iterations"),
        ({"source": "geo test", "spend_in_control": 0}, "pass", "There is no spend in control"),
        ({"source": "geo test", "pairs": 10}, "pass", "10 pairs of similar regions."),
        ({"pairs": 10}, "info", "needs cost by region"),
        # One model of all regions needs no pretest and no control regions of its own.
        ({"method": "joint_panel", "geos_control": 0}, "pass", "The comparison is all regions in"),
        (
            {"method": "joint_panel", "overlapping_campaigns": "x", "overlap_days": 2},
            "info",
            "All are measured together.",
        ),
    ],
)
def test_diagnostics(changes: Query, severity: str, words: str, tiny_warehouse: Path) -> None:
    found = diagnostics.diagnostics(figures(**changes), [], {})
    [told] = [diagnostic for diagnostic in found if words in diagnostic.text]
    assert told.severity == severity


def test_what_has_to_be_reviewed_comes_first(tiny_warehouse: Path) -> None:
    found = diagnostics.diagnostics(figures(geos_control=1, overlapping_campaigns="x"), [], {})
    marks = [diagnostic.severity for diagnostic in found]
    assert marks == sorted(marks, key=("review", "pass", "info").index)
    assert marks.count("review") == 2


def test_the_joint_panel_has_nothing_to_review_where_a_comparison_has(
    tiny_warehouse: Path,
) -> None:
    poor = {"pretest_days": 3, "geos_control": 1, "overlapping_campaigns": "x", "overlap_days": 2}
    found = diagnostics.diagnostics(figures(method="joint_panel", **poor), [], {})
    assert [diagnostic.severity for diagnostic in found] == ["pass", "pass", "info"]


def test_money_that_was_saved(tiny_warehouse: Path) -> None:
    words = diagnostics.verdict(figures(**measured(2, 3, 4, spend=-100)), {}).replace("\\", "")
    assert words.startswith("**Profitable.** The spend would have paid off. Spend was ₹100 lower")
    assert "Each ₹1 of reduced spend lost ₹3 of incremental revenue" in words


@pytest.mark.parametrize(
    ("covers", "words"), [(True, "the interval covers it"), (False, "the interval misses it")]
)
def test_truth_in_words(covers: bool, words: str) -> None:
    told = diagnostics.truth(
        figures(
            true_incremental_revenue=50.0,
            true_iroas=0.5,
            spilled_into_control_revenue=7.0,
            holds_truth=covers,
        )
    )
    assert told == (
        f"The true incremental revenue in this simulated world is ₹50 (iROAS 0.50x): {words}."
        " A further ₹7 spilled into control regions, which this method cannot see."
    )
    joint = diagnostics.truth(
        figures(
            method="joint_panel",
            true_incremental_revenue=50.0,
            holds_truth=covers,
            spilled_into_control_revenue=7.0,
        )
    )
    assert joint.endswith("of which the estimate makes up for what other brands show.")
    assert diagnostics.truth(figures()) == ""


def test_methods_are_named_in_reasons(tiny_warehouse: Path) -> None:
    shown = figures(default_reason_code="default_tbr", method="tbr")
    told = diagnostics.method(shown, shown, METHOD_NAMES_BY_HAND)
    assert told.startswith("Method: Time-based regression, the default for this experiment. ")
    assert told.endswith("for Ratio difference-in-differences, robust.")


def test_methods_are_compared_by_revenue_where_nothing_was_spent(empty_warehouse: Path) -> None:
    free = measured(2, 3, 4) | dict.fromkeys(("spend", "iroas", "iroas_low", "iroas_high"))
    rows = [result("e1", "not measurable") | free | {"reason_code": "no_spend"}]
    publish(empty_warehouse, ROWS | {"fct_incremental_roas": rows})
    app = open_experiments(experiment="e1")
    assert "Incremental revenue is known: ₹300 (90 % CI ₹200 to ₹400)." in prose(app)
    assert "Export its payouts" in prose(app)
    assert [row["value"] for row in forest(app, METHODS)] == [300]
    assert "Incremental revenue with its confidence interval; the grey line is zero" in prose(app)


def test_days_are_those_of_the_best_method_that_has_some(experiments_warehouse: Path) -> None:
    def used(*preferred: str) -> set[str]:
        return set(data.experiment_days("e1", preferred)["method"])

    assert used("trimmed_match", "did_ratio_robust") == {"did_ratio_robust"}
    assert used("trimmed_match") == {"did_ratio_robust"}
    assert data.experiment_days("e2", ("tbr",)).empty


def estimate(low: float | None, value: float | None, high: float | None) -> dict[str, Any]:
    return {"low": low, "value": value, "high": high, "truth": None, "reference": 1.0}


def domain(estimates: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    rows = pd.DataFrame(estimates)
    return charts.domain({name: rows[name].to_numpy(float) for name in charts.NUMBERS})


def test_an_axis_is_cut_where_one_interval_is_much_wider() -> None:
    usual = [estimate(0, 1, 2), estimate(1, 2, 3), estimate(0.5, 1, 1.5)]
    assert domain(usual) == pytest.approx((-0.12, 3.12))
    assert domain([*usual, estimate(-100, 0, 100)]) == pytest.approx((-0.12, 3.12))
    # The estimate of the wide one is near enough to be shown: it widens the axis to 5.
    assert domain([*usual, estimate(-90, 5, 100)])[1] == pytest.approx(5.2)
    assert domain([*usual, estimate(-90, 50, 100)])[1] == pytest.approx(3.12)
    # Of two, none is the odd one out.
    assert domain([estimate(1, 1, 1.1), estimate(0, 5, 10)]) == pytest.approx((-0.4, 10.4))
    # Five times as wide as the middle one: cut, unless that would save little.
    wider = [estimate(0, 1, 2), estimate(2, 2, 4), estimate(-2, 0, 0), estimate(-3, 2, 7)]
    assert domain(wider) == pytest.approx((-2.24, 4.24))
    assert domain([*wider, estimate(5, 5, 6)]) == pytest.approx((-3.4, 7.4))
    # Nothing has an interval.
    assert domain([estimate(None, 5, None)]) == pytest.approx((0.84, 5.16))
    assert domain([estimate(None, None, None)]) == pytest.approx((0, 2))


def test_clipped_rows_are_named(empty_warehouse: Path) -> None:
    wide = [
        result(row["experiment_id"], row["verdict"], **measured(-900, 1.2, 900))
        if row["experiment_id"] == "e3"
        else row
        for row in ROWS["fct_incremental_roas"]
    ]
    publish(empty_warehouse, ROWS | {"fct_incremental_roas": wide})
    app = open_experiments()
    assert "1 row extends beyond the axis (arrows): Beta (e3)." in prose(app)
    row = forest(app, FOREST)[0]
    assert row["arrows"] == {"left", "right"} and row["low"] > -10


def test_experiments_outside_of_the_data_are_in_the_whole_period(empty_warehouse: Path) -> None:
    early = experiment("e1", "Early", "2020-01-05")
    publish(empty_warehouse, ROWS | {"dim_experiments": [early]})
    options = data.options()
    whole = Selection(options.first_day, options.last_day)
    assert list(data.experiments(whole)["experiment_id"]) == ["e1"]
    part = Selection(options.first_day, date(2025, 1, 5))
    assert data.experiments(part).empty


# --- Plans -------------------------------------------------------------------------------------


PLAN = {
    "campaign_id": "c1", "experiment_id": "e1", "start_date": date(2025, 1, 9),
    "end_date": date(2025, 1, 10), "stop_date": date(2025, 1, 12), "data_until": date(2025, 1, 2),
    "treated_regions": "Goa", "method": "tbr", "break_even_roas": 1.0, "plan_hash": "ab" * 32,
    "plan_text": "campaign_id=c1", "budget": 90, "spend": 100, "revenue_se": 55,
    "found_revenue": 300, "found_revenue_se": 61, "minimum_detectable_revenue": 137,
    "prob_found_profitable": 0.62, "prob_found_unprofitable": 0.08, "prob_inconclusive": 0.3,
    "verdict_as_planned": "profitable",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plan_kept": True}, "Plan kept\n"),
        (
            {
                "plan_kept": False,
                "plan_broken_codes": "plan_brand",
                "plan_broken_reason": "The brand is Z, not Y.",
            },
            "The brand is Z, not Y.",
        ),
        ({"plan_kept": None}, "No verdict counts before 12 Jan 2025."),
    ],
)
def test_promises_stand_beside_what_was_found(
    changes: dict[str, Any], words: str, empty_warehouse: Path
) -> None:
    publish(empty_warehouse, ROWS | {"fct_test_plans": [PLAN | changes]})
    app = open_experiments(experiment="e1")
    shown = prose(app)
    assert words.strip() in shown
    badges = {"True": "Plan kept", "False": "Plan not kept", "None": "Plan kept so far"}
    assert badges[str(changes["plan_kept"])] in shown
    assert "Planned from orders until 2 Jan 2025." in shown
    assert [block.value for block in app.code] == ["ab" * 32]
    for row in (
        "| profitable in 62, unprofitable in 8, inconclusive in 30 of 100 cases | Profitable |",
        "| Incremental revenue | minimum detectable effect ₹137 | ₹300 |",
        "| Its standard error | ₹55 | ₹61 |",
        "| Cost | ₹90 | ₹100 |",
    ):
        assert row in shown
    assert not open_experiments(experiment="e2").code


def test_a_plan_may_promise_nothing_and_have_no_verdict(empty_warehouse: Path) -> None:
    nothing = dict.fromkeys(
        (
            *("prob_found_profitable", "prob_found_unprofitable", "prob_inconclusive"),
            *("verdict_as_planned", "found_revenue", "found_revenue_se", "plan_kept"),
        )
    )
    publish(empty_warehouse, ROWS | {"fct_test_plans": [PLAN | nothing]})
    assert "| Verdict, by method and break-even as planned | – | – |" in prose(
        open_experiments(experiment="e1")
    )
