"""Move the budget in a browser: limits of single members are written into cells."""

import pytest
from playwright.sync_api import Page, expect

from tests.python.viewer.serving import CHROMIUM, open_settled, wait_until_settled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on the path; HELIOS_CHROMIUM names one"),
]
# Rows are by name: Facebook, Instagram, Twitter, YouTube; the last two columns are edited.
ROW_HEIGHT, INSTAGRAM, FROM_RIGHT = 35, 2, {"lowest": 200, "highest": 60}


def write(page: Page, row: int, end: str, amount: str) -> None:
    """Write an amount into a cell of the open table of limits."""
    grid = page.get_by_test_id("stDataFrame").first
    editor = page.locator(".gdg-clip-region input, .gdg-clip-region textarea").first
    expect(grid).to_be_visible()
    for _ in range(10):
        # It waits until the table rests; a slow machine may miss the second click still.
        box = grid.bounding_box()
        assert box
        grid.dblclick(
            position={"x": box["width"] - FROM_RIGHT[end], "y": ROW_HEIGHT * row + ROW_HEIGHT // 2}
        )
        page.wait_for_timeout(500)
        if editor.is_visible():
            break
    editor.fill(amount)
    page.keyboard.press("Enter")
    wait_until_settled(page)


def test_a_limit_stays_while_other_choices_change(page: Page, address: str) -> None:
    open_settled(page, f"{address}/budget?budget_change=50")
    page.get_by_text("Limits of single ones").click()
    write(page, INSTAGRAM, "lowest", "12000000")
    own = page.get_by_text("Limits of their own: Instagram at least ₹1,20,00,000.")
    expect(own).to_be_visible()
    write(page, INSTAGRAM, "highest", "90000000")
    refused = page.get_by_text("The highest spend of Instagram, ₹9,00,00,000, lies outside of")
    expect(refused).to_be_visible()
    expect(own).to_be_visible()
    # Of other dates figures differ, and rows are the same.
    page.get_by_text("Prefer what is surer").click()
    wait_until_settled(page)
    page.get_by_role("button", name="FY", exact=True).click()
    wait_until_settled(page)
    expect(page.get_by_text("of Instagram, ₹9,00,00,000, lies outside of")).to_be_visible()
