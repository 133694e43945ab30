"""Opening pages without a browser, and reading what they show."""

import json
from base64 import b64decode
from html import unescape
from typing import Any

import numpy as np
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


def figures(app: AppTest) -> list[dict[str, Any]]:
    """Plotly figures of a page, in order; what is no number is None."""
    return [_decoded(json.loads(chart.proto.spec)) for chart in app.get("plotly_chart")]


def alts(app: AppTest) -> list[str]:
    """Descriptions of the charts of a page, in order."""
    return [chart.proto.alt for chart in app.get("plotly_chart")]


def trace(figure: dict[str, Any], name: str) -> dict[str, Any]:
    """The trace of a figure that the legend calls so."""
    [found] = [
        one for one in figure["data"] if one.get("name") == name and one.get("showlegend", True)
    ]
    return dict(found)


def estimates(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a ranking or a forest from top to bottom, as they are drawn: cut by the axis.

    Each has key, told (what the mouse shows), label and, where it has an estimate or an interval,
    value, low, high, verdict and opacity; arrows has the ends at which it goes on.
    """
    [rows] = [one for one in figure["data"] if one.get("customdata")]
    found: list[dict[str, Any]] = [
        {"key": key, "told": told, "label": unescape(label.replace("<br>", " ")), "arrows": set()}
        for (key, told), label in zip(
            rows["customdata"], figure["layout"]["yaxis"]["ticktext"], strict=True
        )
    ]
    for one in figure["data"]:
        symbols = one.get("marker", {}).get("symbol")
        if "error_x" in one:
            for x, place, up, down in zip(
                one["x"], one["y"], one["error_x"]["array"], one["error_x"]["arrayminus"],
                strict=True,
            ):  # fmt: skip
                found[place] |= {
                    "value": x,
                    "low": None if down is None else x - down,
                    "high": None if up is None else x + up,
                    "verdict": one["name"],
                    "opacity": one["opacity"],
                }
        elif isinstance(symbols, list):
            for place, symbol in zip(one["y"], symbols, strict=True):
                found[place]["arrows"].add(symbol.removeprefix("triangle-"))
    return found


def _decoded(value: Any) -> Any:
    """Parts of a figure, with arrays that Plotly packs as lists."""
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "bdata" not in value:
        return {name: _decoded(one) for name, one in value.items()}
    numbers = np.frombuffer(b64decode(value["bdata"]), value["dtype"])
    return [None if np.isnan(number) else number.item() for number in numbers]
