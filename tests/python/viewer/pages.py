"""Opening pages without a browser, and reading what they show."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.python.viewer.serving import APP
from viewer.pages import PAGES, WITHOUT_FIGURES

ALL_PAGES = list(PAGES)
PAGES_WITH_FIGURES = [page for page in ALL_PAGES if page not in WITHOUT_FIGURES]


def open_page(page: str = "overview", **query: str | list[str]) -> AppTest:
    """A page after its first run.

    Args:
        page: Its name in `viewer.pages`.
        query: Parameters of its URL.
    """
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    if page != "overview":
        app.switch_page(str(PAGES[page]["page"]))
    return app.run()


def tiles(app: AppTest) -> dict[str, str]:
    """What the tiles of a page show, by label."""
    return {tile.label: str(tile.value) for tile in app.metric}


def texts(app: AppTest) -> str:
    """All prose of a page."""
    elements: list[Any] = [
        *app.info, *app.warning, *app.error, *app.caption, *app.markdown, *app.subheader
    ]  # fmt: skip
    return "\n".join(str(element.value) for element in elements)


def specs(app: AppTest) -> list[dict[str, Any]]:
    """Specifications of the charts of a page, in order."""
    charts = app.get("vega_lite_chart")
    return [json.loads(chart.proto.spec) for chart in charts]
