"""How it is computed: lineage, formulas and SQL, against queries of one's own on meta_models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from tests.python.viewer.pages import open_page, texts
from tests.python.viewer.tiny import SETTINGS, contract, publish
from viewer import data, lineage, measures
from viewer.data import Model
from viewer.filters import METHOD_NAMES
from viewer.measures import Measure
from viewer.published import published_path

MODELS: list[Mapping[str, Any]] = [
    {"model": "raw.payouts", "layer": "raw", "description": "One row per payout."},
    {"model": "raw.orders", "layer": "raw", "description": "Orders."},
    {
        "model": "stg_payouts",
        "layer": "staging",
        "parents": "raw.payouts",
        "compiled_sql": "select * from payouts_as_text",
    },
    {"model": "core_spend", "layer": "core", "parents": "stg_payouts, raw.orders", "rows": 1234567},
    {
        "model": "fct_influencer_days",
        "layer": "marts",
        "description": "What each influencer did. Grain: one row per day.",
        "formula": "spend = spend_fixed + spend_product\nrefunds = a = b",
        "parents": "core_spend",
        "compiled_sql": "select spend from core_spend",
        "rows": 4,
    },
    {
        "model": "rpt_influencer_performance",
        "layer": "marts",
        "formula": "roas = sum(attributed_revenue) / sum(spend)",
        "parents": "fct_influencer_days, gone",
    },
]


@pytest.fixture
def computed(empty_warehouse: Path) -> Path:
    """The viewer reads the models above."""
    publish(empty_warehouse, {"meta_models": MODELS})
    return empty_warehouse


def codes(app: AppTest) -> list[str]:
    return [str(code.value) for code in app.code]


def diagrams(app: AppTest) -> list[str]:
    return [text.value for text in app.markdown if "flowchart" in text.value]


def pills(app: AppTest) -> dict[str, list[str]]:
    """Models to go to, by what they are to the one that is shown."""
    return {
        group.proto.label: [option.content for option in group.proto.options]
        for group in app.get("button_group")
        if str(group.key).startswith("go_")
    }


# --- Lineage -----------------------------------------------------------------------------------


def model(*parents: str, layer: str = "core") -> Model:
    return Model(layer, "", {}, parents, None)


DIAMOND = {
    "end": model("left", "right"),
    "left": model("start"),
    "right": model("left", "start"),
    "start": model(layer="raw"),
    "other": model(),
}


def test_everything_upstream_at_its_nearest() -> None:
    assert lineage.upstream(DIAMOND, "end") == {"left": 1, "right": 1, "start": 2}
    assert lineage.upstream(DIAMOND, "start") == {}
    assert lineage.downstream(DIAMOND, "start") == ["left", "right"]
    assert lineage.raw_tables(DIAMOND, "end") == ["start"]
    assert lineage.by_layer(DIAMOND, lineage.upstream(DIAMOND, "end")) == {
        "core": ["left", "right"],
        "raw": ["start"],
    }


def test_a_circle_and_a_missing_parent_come_to_an_end() -> None:
    assert lineage.upstream({"a": model("b"), "b": model("a", "gone")}, "a") == {"b": 1, "gone": 2}


def test_the_diagram_has_every_edge() -> None:
    drawn = lineage.diagram(DIAMOND, "end")
    numbers = {"end": "m0", "left": "m1", "right": "m2", "start": "m3"}
    edges = {line.strip() for line in drawn.mermaid.splitlines() if "-->" in line}
    assert edges == {
        f"{numbers[parent]} --> {numbers[child]}"
        for child in numbers
        for parent in DIAMOND[child].parents
    }
    assert drawn.is_whole and drawn.steps == 2
    assert drawn.alt == "end reads left, right."


def test_a_diagram_of_one_step_is_a_star() -> None:
    drawn = lineage.diagram(DIAMOND, "end", most_steps=1)
    assert drawn.mermaid.count("-->") == 2
    assert not drawn.is_whole


def test_a_diagram_stays_small() -> None:
    wide = {"end": model("a", "b"), "a": model(*(f"a{number}" for number in range(30)))}
    drawn = lineage.diagram(wide, "end", most_drawn=24)
    assert drawn.steps == 1
    assert drawn.mermaid.count("-->") == 2


def test_nothing_upstream_is_no_diagram() -> None:
    assert lineage.diagram(DIAMOND, "start").mermaid == ""


def test_names_cannot_break_out_of_the_diagram() -> None:
    drawn = lineage.diagram({'a"]': model("b#c")}, 'a"]')
    assert '["a#quot;]"]' in drawn.mermaid
    assert '["b#35;c"]' in drawn.mermaid


def test_long_names_are_broken_at_an_underscore() -> None:
    drawn = lineage.diagram({"end": model("rpt_influencer_performance")}, "end")
    assert '["rpt_influencer_<br/>performance"]' in drawn.mermaid


# --- The page by hand --------------------------------------------------------------------------


def test_a_model_by_hand(computed: Path) -> None:
    app = open_page("computed", model="fct_influencer_days")
    assert not app.exception and not app.error
    assert app.header[0].value == r"fct\_influencer\_days"
    told = texts(app)
    assert "What each influencer did." in told
    assert "One row per day" in told
    assert "4 rows" in told
    assert codes(app) == [
        "spend = spend_fixed + spend_product\nrefunds = a = b",
        "select spend from core_spend",
    ]
    assert "Shown 2 steps upstream" in told
    assert "Raw tables: orders, payouts." in told
    [diagram] = diagrams(app)
    assert sorted(line.strip() for line in diagram.splitlines() if "-->" in line) == [
        "m1 --> m0",
        "m2 --> m1",
        "m3 --> m1",
    ]
    assert pills(app) == {
        "Reads": ["core_spend"],
        "Is read by": ["rpt_influencer_performance"],
        "Core: influencers, campaigns, posts, orders, payouts": ["core_spend"],
        "Staging: types, duplicates, rejects": ["stg_payouts"],
        "Raw exports": ["raw.orders", "raw.payouts"],
    }


@pytest.mark.parametrize(
    ("model", "column", "formula"),
    [
        ("fct_influencer_days", "spend", "spend = spend_fixed + spend_product"),
        (
            "rpt_influencer_performance",
            "roas",
            "roas = sum(attributed_revenue) / sum(spend)",
        ),
        # Not computed here, but in what it reads.
        ("rpt_influencer_performance", "spend", "spend = spend_fixed + spend_product"),
        # Computed nowhere: all that the model computes.
        ("rpt_influencer_performance", "posts", "roas = sum(attributed_revenue) / sum(spend)"),
    ],
)
def test_the_formula_of_a_column(model: str, column: str, formula: str, computed: Path) -> None:
    app = open_page("computed", model=model, column=column)
    assert codes(app)[0] == formula
    taken = [words for words in ("and selected by", "is selected unchanged") if words in texts(app)]
    assert taken == (
        []
        if column == "roas" or model == "fct_influencer_days"
        else ["and selected by" if column == "spend" else "is selected unchanged"]
    )


def test_columns_with_their_comments(computed: Path) -> None:
    table = open_page("computed", model="fct_influencer_days", column="spend").table[0].value
    assert [name.strip("*").replace("\\", "") for name in table["Column"]] == list(
        contract()["fct_influencer_days"]
    )
    spend = table.iloc[list(contract()["fct_influencer_days"]).index("spend")]
    assert spend["Column"] == "**spend**"
    assert spend["Type"] == "decimal(18,2)"
    assert spend["Meaning"].replace("\\", "") == (
        "Rupees earned by the influencer. *Formula:* spend_fixed + spend_product"
    )


def test_raw_tables_are_where_it_begins(computed: Path) -> None:
    app = open_page("computed", model="raw.payouts")
    told = texts(app)
    assert "A source: it reads no other model" in told
    assert "No SQL: it is loaded from a file" in told
    assert pills(app) == {"Is read by": ["stg_payouts"]}
    assert len(app.table) == 1  # the settings; columns are known of what is published only
    assert not diagrams(app)


def test_going_to_a_parent(computed: Path) -> None:
    app = open_page("computed", model="fct_influencer_days", column="spend")
    assert app.selectbox(key="figure").value == "Spend"
    [reads] = [group for group in app.button_group if group.label == "Reads"]
    reads.set_value("core_spend").run()
    assert not app.exception
    assert app.header[0].value == r"core\_spend"
    assert app.selectbox(key="model").value == "core_spend"
    assert app.selectbox(key="column").value is None
    assert app.selectbox(key="figure").value is None
    assert "12,34,567 rows" in texts(app)


def test_a_figure_leads_to_its_column(computed: Path) -> None:
    app = open_page("computed")
    app.selectbox(key="figure").set_value("ROAS").run()
    assert app.selectbox(key="model").value == "rpt_influencer_performance"
    assert app.selectbox(key="column").value == "roas"
    assert codes(app)[0] == "roas = sum(attributed_revenue) / sum(spend)"
    app.selectbox(key="model").set_value("fct_influencer_days").run()
    assert app.selectbox(key="figure").value is None
    assert app.selectbox(key="column").value is None


def test_rubbish_in_the_url(computed: Path) -> None:
    app = open_page("computed", model="<b>", column="[x](y)", part="none")
    assert not app.exception
    assert app.header[0].value == r"fct\_influencer\_days"


def test_a_file_that_does_not_tell(tiny_warehouse: Path) -> None:
    app = open_page("computed")
    assert not app.exception
    assert "does not contain formulas and SQL" in app.info[0].value


def test_settings_in_force(computed: Path) -> None:
    setting = {"setting": "ci_level", "value": "0.85", "description": "Level of *intervals*."}
    rows = [setting] + [
        {"setting": name, "value": value, "description": ""}
        for name, value in SETTINGS.items()
        if name != "ci_level"
    ]
    publish(computed, {"meta_models": MODELS, "meta_settings": rows})
    settings = open_page("computed", part="Settings in force").table[-1].value
    [row] = settings[settings["Setting"] == r"ci\_level"].to_dict("records")
    assert row["Value"] == "0.85"
    assert row["Meaning"].replace("\\", "") == "Level of *intervals*."


def test_every_method_is_told_and_leads_to_experiments(computed: Path) -> None:
    app = open_page("computed", part="Methods")
    links = [link.proto for link in app.get("page_link")]
    methods = {name: label for name, label in METHOD_NAMES.items() if name != "default"}
    assert len(methods) == 11
    assert [link.label.strip("*") for link in links] == list(methods.values())
    assert all("method=" in link.query_string for link in links)
    told = texts(app).replace("\\", "")
    assert all(f"Method {name}" in told for name in methods)


# --- The panel ---------------------------------------------------------------------------------


def panel(app: AppTest, label: str) -> AppTest:
    """The page after the button of a figure was pressed."""
    [button] = [button for button in app.button if button.label == f"How {label} is computed"]
    return button.click().run()


def test_the_panel_by_hand(computed: Path) -> None:
    app = open_page()
    before = codes(app)
    panel(app, "Spend")
    assert not app.exception
    assert codes(app) == [
        *before,
        "spend = spend_fixed + spend_product",
        "select spend from core_spend",
    ]
    told = texts(app)
    assert "Rupees earned by the influencer." in told
    assert "Shown one step upstream. Raw tables: orders, payouts." in told
    [link] = [link.proto for link in app.get("page_link") if "Details" in link.proto.label]
    assert link.query_string == "model=fct_influencer_days&column=spend"


def test_the_panel_of_payouts_tells_the_rule(computed: Path) -> None:
    payouts = {
        "model": "rpt_influencer_payouts",
        "layer": "marts",
        "formula": "overdue = sum(amount) where payment_status = 'overdue'",
    }
    publish(computed, {"meta_models": [*MODELS, payouts]})
    app = panel(open_page("payouts"), "Overdue")
    assert codes(app)[0] == payouts["formula"]


def test_the_panel_of_a_file_that_does_not_tell(tiny_warehouse: Path) -> None:
    app = panel(open_page(), "ROAS")
    assert not app.exception
    assert "does not contain formulas and SQL" in app.info[0].value


def test_one_measure_can_stand_twice_on_a_page(computed: Path) -> None:
    def page() -> None:
        from viewer import measures
        from viewer.views import explanation

        explanation.button(measures.SPEND)
        explanation.button(measures.SPEND, key="again")
        explanation.button(measures.OVERDUE)
        explanation.button(measures.DUE)

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert len({button.key for button in app.button}) == 4


# --- The default world -------------------------------------------------------------------------


def published(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(published_path()), read_only=True) as connection:
        return connection.execute(sql, parameters).fetchall()


@pytest.mark.parametrize("model", ["fct_influencer_days", "rpt_data_health", "meta_models"])
def test_lineage_of_the_default_world(model: str, simulated_warehouse: Path) -> None:
    rows = published(
        """
        with recursive edges as (
            select model as child, unnest(string_split(parents, ', ')) as parent
            from marts.meta_models
        ),

        walk as (
            select parent, 1 as step from edges where child = ?
            union
            select edges.parent, walk.step + 1
            from walk
            inner join edges on walk.parent = edges.child
        )

        select parent, min(step) from walk group by parent
        """,
        model,
    )
    assert lineage.upstream(data.models(), model) == dict(rows)
    # Nothing that is published comes from nowhere.
    [(unknown,)] = published(
        """
        select count(*)
        from (select unnest(string_split(parents, ', ')) as parent from marts.meta_models)
        where parent not in (select model from marts.meta_models)
        """
    )
    assert unknown == 0


def test_every_figure_is_named_and_explained_in_the_default_world(
    simulated_warehouse: Path,
) -> None:
    figures = [figure for figure in vars(measures).values() if isinstance(figure, Measure)]
    known = {
        (mart, column): (label, description)
        for mart, column, label, description in published(
            "select mart, column_name, label, description from marts.meta_columns"
        )
    }
    assert len(figures) > 20
    assert {figure.explained_by for figure in figures} <= known.keys()
    assert all(figure.label == known[figure.mart, figure.column][0] for figure in figures)
    assert len({figure.label for figure in figures}) == len(figures)


@pytest.mark.parametrize(
    ("model", "column"),
    [("rpt_influencer_performance", "iroas"), ("fct_payout_lines", "difference")],
)
def test_the_page_shows_the_default_world(
    model: str, column: str, simulated_warehouse: Path
) -> None:
    [(formula, sql, rows)] = published(
        "select formula, compiled_sql, rows from marts.meta_models where model = ?", model
    )
    [line] = [line for line in formula.splitlines() if line.startswith(f"{column} = ")]
    app = open_page("computed", model=model, column=column)
    assert not app.exception
    assert codes(app) == [line, sql]
    assert f" {rows} rows" in texts(app).replace(",", "")
    assert len(diagrams(app)) == 1
    settings = {
        row["Setting"].replace("\\", ""): row["Value"].replace("\\", "")
        for row in app.table[-1].value.to_dict("records")
    }
    assert settings == dict(published("select setting, value from marts.meta_settings"))
