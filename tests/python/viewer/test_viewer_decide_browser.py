"""Whom to stop, from the overview to the list, in a real browser."""

from playwright.sync_api import Page, expect

from tests.python.viewer.serving import open_settled
from tests.python.viewer.test_viewer_decide import decided, figures, influencer_days
from tests.python.viewer.test_viewer_influencers import break_even_of
from viewer.format import money


def test_whom_to_stop_and_what_it_saves(page: Page, address: str) -> None:
    members = decided("true", "influencer")
    stopped = members.index[members.decision == "stop"]
    rows = influencer_days("true")
    whole = figures(rows[rows.influencer_id.isin(stopped)], break_even_of())
    open_settled(page, address)
    page.get_by_role("link", name="See whom to stop").click()
    expect(page.get_by_role("heading", level=1, name="Decide")).to_be_visible()
    heading = page.get_by_role("heading", name=f"Stop: {len(stopped)} influencers")
    expect(heading).to_be_visible()
    expect(page.get_by_role("heading", name="Keep:")).to_have_count(0)
    assert "decision=Stop" in page.url
    saved = f"Stopping {len(stopped)} influencers would save {money(-whole['profit_mean'])}"
    expect(page.get_by_text(saved)).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="CSV").last.click()
    lines = downloading.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == len(stopped) + 1
