"""What columns are called and how they are written: as the published file says, on every page."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.python.support import PROJECT, marts_in_yaml
from tests.python.viewer.pages import open_page, tiles
from tests.python.viewer.tiny import ROWS, publish
from viewer import columns, measures
from viewer.columns import Column
from viewer.measures import Measure

JANUARY = ["2025-01-01", "2025-01-10"]


def changed(mart: str, name: str, **changes: Any) -> dict[str, Any]:
    """The rows of meta_columns, one of them changed."""
    return {
        "meta_columns": [
            dict(row) | (changes if (row["mart"], row["column_name"]) == (mart, name) else {})
            for row in ROWS["meta_columns"]
        ]
    }


def test_a_column_by_hand(tiny_warehouse: Path) -> None:
    assert columns.about("rpt_influencer_performance", "cpo") == Column(
        "Cost per order", "currency", "#,##0.00", "lower", 10, 13, ""
    )
    assert columns.meaning("fct_influencer_days", "spend") == "Rupees earned by the influencer."
    assert columns.about("rpt_influencer_performance", "no such column") is None
    assert columns.of_mart("no such mart") == {}
    assert columns.meaning("no such mart", "spend") == ""


def test_label_and_unit_of_a_tile_are_those_of_the_file(empty_warehouse: Path) -> None:
    publish(empty_warehouse, changed("rpt_influencer_performance", "roas", label="Return"))
    assert tiles(open_page())["Return"] == "1.75x"  # 700 of attributed revenue for 400
    publish(
        empty_warehouse,
        changed("rpt_influencer_performance", "roas", label="Return", unit="percent"),
    )
    assert tiles(open_page())["Return"] == "175.0 %"


@pytest.mark.parametrize(
    ("direction", "colour"), [("higher", "GREEN"), ("lower", "RED"), ("neither", "GRAY")]
)
def test_which_way_is_good_is_that_of_the_file(
    direction: str, colour: str, empty_warehouse: Path
) -> None:
    """Spend rises from 100 on the 1st to 300 on the 2nd."""
    publish(empty_warehouse, changed("fct_influencer_days", "spend", direction=direction))
    app = open_page(dates=["2025-01-02", "2025-01-02"], compare="Period")
    [spend] = [metric.proto for metric in app.metric if metric.label == "Spend"]
    assert spend.delta == "+200.0 %"
    assert spend.MetricColor.Name(spend.color) == colour


def test_a_table_is_headed_by_the_labels_of_the_file(empty_warehouse: Path) -> None:
    publish(empty_warehouse, changed("fct_payout_lines", "paid_date", label="Day of payment"))
    tables = open_page("payouts").dataframe
    [ledger] = [table for table in tables if "days_overdue" in table.value]
    assert "Day of payment" in ledger.proto.columns and "Paid on" not in ledger.proto.columns


def test_every_unit_is_written(tiny_warehouse: Path) -> None:
    values: dict[str, Any] = {
        **{"currency": 1234.5, "ratio": 1.5, "percent": 0.25, "count": 1234, "days": 12},
        **{"number": 12.50, "date": date(2025, 1, 2), "boolean": True, "text": "as it is"},
    }
    written = {unit: write(values[unit]) for unit, write in columns.WRITERS.items()}
    assert written == {
        **{"currency": "₹1,235", "ratio": "1.50x", "percent": "25.0 %", "count": "1,234"},
        **{"days": "12", "number": "12.5", "date": "2 Jan 2025", "boolean": "Yes"},
        "text": "as it is",
    }
    declared = {
        column["config"]["meta"]["unit"]
        for mart in marts_in_yaml().values()
        for column in mart.values()
        if "unit" in column.get("config", {}).get("meta", {})
    }
    assert declared <= columns.WRITERS.keys()


def test_a_figure_that_only_pages_make_needs_no_file(empty_warehouse: Path) -> None:
    share = measures.made_here("share", "Share", "percent")
    assert (share.label, share.write(0.5), share.better) == ("Share", "50.0 %", "neither")
    assert share.tooltip() is None


def test_a_method_keeps_the_unit_of_the_figure(tiny_warehouse: Path) -> None:
    for method, label in (("attributed", "as attributed"), ("organic_projection", "legacy")):
        shown = measures.by_method(measures.INCREMENTAL_ROAS, method)
        assert shown.label == f"Incremental ROAS ({label})"
        assert shown.write(1.5) == "1.50x"
        assert shown.better == "higher"
    assert shown.explained_by == ("rpt_influencer_performance", "organic_projection_iroas")
    assert measures.by_method(measures.INCREMENTAL_ROAS, "default") is measures.INCREMENTAL_ROAS


def test_every_column_that_the_viewer_names_is_published() -> None:
    named = [place for file in (PROJECT / "viewer").rglob("*.py") for place in columns_of(file)]
    named += [
        figure.explained_by for figure in vars(measures).values() if isinstance(figure, Measure)
    ]
    assert len(named) > 120
    marts = marts_in_yaml()
    assert [(mart, name) for mart, name in named if name not in marts[mart]] == []


def columns_of(file: Path) -> Iterator[tuple[str, str]]:
    """Mart and column of every call of of_mart() and Measure() that names them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {name: value for name, value in vars(measures).items() if isinstance(value, str)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names[ast.unparse(node.targets[0])] = str(node.value.value)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        function = ast.unparse(call.func).rpartition(".")[2]
        words = [
            names.get(word.rpartition(".")[2], word.strip("\"'"))
            for argument in call.args
            for word in ast.unparse(argument).strip("*()").split(", ")
        ]
        if function == "of_mart" and words[0] in marts_in_yaml():
            yield from ((words[0], word.strip(",'\"")) for word in words[1:])
        if function == "Measure" and len(words) > 1 and words[1] in marts_in_yaml():
            yield words[1], words[0]
