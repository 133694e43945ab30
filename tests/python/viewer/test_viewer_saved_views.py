"""Saved views: what is kept, who is told what, and opening them in a browser."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.python.viewer.pages import open_page, texts
from tests.python.viewer.serving import open_settled, serving, wait_until_settled
from tests.python.viewer.tiny import publish
from viewer import saved_views
from viewer.saved_views import SavedView, SavedViewsError

QUERY = {"brand": ["A & B", "<b>"], "dates": ["2025-01-01", "2025-01-31"]}
VIEW = SavedView(name="Board", page="report", query=QUERY)
FOREIGN = ["{", "[1]", '{"views": []}', '[{"name": "x", "page": "nowhere", "query": {}}]', "\xff"]


def test_views_are_kept_replaced_and_deleted(empty_warehouse: Path) -> None:
    assert saved_views.load() == []
    saved_views.save(VIEW)
    saved_views.save(SavedView(name="a first one", page="overview", query={}))
    assert [view.name for view in saved_views.load()] == ["a first one", "Board"]
    saved_views.save(VIEW.model_copy(update={"page": "payouts"}))
    assert [view.page for view in saved_views.load()] == ["overview", "payouts"]
    saved_views.delete("a first one")
    saved_views.delete("nobody's")
    [kept] = json.loads((empty_warehouse / "saved_views.json").read_text())
    assert kept == {"name": "Board", "page": "payouts", "query": QUERY}
    assert os.listdir(empty_warehouse) == ["saved_views.json"]


def test_a_link_has_page_and_filters() -> None:
    parts = urlparse(VIEW.link)
    assert (parts.path, parse_qs(parts.query)) == ("./report", QUERY)
    assert SavedView(name="x", page="overview", query={}).link == "./?"


def test_views_of_many_users_at_once_are_all_kept(empty_warehouse: Path) -> None:
    views = [VIEW.model_copy(update={"name": f"View {number}"}) for number in range(40)]
    with ThreadPoolExecutor(8) as users:
        list(users.map(saved_views.save, views))
    assert {view.name for view in saved_views.load()} == {view.name for view in views}


@pytest.mark.parametrize("content", FOREIGN)
def test_a_foreign_file_is_told_in_one_line_and_left_alone(
    content: str, tiny_warehouse: Path
) -> None:
    file = tiny_warehouse / "saved_views.json"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(SavedViewsError) as error:
        saved_views.save(VIEW)
    assert "\n" not in str(error.value)
    assert file.read_text(encoding="latin-1") == content
    app = open_page("health")
    assert not app.exception
    assert "is no file of saved views" in texts(app)


def test_there_is_an_end_to_them(empty_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 1)
    saved_views.save(VIEW)
    saved_views.save(VIEW)  # replaces itself
    with pytest.raises(SavedViewsError, match="Delete one first"):
        saved_views.save(VIEW.model_copy(update={"name": "Another"}))


def test_the_page_saves_what_it_shows_and_deletes(tiny_warehouse: Path) -> None:
    app = open_page("payouts", brand="A")
    app.text_input(key="name_of_view").input(" Pay  <b>A</b> ").run()
    app.button(key="save_view").click().run()
    assert not app.exception
    [view] = saved_views.load()
    assert (view.name, view.page, view.query["brand"]) == ("Pay <b>A</b>", "payouts", ["A"])
    [link] = [html.proto.body for html in app.get("html") if "_self" in html.proto.body]
    assert "Pay &lt;b&gt;A&lt;/b&gt;" in link and "./payouts?" in link
    app.button(key="save_view").click().run()
    assert "Give the view a name." in texts(app)
    app.button(key="delete_view_Pay <b>A</b>").click().run()
    assert saved_views.load() == []


def test_where_nothing_can_be_written_the_link_is_the_view(
    tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_views.save(VIEW)
    monkeypatch.setattr(saved_views, "can_be_written", lambda folder: False)
    app = open_page("health")
    assert "The link of a page is the view" in texts(app)
    assert not [button for button in app.button if "view" in str(button.key)]
    assert [html for html in app.get("html") if "Board" in html.proto.body]


@pytest.mark.browser
def test_a_view_opens_with_its_filters_only(page: Page, tmp_path: Path) -> None:
    publish(tmp_path)
    with serving(tmp_path / "log.txt", os.environ | {"HELIOS_WAREHOUSE": str(tmp_path)}) as address:
        open_settled(page, f"{address}/explorer?platform=YouTube&mart=fct_posts")
        page.get_by_role("button", name="Saved views").click()
        page.get_by_role("textbox", name="Save this page").fill("Posts")
        page.get_by_role("button", name="Save", exact=True).click()
        link = page.get_by_role("link", name="Posts", exact=True)
        expect(link).to_be_visible()
        expect(page.get_by_role("button", name="Delete Posts")).to_be_visible()
        open_settled(page, f"{address}/?brand=A")
        page.get_by_role("button", name="Saved views").click()
        link.click()
        expect(page.get_by_role("heading", name="Data explorer")).to_be_visible()
        wait_until_settled(page)
        query = parse_qs(urlparse(page.url).query)
        assert query == {"platform": ["YouTube"], "mart": ["fct_posts"]}
