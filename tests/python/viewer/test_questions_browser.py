"""What a marketing head and finance ask, answered in a real browser, in several worlds.

Each answer is compared with rows of the published file, without any of its functions.
"""

import csv
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.python.conftest import made_once, published
from tests.python.support import Build, build_exports, simulate
from tests.python.viewer.serving import CHROMIUM, open_settled, serving, wait_until_settled
from tests.python.viewer.test_viewer_cohort import cohort
from tests.python.viewer.test_viewer_decide import ask, decided, figures, influencer_days
from tests.python.viewer.test_viewer_influencers import break_even_of
from tests.python.viewer.test_viewer_report_browser import sheets_of
from tests.python.viewer.tiny import publish_copy
from viewer.format import money

pytestmark = [
    pytest.mark.build,
    pytest.mark.skipif(
        not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM can name one"
    ),
]

# Nothing works, most comes without a code, and what is bought by code would be bought anyway.
OTHER_WORLDS = ("null", "halo", "leaky-codes")
DIWALI = ("2025-10-10", "2025-10-20")
DAYS_AFTER = 30


@pytest.fixture(
    scope="module",
    params=["default", *(pytest.param(world, marks=pytest.mark.long) for world in OTHER_WORLDS)],
)
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a viewer of a world, whose published file tests read as well."""

    def make(folder: Path) -> Build:
        raw = simulate(folder / "raw", "--world", request.param)
        return published(build_exports(raw=raw, warehouse=folder / "warehouse"))

    if request.param == "default":
        build = request.getfixturevalue("default_build")
    else:
        build = made_once(f"world_{request.param}", make, tmp_path_factory)
    folder = tmp_path_factory.mktemp("questions")
    publish_copy(build.published_file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELIOS_WAREHOUSE", str(folder))
        with serving(folder / "log.txt", dict(os.environ)) as address:
            yield address


def tile(page: Page, label: str) -> str:
    found = page.get_by_test_id("stMetric").filter(
        has=page.get_by_text(label, exact=True), visible=True
    )
    return found.get_by_test_id("stMetricValue").inner_text()


def test_whom_to_stop_and_what_it_saves(page: Page, address: str) -> None:
    members = decided("true", "influencer")
    stopped = members.index[members.decision == "stop"]
    rows = influencer_days("true")
    whole = figures(rows[rows.influencer_id.isin(stopped)], break_even_of())
    open_settled(page, address)
    link = page.get_by_role("link", name="See whom to stop")
    if stopped.empty:
        expect(link).to_have_count(0)
        return
    link.click()
    expect(page.get_by_role("heading", level=1, name="Decide")).to_be_visible()
    who = "influencer" if len(stopped) == 1 else "influencers"
    heading = page.get_by_role("heading", name=f"Stop: {len(stopped)} {who}")
    expect(heading).to_be_visible()
    expect(page.get_by_role("heading", name="Keep:")).to_have_count(0)
    assert "decision=Stop" in page.url
    saved = f"Stopping {len(stopped)} {who} would save {money(-whole['profit_mean'])}"
    expect(page.get_by_text(saved)).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="CSV").last.click()
    lines = downloading.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == len(stopped) + 1


def test_what_diwali_brought_after_cost(page: Page, address: str) -> None:
    expected = figures(cohort(*DIWALI, DAYS_AFTER), break_even_of())
    open_settled(page, address)
    named = page.get_by_role("combobox", name="Named period")
    named.click()
    named.fill("diwali sale")
    page.get_by_role("option", name="Diwali sale: 10–20 Oct 2025").click()
    wait_until_settled(page)
    page.get_by_role("combobox", name="Revenue counted").click()
    page.get_by_role("option", name=f"Up to {DAYS_AFTER} days after spend").click()
    filters = page.get_by_text(f"· revenue up to {DAYS_AFTER} days after spend")
    expect(filters).to_be_visible()  # the button that leads here is worded alike
    wait_until_settled(page)
    assert tile(page, "Spend") == money(expected["spend"])
    if not expected["is_measurable"]:
        assert tile(page, "Incremental profit") == "–"
        return
    assert tile(page, "Incremental profit") == money(expected["profit_mean"])
    interval = " to ".join(money(expected[f"profit_{bound}"]) for bound in ("low", "high"))
    expect(page.get_by_text(interval).first).to_be_visible()


def test_why_incremental_is_not_attributed(page: Page, address: str) -> None:
    rows = influencer_days("true")
    campaigns = (
        rows.dropna(subset="incremental_revenue")
        .groupby("campaign_id")[["revenue", "incremental_revenue"]]
        .sum()
    )
    differences = campaigns.incremental_revenue - campaigns.revenue
    steps = {
        "attributed": rows.revenue.sum(),
        "anyway": differences.clip(upper=0).sum(),
        "untracked": differences.clip(lower=0).sum(),
        "incremental": campaigns.incremental_revenue.sum(),
    }
    open_settled(page, address)
    assert tile(page, "Attributed revenue") == money(steps["attributed"])
    assert tile(page, "Incremental revenue") == money(steps["incremental"])
    heading = page.get_by_role("heading", name="From attributed to incremental revenue")
    heading.scroll_into_view_if_needed()
    chart = page.get_by_test_id("stPlotlyChart").filter(has_text="Would have")
    chart = chart if steps["anyway"] else page.get_by_test_id("stPlotlyChart").nth(2)
    expect(chart.locator(".main-svg").first).to_be_visible()
    for amount in steps.values():
        if amount:
            expect(chart.get_by_text(money(amount), exact=True).first).to_be_visible()


def test_whom_to_pay_this_week_and_how_much(page: Page, address: str) -> None:
    rows = ask(
        """
        with data_end as (select max(date_day) as day from fct_revenue_days)

        select influencer_id, sum(amount) as owed
        from fct_payout_lines
        cross join data_end
        where status in ('due', 'accrued') and due_date <= data_end.day + 7
        group by all
        """
    )
    owed = {key: Decimal(str(round(amount, 2))) for key, amount in rows.to_numpy()}
    open_settled(page, f"{address}/payouts?dates=2026-09-01&dates=2026-09-30")
    who = "influencer" if len(owed) == 1 else "influencers"
    told = f"To pay by 7 Oct 2026: {money(sum(owed.values()))} to {len(owed)} {who}"
    expect(page.get_by_text(told)).to_be_visible()
    with page.expect_download() as download:
        page.locator(".st-key-download_to_pay_as_of_2026-09-30_csv button").first.click()
    assert download.value.suggested_filename == "helios_to_pay_as_of_2026-09-30.csv"
    with open(download.value.path(), encoding="utf-8-sig", newline="") as lines:
        listed = {
            row["Influencer ID"]: Decimal(row["Overdue"]) + Decimal(row["Due within 7 days"])
            for row in csv.DictReader(lines)
        }
    assert {key: amount for key, amount in listed.items() if amount} == owed


def test_what_the_boss_gets_as_a_pdf(page: Page, address: str) -> None:
    [spend] = ask(
        """
        select sum(spend)::double as spend
        from fct_influencer_days
        where brand = 'MuscleBlaze' and date_day between '2026-04-01' and '2026-06-30'
        """
    ).spend
    query = "brand=MuscleBlaze&dates=2026-04-01&dates=2026-06-30"
    open_settled(page, f"{address}/report?{query}")
    expect(page.get_by_test_id("stPlotlyChart").locator(".main-svg").first).to_be_visible()
    facts = page.locator(".report-tiles").inner_text()
    assert money(spend) in facts
    assert page.title() == "MuscleBlaze, Apr–Jun 2026: influencer marketing report"
    assert sheets_of(page) == 1
