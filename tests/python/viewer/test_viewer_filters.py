"""What the filters make of dates, of the URL and of a persona of one's own."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.python.support import PROJECT
from tests.python.viewer.pages import open_page, texts, tiles
from viewer import data, filters, own_persona
from viewer.data import Options
from viewer.dimensions import DIMENSIONS, Dimension
from viewer.selection import OwnPersona, Selection

OPTIONS = Options(date(2025, 4, 22), date(2025, 7, 20))
FIRST, LAST = OPTIONS.first_day, OPTIONS.last_day
MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)


@pytest.mark.parametrize(
    ("dates", "period"),
    [
        ((MAY, JUNE), (MAY, JUNE)),
        ((JUNE, MAY), (MAY, JUNE)),
        ((MAY,), (MAY, MAY)),
        ((MAY, MAY), (MAY, MAY)),
        ((), (FIRST, LAST)),
        (None, (FIRST, LAST)),
        ((date(2025, 4, 1), date(2025, 6, 30)), (FIRST, date(2025, 6, 30))),
        ((date(2025, 7, 1), date(2026, 3, 31)), (date(2025, 7, 1), LAST)),
        ((date(2024, 1, 1), date(2024, 3, 31)), (date(2024, 1, 1), date(2024, 3, 31))),
    ],
)
def test_period(dates: tuple[date, ...] | None, period: tuple[date, date]) -> None:
    assert filters.period_of(dates, OPTIONS) == period


def test_presets_end_with_the_data() -> None:
    options = Options(
        FIRST,
        LAST,
        periods={"Quarter to date": (date(2025, 7, 1), LAST), "Fiscal year to date": (FIRST, LAST)},
    )
    assert {label: dates for label, (_, dates) in filters.presets(options).items()} == {
        "7d": (date(2025, 7, 14), LAST),
        "30d": (date(2025, 6, 21), LAST),
        "90d": (FIRST, LAST),  # ninety days are all there are
        "QTR": (date(2025, 7, 1), LAST),
        "FY": (FIRST, LAST),
        "All": (FIRST, LAST),
    }


def test_named_periods_are_those_of_the_data(simulated_warehouse: Path) -> None:
    # The default world has 18 months to 30 September 2026; the fiscal year begins in April.
    options = data.options()
    assert options.periods == {
        "Month to date": (date(2026, 9, 1), date(2026, 9, 30)),
        "Last month": (date(2026, 8, 1), date(2026, 8, 31)),
        "Quarter to date": (date(2026, 7, 1), date(2026, 9, 30)),
        "Last quarter": (date(2026, 4, 1), date(2026, 6, 30)),
        "Fiscal year to date": (date(2026, 4, 1), date(2026, 9, 30)),
        "Last fiscal year": (date(2025, 4, 1), date(2026, 3, 31)),
    }
    with (PROJECT / "seeds" / "reference" / "calendar.csv").open(encoding="utf-8") as lines:
        calendar = [
            (row["name"], (parsed(row["first_day"]), parsed(row["last_day"])))
            for row in csv.DictReader(lines)
        ]
    first, last = options.whole
    assert sorted(options.festivals) == sorted(
        (name, days) for name, days in calendar if first <= days[0] and days[1] <= last
    )
    offered = filters.named_periods(options, (date(2026, 7, 1), date(2026, 9, 30)))
    assert offered["Same period last year: Jul–Sep 2025"] == (date(2025, 7, 1), date(2025, 9, 30))
    assert offered["Diwali sale: 10–20 Oct 2025"] == (date(2025, 10, 10), date(2025, 10, 20))
    beyond = filters.named_periods(options, (date(2026, 3, 1), date(2026, 3, 31)))
    assert not [name for name in beyond if name.startswith("Same period")]


def test_a_named_period_sets_the_dates(simulated_warehouse: Path) -> None:
    app = open_page()
    assert app.selectbox(key=filters.NAMED_PERIOD_KEY).value is None
    app.selectbox(key=filters.NAMED_PERIOD_KEY).set_value("Last month: Aug 2026").run()
    assert app.session_state["view"].selection.period == (date(2026, 8, 1), date(2026, 8, 31))
    assert app.selectbox(key=filters.NAMED_PERIOD_KEY).value == "Last month: Aug 2026"
    [quarter] = [button for button in app.button if button.label == "QTR"]
    quarter.click().run()
    assert app.selectbox(key=filters.NAMED_PERIOD_KEY).value == "Quarter to date: Jul–Sep 2026"
    [week] = [button for button in app.button if button.label == "7d"]
    week.click().run()
    assert app.selectbox(key=filters.NAMED_PERIOD_KEY).value is None


def parsed(text: str) -> date:
    return date.fromisoformat(text)


def test_a_selection_in_words(tiny_warehouse: Path) -> None:
    selection = Selection(MAY, JUNE).having(platform=("X_y",), campaign=("c1", "c3"))
    assert filters.in_words(selection) == (
        r"1 May 2025 – 1 Jun 2025 · X\_y · Summer \(c1\), Winter"
    )


def test_a_link_chooses_what_it_was_made_of(tiny_warehouse: Path) -> None:
    selection = Selection(date(2025, 1, 2), date(2025, 1, 9)).having(
        persona=("Nano-Food",), influencer=("i2",), campaign=("c3",)
    )
    query: dict[str, Any] = dict(filters.link(selection, data.options()))
    assert open_page(**query).session_state["view"].selection == selection


def test_every_filter_of_the_url_is_applied(tiny_warehouse: Path) -> None:
    app = open_page(
        brand="A",
        tier="Macro",
        category="Fitness",
        influencer="Asha",
        campaign="Summer (c1)",
        compare="Year",
        method="Attributed revenue",
    )
    view = app.session_state["view"]
    assert not app.warning
    assert dict(view.selection.chosen) == {
        "brand": ("A",),
        "tier": ("Macro",),
        "category": ("Fitness",),
        "influencer": ("i1",),
        "campaign": ("c1",),
    }
    assert view.comparison == "previous year"
    assert view.method == "attributed"
    assert tiles(app)["Incremental ROAS (as attributed)"] == "5.00x"


@pytest.fixture
def language_filter(tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new filter: one entry more in the list."""
    entry = Dimension("Language", "language", "influencer", is_rare=True)
    monkeypatch.setitem(DIMENSIONS, "language", entry)


