"""Exports with something missing: each page says what it cannot say, and shows no infinity."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.python.conftest import SMALL_WORLD, made_once, published
from tests.python.support import Build, build_exports, simulate
from tests.python.viewer.pages import PAGES_WITH_FIGURES, alts, figures, open_page, texts, tiles
from tests.python.viewer.tiny import publish_copy
from viewer import data

pytestmark = [pytest.mark.build, pytest.mark.long]

NO_NUMBER = re.compile(r"\b(inf|nan|NaN|NaT|None(?! of| is))\b|∞|<NA>")


def rewritten(table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def rewrite(raw: Path) -> None:
        file = raw / f"{table}.csv"
        change(pd.read_csv(file, dtype=str, keep_default_na=False)).to_csv(file, index=False)

    return rewrite


def without_codes(rows: pd.DataFrame) -> pd.DataFrame:
    """Nobody uses a code or a link of an influencer."""
    return rows.assign(campaign="", influencer_id="", coupon_code="", source="direct")


CHANGES: dict[str, Callable[[Path], None]] = {
    "no unit costs": rewritten("products", lambda rows: rows.drop(columns="unit_cost")),
    "goods cost more than they bring": rewritten(
        "products", lambda rows: rows.assign(unit_cost=rows.unit_cost.astype(float) * 5)
    ),
    "no due dates": rewritten("payouts", lambda rows: rows.drop(columns="due_date")),
    "no experiments": lambda raw: (raw / "campaign_regions.csv").unlink(),
    "no attributed orders": rewritten("tracking_data", without_codes),
}
# What a page says, by what is missing.
SAID = {
    "no unit costs": {"overview": "by revenue"},
    "goods cost more than they bring": {"overview": "out of reach"},
    "no due dates": {"payouts": "No due date"},
    "no experiments": {"overview": "Not measurable", "experiments": "contain no experiment"},
    "no attributed orders": {"overview": "No order was attributed"},
}


@pytest.fixture(scope="module", params=CHANGES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The viewer reads a build of exports that lack something."""

    def make(folder: Path) -> Build:
        raw = simulate(folder / "raw", *SMALL_WORLD)
        CHANGES[request.param](raw)
        return published(build_exports(raw=raw, warehouse=folder / "warehouse"))

    name = f"bad_{list(CHANGES).index(request.param)}"
    build = made_once(name, make, tmp_path_factory)
    folder = tmp_path_factory.mktemp(name)
    publish_copy(build.published_file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELIOS_WAREHOUSE", str(folder))
        yield request.param


def shown(app: AppTest) -> str:
    """All that a page shows in words and figures."""
    drawn: list[Any] = [one.get("text") or "" for figure in figures(app) for one in figure["data"]]
    written = ["\n".join(filter(None, text)) if isinstance(text, list) else text for text in drawn]
    return "\n".join([texts(app), *map(str, tiles(app).items()), *alts(app), *written])


@pytest.mark.parametrize("page", PAGES_WITH_FIGURES)
def test_pages_say_what_they_cannot_say(page: str, case: str) -> None:
    query = {"id": next(iter(data.options().labels["influencer"]))} if page == "influencer" else {}
    app = open_page(page, **query)
    assert not app.exception
    words = shown(app)
    if page != "computed":  # SQL
        assert not NO_NUMBER.findall(words.replace("(none)", ""))
    assert "1,000.00x" not in words
    if said := SAID[case].get(page):
        assert said in words


@pytest.mark.parametrize("page", ["overview", "decide", "influencers", "payouts", "report"])
def test_one_influencer_alone(page: str, case: str) -> None:
    label = next(iter(data.options().labels["influencer"].values()))
    app = open_page(page, influencer=label)
    assert not app.exception
    assert not NO_NUMBER.findall(shown(app).replace("(none)", ""))
