"""The overview against queries of its own on the marts, under several filters."""

import math
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.python.viewer.pages import figures, open_page, texts, tiles, trace
from tests.python.viewer.tiny import publish
from viewer import data
from viewer.format import count, money, percent, ratio
from viewer.published import published_path

Z_OF_90 = 1.6448536269514722

FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "true"),
    ({"platform": ["Instagram", "YouTube"]}, "platform in ('Instagram', 'YouTube')"),
    ({"tier": "Mid", "category": "Fitness"}, "tier = 'Mid' and category = 'Fitness'"),
    ({"brand": "MuscleBlaze"}, "brand = 'MuscleBlaze'"),
    (
        {"dates": ["2026-01-01", "2026-03-31"], "brand": "Gritzo"},
        "date_day between '2026-01-01' and '2026-03-31' and brand = 'Gritzo'",
    ),
    (
        {"my_name": "M", "my_min": "50000", "my_gender": "Female", "persona": "★ M"},
        "follower_count >= 50000 and gender = 'Female'",
    ),
]


def published(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        connection.execute("use marts")
        return connection.execute(sql).fetchall()


def selected(where: str) -> str:
    return (
        "(select d.*, i.* exclude (influencer_id) from fct_influencer_days d"
        f" join dim_influencers i using (influencer_id) where {where})"
    )


@pytest.mark.parametrize(("query", "where"), FILTERS)
def test_tiles(query: dict[str, Any], where: str, simulated_warehouse: Path) -> None:
    app = open_page(**query)
    assert not app.exception and not app.warning
    days = selected(where)
    [(spend, revenue, orders, new, known, cost, sold)] = published(
        f"""
        select sum(spend), sum(attributed_revenue), sum(orders),
            sum(new_customer_orders), sum(orders_of_known_customers),
            sum(cost_of_goods)::double, sum(revenue_of_known_cost)::double
        from {days}
        """
    )
    brands = f"brand = '{query['brand']}'" if "brand" in query else "true"
    [(least,)] = published(
        f"""
        select sum(revenue)::double / (sum(revenue) - sum(cost_of_goods))::double
        from dim_brands
        where {brands}
        """
    )
    parts = published(
        f"""
        select campaign_id, influencer_id, sum(incremental_revenue), sum(incremental_se_shared),
            sum(incremental_se_campaign), sum(incremental_se_influencer), sum(spend)
        from {days}
        where incremental_revenue is not null
        group by all
        """
    )
    incremental, measured = sum(part[2] for part in parts), float(sum(part[6] for part in parts))
    of_campaign: dict[str, float] = {}
    for part in parts:
        of_campaign[part[0]] = of_campaign.get(part[0], 0) + part[4]
    error = math.sqrt(
        sum(part[3] for part in parts) ** 2
        + sum(value**2 for value in of_campaign.values())
        + sum(part[5] ** 2 for part in parts)
    )
    assert tiles(app) == {
        "Spend": money(spend),
        "Attributed revenue": money(revenue),
        "ROAS": ratio(float(revenue) / float(spend)),
        "Incremental revenue": money(incremental),
        "Incremental ROAS": ratio(incremental / measured),
        "Incremental profit": money(incremental / least - measured),
        "Margin of attributed orders": percent(1 - cost / sold),
        "Contribution after spend": money(sold - cost - float(spend)),
        "Orders": count(orders),
        "Cost per order": money(float(spend) / orders),
        "Average order": money(float(revenue) / orders),
        "New-customer share": percent(new / known),
    }
    low, high = ((incremental + sign * Z_OF_90 * error) / measured for sign in (-1, 1))
    share = percent(measured / float(spend))
    assert (f"{share} of spend that is measurable" in texts(app)) == (share != "100.0 %")
    assert f"90 % CI {ratio(low)} to {ratio(high)}" in texts(app)
    verdict = "Profitable" if low > least else "Unprofitable" if high < least else "Inconclusive"
    assert f"{verdict}, break-even {ratio(least)} by margin" in texts(app)


@pytest.mark.parametrize("compare", ["Period", "Year", "Off"])
def test_changes(compare: str, simulated_warehouse: Path) -> None:
    first, last = date(2026, 4, 1), date(2026, 6, 30)
    app = open_page(dates=[str(first), str(last)], compare=compare)
    changes = {tile.label: tile.delta for tile in app.metric}
    if compare == "Off":
        assert not any(changes.values())
        return
    name, earlier, dates = {
        "Period": ("quarter", (date(2026, 1, 1), date(2026, 3, 31)), "1 Jan 2026 – 31 Mar 2026"),
        "Year": ("year", (date(2025, 4, 1), date(2025, 6, 30)), "1 Apr 2025 – 30 Jun 2025"),
    }[compare]
    (spend, revenue), (spend_before, revenue_before) = (
        published(
            f"""
            select sum(spend)::double, sum(attributed_revenue)::double
            from fct_influencer_days
            where date_day between '{begin}' and '{end}'
            """
        )[0]
        for begin, end in ((first, last), earlier)
    )
    change = 100 * (spend - spend_before) / spend_before
    assert changes["Spend"] == f"{change:+.1f} %"
    assert changes["ROAS"] == f"{revenue / spend - revenue_before / spend_before:+.2f}x"
    [spend_tile] = [tile for tile in app.metric if tile.label == "Spend"]
    assert f"Compared with the previous {name} ({dates})." in spend_tile.help
    assert f"Compared with the previous {name} ({dates})." in texts(app)
    is_notable = abs(change) >= 10
    assert (f"compared with the previous {name} ({dates});" in texts(app)) == is_notable


def test_there_is_nothing_to_compare_the_whole_data_with(simulated_warehouse: Path) -> None:
    app = open_page()
    assert not any(tile.delta for tile in app.metric)
    assert "No comparison" not in texts(app)


@pytest.mark.parametrize(
    ("compare", "told"),
    [
        ("Period", "previous 3 days (30 Dec 2024 – 1 Jan 2025)"),
        ("Year", "previous year (2 Jan 2024 – 4 Jan 2024)"),
        ("Off", ""),
    ],
)
def test_why_nothing_is_compared(compare: str, told: str, tiny_warehouse: Path) -> None:
    app = open_page(dates=["2025-01-02", "2025-01-04"], compare=compare)
    assert not any(tile.delta for tile in app.metric)
    shown = texts(app)
    expected = f"No comparison with the {told}: the data start on 1 Jan 2025."
    assert expected in shown if told else "No comparison" not in shown


@pytest.mark.parametrize(
    ("name", "last", "is_judged"),
    [
        *(
            (name, last, False)
            for name in ("overview", "influencers", "influencer", "report")
            for last in ("2026-03-01", "2026-03-14")
        ),
        *((name, "2026-06-30", True) for name in ("overview", "influencers", "report")),
    ],
)
def test_dates_whose_revenue_belongs_to_other_spend_are_not_judged(
    name: str, last: str, is_judged: bool, simulated_warehouse: Path
) -> None:
    [(busy,)] = published(
        """
        select any_value(influencer_id order by spend desc) from fct_influencer_days
        where date_day = '2026-03-01'
        """
    )
    more = {"id": busy} if name == "influencer" else {}
    app = open_page(name, dates=["2026-03-01", last], **more)
    shown = texts(app) + "".join(html.proto.body for html in app.get("html"))
    assert ("there is no verdict" in shown) != is_judged
    if name in ("overview", "report") and not is_judged:
        assert "Key findings" not in shown


@pytest.mark.parametrize(
    ("query", "whose"),
    [
        ({"brand": "MuscleBlaze"}, "influencers"),
        ({"platform": "Instagram"}, "this selection"),
        ({"my_name": "M", "my_gender": "Female", "persona": "★ M"}, "this selection"),
    ],
)
def test_a_baseline_says_what_it_is_without(
    query: dict[str, Any], whose: str, simulated_warehouse: Path
) -> None:
    for page in ("overview", "report"):
        app = open_page(page, **query)
        shown = texts(app) + "".join(html.proto.body for html in app.get("html"))
        assert f"revenue expected without {whose}" in shown
        assert trace(figures(app)[0], f"Without {whose}, and its interval")


def test_a_single_day_is_seen(simulated_warehouse: Path) -> None:
    def lines(app: Any) -> list[dict[str, Any]]:
        return [
            one
            for figure in figures(app)[:2]
            for one in figure["data"]
            if one.get("mode") == "lines+markers"
        ]

    app = open_page(dates=["2026-04-15", "2026-04-15"])
    points = lines(app)
    assert len(points) == 4
    assert all(
        one["marker"]["color"] in (one["line"]["color"], [one["line"]["color"]]) for one in points
    )
    baseline = figures(app)[0]["data"]
    assert not any(one.get("fill") for one in baseline)
    [interval] = [one for one in baseline if "error_y" in one]
    [(low, high)] = [
        (y - error, y + error)
        for y, error in zip(interval["y"], interval["error_y"]["array"], strict=True)
    ]
    assert low <= trace(figures(app)[0], points[0]["name"])["y"][0] <= high
    for one in lines(open_page()):
        of_whole = [
            colour
            for colour, symbol in zip(
                one["marker"]["color"], one["marker"].get("symbol", []), strict=False
            )
            if symbol == "circle"
        ]
        assert set(of_whole) <= {"rgba(0,0,0,0)"}


def test_charts_hold_what_the_marts_do(simulated_warehouse: Path) -> None:
    app = open_page(brand="MuscleBlaze", platform="Instagram")
    baseline, spend_and_revenue, _, channels = figures(app)
    [(revenue,)] = published("select sum(revenue) from fct_revenue_days where brand='MuscleBlaze'")
    where = selected("brand = 'MuscleBlaze' and platform = 'Instagram'")
    [(spend, attributed, incremental)] = published(
        f"select sum(spend), sum(attributed_revenue), sum(incremental_revenue) from {where}"
    )
    assert total(trace(spend_and_revenue, "Spend")) == pytest.approx(float(spend))
    drawn = {
        name: total(trace(spend_and_revenue, name))
        for name in ("Attributed revenue", "Incremental revenue")
    }
    assert drawn == {
        "Attributed revenue": pytest.approx(float(attributed)),
        "Incremental revenue": pytest.approx(incremental),
    }
    [bars] = channels["data"]
    assert total({"y": bars["x"]}) == pytest.approx(float(revenue))
    # The baseline chart leaves out the weeks that the dates cut: 31 March 2025 is a Monday, and
    # 30 September 2026 a Wednesday.
    whole = "date_day between '2025-04-07' and '2026-09-27'"
    [(of_all,)] = published(
        f"select sum(revenue) from fct_revenue_days where brand = 'MuscleBlaze' and {whole}"
    )
    [(of_influencers,)] = published(f"select sum(incremental_revenue) from {where} where {whole}")
    assert total(trace(baseline, "Revenue of all channels")) == pytest.approx(float(of_all))
    name = "Without this selection, and its interval"
    assert total(trace(baseline, name)) == pytest.approx(float(of_all) - of_influencers)
    area = baseline["data"][0]
    points = len(trace(baseline, name)["y"])
    lows, highs = area["y"][:points], area["y"][points : 2 * points][::-1]
    assert all(
        low <= y <= high
        for low, y, high in zip(lows, trace(baseline, name)["y"], highs, strict=True)
    )


@pytest.mark.parametrize(
    ("days_left_out", "ends"),
    [((0, 0), ""), ((1, 0), "The first"), ((0, 1), "The last"), ((2, 3), "The first and the last")],
)
def test_partial_weeks_are_marked(
    days_left_out: tuple[int, int], ends: str, simulated_warehouse: Path
) -> None:
    [(begin,)] = published("select min(date_day) from fct_influencer_days")
    monday = begin + timedelta(days=7 - begin.weekday())
    first = monday + timedelta(days=days_left_out[0])
    last = monday + timedelta(days=14 * 7 - 1 - days_left_out[1])
    app = open_page(dates=[str(first), str(last)])
    shown = texts(app)
    for treatment in ("left out", "drawn hollow or pale"):
        assert (f"partial and {treatment}." in shown) == bool(ends)
    assert not ends or f"{ends} week {'are' if 'and' in ends else 'is'} partial" in shown
    baseline, spend_and_revenue = figures(app)[:2]
    bars = trace(spend_and_revenue, "Spend")
    is_pale = [opacity < 0.5 for opacity in bars["marker"]["opacity"]]
    cut = [day[:10] for day, pale in zip(bars["x"], is_pale, strict=True) if pale]
    expected = [(first, "first"), (last, "last")]
    assert cut == [str(day - timedelta(days=day.weekday())) for day, end in expected if end in ends]
    revenue = trace(spend_and_revenue, "Attributed revenue")
    hollow = [
        day[:10]
        for day, symbol in zip(revenue["x"], revenue["marker"]["symbol"], strict=True)
        if symbol == "circle-open"
    ]
    assert hollow == cut
    # The line breaks between what is cut and what is whole.
    assert revenue["y"].count(None) == len(cut)
    whole = [day[:10] for day in bars["x"] if day[:10] not in cut]
    assert [day[:10] for day in trace(baseline, "Revenue of all channels")["x"]] == whole


def total(one: dict[str, Any]) -> float:
    """The sum of what a trace draws."""
    return float(sum(y for y in one["y"] if y is not None))


def test_findings_have_figures_and_links(simulated_warehouse: Path) -> None:
    app = open_page()
    counts = dict(
        published("select verdict, count(*) from rpt_influencer_performance group by all")
    )
    [(active,)] = published("select count(distinct influencer_id) from fct_influencer_days")
    shown = texts(app)
    assert f"**{counts['profitable']} of {active} influencers are profitable**" in shown
    assert f"**{counts['unprofitable']} of {active} influencers are unprofitable**" in shown
    links = [link.proto.label for link in app.get("page_link")]
    assert {"See the experiments", "See whom to pay more", "See whom to stop"} <= set(links)


def test_a_selection_in_words(tiny_warehouse: Path) -> None:
    sentence = (
        "**Inconclusive.** Each ₹1 of spend generated ₹3 of incremental revenue (90 % CI 0.86x to"
        " 5.14x, break-even 1.00x by revenue)."
    )
    assert sentence in texts(open_page(platform="YouTube"))


@pytest.mark.parametrize(("before", "change"), [(100, "+200.0 %"), (9, "+3,233 %")])
def test_large_changes_are_round(before: int, change: str, tiny_warehouse: Path) -> None:
    with duckdb.connect(str(published_path())) as writer:
        writer.execute(
            "update marts.fct_influencer_days set spend = ? where date_day = '2025-01-01'", [before]
        )
    app = open_page(dates=["2025-01-02", "2025-01-02"])
    assert {tile.label: tile.delta for tile in app.metric}["Spend"] == change


def test_tiles_by_hand(tiny_warehouse: Path) -> None:
    app = open_page()
    assert tiles(app) == {
        "Spend": "₹400",
        "Attributed revenue": "₹700",
        "ROAS": "1.75x",
        "Orders": "8",
        "Incremental revenue": "₹300",
        "Incremental ROAS": "–",
        "Incremental revenue after spend": "–",
        "Margin of attributed orders": "–",
        "Contribution after spend": "–",
        "Cost per order": "₹50",
        "Average order": "₹87.50",
        "New-customer share": "–",
    }
    assert "Not measurable" in texts(app)
    assert "**75.0 % of spend cannot be measured**" in texts(app)
    assert "1 of 3 influencers had no spend" in texts(app)


def test_the_legacy_method_is_labelled(tiny_warehouse: Path) -> None:
    app = open_page(method="Organic projection (legacy)")
    assert tiles(app)["Incremental ROAS (legacy)"] == "−0.75x"
    assert "not a causal measure" in texts(app)


def test_methods_of_experiments_change_nothing_here(empty_warehouse: Path) -> None:
    publish(empty_warehouse, {"fct_incremental_roas": [{"experiment_id": "e", "method": "tbr"}]})
    app = open_page(method="Time-based regression")
    assert tiles(app)["Incremental revenue"] == "₹300"
    assert "measures experiments only" in texts(app)


def test_tooltips_come_from_the_published_file(tiny_warehouse: Path) -> None:
    help_texts = {tile.label: tile.help for tile in open_page().metric}
    assert help_texts["Spend"] == "Rupees earned by the influencer."
    assert help_texts["ROAS"] == "Revenue per rupee."
    assert not help_texts["Orders"]


def test_spend_outside_of_the_filter_is_told(tiny_warehouse: Path) -> None:
    assert "₹50 of spend has no known brand" in texts(open_page(brand="B"))
    assert "has no known" not in texts(open_page())


def test_data_options_are_those_of_the_file(simulated_warehouse: Path) -> None:
    options = data.options()
    [(first, last)] = published("select min(date_day), max(date_day) from fct_revenue_days")
    assert (options.first_day, options.last_day) == (first, last)
    [(regions,)] = published(
        "select count(distinct region) from dim_experiment_regions where assignment='treatment'"
    )
    assert len(options.regions) == regions > 0


@pytest.mark.build
def test_a_loss_changes_by_an_amount(simulated_warehouse: Path) -> None:
    def contribution(first: str, last: str) -> float:
        [(earned, spend)] = published(
            f"""
            select sum(revenue_of_known_cost - cost_of_goods)::double, sum(spend)::double
            from fct_influencer_days
            where date_day between '{first}' and '{last}'
            """
        )
        return float(earned - spend)

    app = open_page(dates=["2026-07-01", "2026-08-31"])
    [tile] = [one for one in app.metric if one.label == "Contribution after spend"]
    now, before = contribution("2026-07-01", "2026-08-31"), contribution("2026-05-01", "2026-06-30")
    assert now < 0 and tile.value == money(now)
    assert tile.delta == f"-{money(before - now)}"


@pytest.mark.build
def test_charts_of_a_campaign_are_of_its_time(simulated_warehouse: Path) -> None:
    [(name, first, last)] = published(
        """
        select campaign_name, date_trunc('week', min(date_day)), date_trunc('week', max(date_day))
        from fct_influencer_days
        inner join dim_campaigns using (campaign_id)
        where campaign_id = 'CMP015' and (spend <> 0 or orders <> 0)
        group by all
        """
    )
    app = open_page(campaign=name)
    [over_time] = [one for one in figures(app) if one["data"][0].get("name") == "Spend"]
    shown = trace(over_time, "Spend")["x"]
    assert (shown[0][:10], shown[-1][:10]) == (str(first)[:10], str(last)[:10])