@pytest.mark.usefixtures("language_filter")
def test_a_new_filter_is_in_the_sidebar_the_link_and_the_figures() -> None:
    app = open_page(language=["Tamil", "Klingon"])
    assert not app.exception
    widget = app.sidebar.multiselect(key="language")
    assert widget.label == "Language"
    assert (widget.options, widget.value) == (["Hindi", "Tamil"], ["Tamil"])
    assert "Language Klingon" in app.warning[0].value
    assert tiles(app)["Spend"] == "₹300"
    assert "1 Jan 2025 – 10 Jan 2025 · Tamil" in texts(app)
    selection = app.session_state["view"].selection
    assert filters.link(selection, data.options()) == {"language": ["Tamil"]}
    [expander] = [one.label for one in app.run().sidebar.expander if "More" in one.label]
    assert expander == "More filters (1)"
    [clear] = [button for button in app.button if button.label == "Clear filters"]
    clear.click().run()
    assert tiles(app)["Spend"] == "₹400"


@pytest.mark.usefixtures("language_filter")
def test_notes_know_a_new_filter() -> None:
    spend = data.performance(Selection(date(2025, 1, 1), date(2025, 1, 10)), "language")
    assert dict(zip(spend["language"], spend["spend"], strict=True)) == {"Hindi": 100, "Tamil": 300}
    nobody = Selection(date(2025, 1, 1), date(2025, 1, 10)).having(language=["Hindi"], brand=["B"])
    assert data.filters_to_widen(nobody) == ["brand", "language"]
    told = texts(open_page("explorer", mart="dim_brands", language="Tamil"))
    assert "Not filtered by Language" in told
    told = texts(open_page("explorer", mart="fct_payout_lines", language="Tamil"))
    assert "Filtered by Language" in told
    one = texts(open_page("influencer", id="i1", language="Tamil"))
    assert "do not apply to one influencer: Language" in one
    nothing = open_page(language="Hindi", brand="B")
    assert "Clear Brand or Language" in texts(nothing)
    nothing.button(key="clear_language").click().run()
    assert tiles(nothing)["Spend"] == "₹250"
    assert nothing.session_state["view"].selection.members("brand") == ("B",)


