"""Explanations and payouts in a real browser: the panel, the keyboard, the URL, links in a grid."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import duckdb
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.python.viewer.serving import CHROMIUM, wait_until_settled
from viewer.published import published_path

pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM can name one"
)


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def wait_for_query(page: Page, is_there: Callable[[dict[str, list[str]]], bool]) -> None:
    page.wait_for_url(lambda url: is_there(parse_qs(urlparse(url).query)))


def explain(page: Page, label: str) -> Locator:
    """Open the panel of a figure by the keyboard."""
    button = page.get_by_role("button", name=f"How {label} is computed", exact=True)
    expect(button).to_be_visible()
    button.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    expect(panel.get_by_text("Formula", exact=True)).to_be_visible()
    return panel


def published(sql: str) -> str:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        [(text,)] = connection.execute(sql).fetchall()
    return str(text)


def formula(column: str) -> str:
    """The formula of a column of the performance marts, as the build published it."""
    lines = published(
        "select formula from marts.meta_models where model = 'rpt_influencer_performance'"
    ).splitlines()
    [line] = [line for line in lines if line.startswith(f"{column} = ")]
    return line


def test_the_panel_opens_and_closes_by_keyboard(page: Page, address: str) -> None:
    page.goto(address)
    panel = explain(page, "ROAS")
    expect(panel.get_by_text(formula("roas"))).to_be_visible()
    expect(panel.get_by_role("img", name="rpt_influencer_performance reads")).to_be_visible()
    panel.get_by_text("SQL", exact=True).click()
    sql = published(
        "select compiled_sql from marts.meta_models where model = 'rpt_influencer_performance'"
    )
    code = panel.get_by_test_id("stCode").filter(has_text="select")
    assert code.inner_text().split() == sql.split()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    # It can be opened again, for another figure.
    panel = explain(page, "Spend")
    expect(panel.get_by_text("spend_fixed + spend_commission + spend_product")).to_be_visible()


def test_the_way_from_a_figure_to_its_raw_tables(page: Page, address: str) -> None:
    page.goto(f"{address}/?platform=Instagram")
    explain(page, "Incremental ROAS").get_by_text("Details").click()
    expect(page.get_by_role("heading", name="How it is computed", level=1)).to_be_visible()
    heading = page.get_by_role("heading", level=2)
    expect(heading).to_have_text("rpt_influencer_performance · iroas")
    wait_until_settled(page)
    assert query(page) == {
        "platform": ["Instagram"],  # filters stay
        "model": ["rpt_influencer_performance"],
        "column": ["iroas"],
    }
    expect(page.get_by_role("combobox", name="Figure")).to_have_value("Incremental ROAS")
    for name in ("dim_brands", "core_orders"):
        page.get_by_role("radiogroup", name="Reads").get_by_text(name, exact=True).click()
        expect(heading).to_have_text(name)
        wait_for_query(page, lambda q, name=name: q.get("model") == [name])  # type: ignore[misc]
    assert query(page) == {"platform": ["Instagram"], "model": ["core_orders"]}
    page.reload()
    expect(heading).to_have_text("core_orders")
    wait_until_settled(page)  # a click on what is drawn anew is lost
    page.get_by_text("upstream models").click()
    wait_until_settled(page)
    page.get_by_role("radiogroup", name="Raw exports").get_by_text("raw.tracking_data").click()
    expect(heading).to_have_text("raw.tracking_data")
    expect(page.get_by_text("A source: it reads no other model")).to_be_visible()


def test_a_figure_is_chosen_and_shared(page: Page, address: str) -> None:
    page.goto(f"{address}/computed")
    page.get_by_role("combobox", name="Figure").fill("Cost per order")
    page.keyboard.press("Enter")
    expect(page.get_by_text(formula("cpo")).first).to_be_visible()
    wait_for_query(page, lambda q: q.get("column") == ["cpo"])
    page.reload()
    expect(page.get_by_role("heading", level=2)).to_have_text("rpt_influencer_performance · cpo")
    page.get_by_role("tab", name="Methods").click()
    page.get_by_role("link", name="Time-based regression").click()
    expect(page.get_by_role("heading", name="Campaigns & experiments", level=1)).to_be_visible()
    assert query(page)["method"] == ["Time-based regression"]


def test_the_ledger_by_status(page: Page, address: str) -> None:
    paid, lines = (
        int(published(f"select count(*) from marts.fct_payout_lines where {where}"))
        for where in ("status = 'paid'", "true")
    )
    page.goto(f"{address}/payouts")
    expect(page.get_by_text(f"{lines:,} lines, ")).to_be_visible()
    page.get_by_role("radiogroup", name="Status").get_by_text("Paid", exact=True).click()
    expect(page.get_by_text(f"{paid:,} lines, ")).to_be_visible()
    assert query(page) == {"status": ["Paid"]}
    page.reload()
    expect(page.get_by_text(f"{paid:,} lines, ")).to_be_visible()


def test_names_in_the_ledger_open_the_influencer(page: Page, address: str) -> None:
    influencer, name = published(
        """
        select influencer_id || '|' || influencer_name
        from marts.fct_payout_lines
        inner join marts.dim_influencers using (influencer_id)
        where status not in ('paid', 'reversed') and due_date is not null
        order by due_date, payout_line_id
        limit 1
        """
    ).split("|")
    page.goto(f"{address}/payouts?status=Unpaid")
    ledger = page.get_by_role("region", name="Ledger of payouts")
    expect(ledger).to_be_visible()
    ledger.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)  # the grid paints itself after it is there
    ledger.hover(position={"x": 30, "y": 52})
    with page.expect_popup() as opened:
        ledger.click(position={"x": 30, "y": 52})
    expect(opened.value.get_by_role("heading", name=name, level=1)).to_be_visible()
    assert query(opened.value)["id"] == [influencer]