def test_columns_of_dimensions_are_where_their_scope_says(tiny_warehouse: Path) -> None:
    marts = {
        "influencer": ["dim_influencers"],
        "campaign": ["fct_influencer_days", "dim_experiments"],
        "order": ["fct_influencer_days", "dim_experiments", "fct_revenue_days"],
    }
    for name, dimension in DIMENSIONS.items():
        for mart in (dimension.mart, *marts[dimension.scope]):
            assert dimension.column in data.mart_columns(mart), (name, mart)


def test_every_filter_is_described() -> None:
    described = (PROJECT / "docs" / "viewer.md").read_text(encoding="utf-8")
    table = described.split("| in the link | filter |")[1].split("\n\n")[0]
    assert [name for name in DIMENSIONS if f"`{name}`" not in table] == []


def test_selections_of_the_same_members_are_equal() -> None:
    selection = Selection(MAY, JUNE).having(tier=["Nano"], brand=["A", "B"])
    assert selection == Selection(MAY, JUNE).having(brand=("A", "B")).having(tier=("Nano",))
    assert hash(selection) == hash(selection.having(persona=()))
    assert selection.having(brand=["C"]).members("brand") == ("C",)
    assert selection.without("tier", "brand") == Selection(MAY, JUNE)
    assert (selection.narrowed_by(), selection.narrowed_by("order")) == (
        ["brand", "tier"],
        ["brand"],
    )
    own = Selection(MAY, JUNE, own_persona=OwnPersona("Small"))
    assert own.narrowed_by("influencer") == ["persona"]
    assert own.without("persona") == Selection(MAY, JUNE)


def test_a_filter_that_does_not_exist_is_an_error() -> None:
    selection = Selection(MAY, JUNE)
    with pytest.raises(KeyError, match="no filter brands"):
        selection.having(brands=("A",))
    with pytest.raises(KeyError, match="no filter brands"):
        selection.members("brands")
    with pytest.raises(KeyError, match="no filter brands"):
        selection.without("brands")


@pytest.mark.parametrize(
    ("chosen", "whose"),
    [
        ({}, "influencers"),
        ({"brand": ["A"]}, "influencers"),
        ({"brand": ["A"], "campaign": ["c1"]}, "this selection"),
        ({"influencer": ["i1"]}, "this selection"),
    ],
)
def test_whose_revenue_a_selection_is(chosen: dict[str, list[str]], whose: str) -> None:
    assert Selection(MAY, JUNE).having(**chosen).of_influencers == whose


def test_a_persona_of_ones_own_lives_in_the_url(tiny_warehouse: Path) -> None:
    own = {"my_name": "Small", "my_max": "8999", "my_category": "Food"}
    app = open_page(**own)
    view = app.session_state["view"]
    assert view.own_persona == OwnPersona("Small", max_followers=8999, category=("Food",))
    assert view.selection.own_persona is None  # made up, not yet chosen
    assert [code.value for code in app.sidebar.code] == ["100,Small,,Food,,,,,8999"]
    app = open_page(**own, persona="★ Small")
    assert not app.warning and not app.exception
    assert app.session_state["view"].selection.own_persona == view.own_persona
    assert tiles(app)["Spend"] == "₹300"
    assert "★ Small" in texts(app)


@pytest.mark.parametrize(
    ("asked", "category", "words"),
    [
        (["Food", "Fitness"], ("Fitness", "Food"), "Fitness or Food"),
        (["not Food"], ("Fitness",), "Fitness"),
        (["Food", "not Food"], (), "no influencer"),
        (["not Food", "not Fitness"], (), "no influencer"),
    ],
)
def test_a_persona_has_one_of_several_values_or_none_of_them(
    asked: list[str], category: tuple[str, ...], words: str, tiny_warehouse: Path
) -> None:
    assert data.options().own_traits["category"] == ["Fitness", "Food"]
    app = open_page(my_name="Mine", my_category=asked, persona="★ Mine")
    assert not app.warning and not app.exception
    own = app.session_state["view"].own_persona
    assert own == OwnPersona("Mine", category=category)
    assert own_persona.in_words(own, data.options()) == words


def test_a_persona_that_is_not_defined_is_dropped(tiny_warehouse: Path) -> None:
    app = open_page(persona="★ Small")
    assert "Persona ★ Small" in app.warning[0].value
    assert tiles(app)["Spend"] == "₹400"
    app = open_page(my_name="Odd", my_category="Poetry", persona="★ Odd")
    assert "My persona's category Poetry" in app.warning[0].value
    assert app.session_state["view"].selection.own_persona == OwnPersona("Odd")


def test_followers_that_are_no_number_are_no_limit(tiny_warehouse: Path) -> None:
    app = open_page(my_name="Odd", my_min="²", my_max="many")
    assert not app.exception
    assert app.session_state["view"].own_persona == OwnPersona("Odd")


def test_the_row_for_the_rules_has_their_columns() -> None:
    own = OwnPersona(
        'Big, "Tamil"',
        100_000,
        platform=("YouTube",),
        gender=("Female",),
        language=("Tamil", "Telugu"),
    )
    file = PROJECT / "seeds" / "reference" / "persona_rules.csv"
    lines = [file.read_text().splitlines()[0], *own_persona.persona_rules(own).splitlines()]
    row, other = csv.DictReader(lines)
    assert other == row | {"language": "Telugu"}
    assert row.pop("priority") < min(
        line.split(",")[0] for line in file.read_text().splitlines()[1:]
    )
    assert row == {
        "persona": 'Big, "Tamil"',
        "tier": "",
        "category": "",
        "platform": "YouTube",
        "gender": "Female",
        "language": "Tamil",
        "min_followers": "100000",
        "max_followers": "",
    }


def test_presets_and_clearing(tiny_warehouse: Path) -> None:
    app = open_page(brand="A", tier="Nano", dates=["2025-01-10", "2025-01-10"])
    assert tiles(app)["Spend"] == "₹0"
    assert tiles(app)["ROAS"] == tiles(app)["Incremental ROAS"] == "–"
    button = {button.label: button for button in app.button}
    button["7d"].click().run()
    assert app.session_state["view"].selection.first_day == date(2025, 1, 4)
    button["Clear filters"].click().run()
    assert tiles(app)["Spend"] == "₹400"


def test_days_can_be_read_in_two_ways(tiny_warehouse: Path) -> None:
    assert "1 Jan 2025 – 10 Jan 2025" in texts(open_page())
    assert "2025\\-01\\-01 – 2025\\-01\\-10" in texts(open_page(date_style="ISO"))


def test_a_brand_leaves_its_campaigns_to_choose_from(tiny_warehouse: Path) -> None:
    def campaigns(**query: Any) -> list[str]:
        [widget] = [one for one in open_page(**query).multiselect if one.label == "Campaign"]
        return list(widget.options)

    assert campaigns() == ["Summer (c1)", "Summer (c2)", "Winter", "(none)"]
    assert campaigns(brand="B") == ["Summer (c2)", "Winter"]
    assert campaigns(brand=["A", "B"]) == ["Summer (c1)", "Summer (c2)", "Winter"]
    # What a link chooses stays chosen, though nothing is of both.
    app = open_page(brand="B", campaign="Summer (c1)")
    assert app.session_state["view"].selection.members("campaign") == ("c1",)
    assert not app.warning


def test_personas_of_few_influencers_are_named(tiny_warehouse: Path) -> None:
    told = texts(open_page("influencers", show="Personas"))
    assert r"say little about a persona: Macro\-Fitness \(1\), Nano\-Food \(2\)." in told
