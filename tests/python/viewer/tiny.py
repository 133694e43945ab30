"""A tiny published file, counted by hand: the tables of the contract with the rows of a test.

Spend is 400 in all: Asha 100 for A, Ravi's link-like name 250 for B and 50 for no brand; Meena is
not paid. Asha's campaign brought 300 rupees that would not have come otherwise.
"""

import atexit
import csv
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import jinja2
from jinja2.runtime import Macro

from tests.python.support import PROJECT, marts_in_yaml, shown_columns

FORMULA_NAME = '=HYPERLINK("http://x.example")'
MARKDOWN_NAME = "Meena *bold* <b>"
SETTINGS = {
    "pretest_days": "56",
    "ci_level": "0.9",
    "break_even": "margin",
    "min_cost_known_share": "0.9",
    "none_member": "(none)",
    # Ten days hold little of what their spend brings, and yet they are judged.
    "max_other_period_share": "1",
    "currency": "INR",
    "stale_after_days": "7",
    "fiscal_year_start_month": "4",
    "return_window_days": "30",
    "attribution_window_days": "30",
    "built_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
}

# What tests look for; the published file describes every table and column.
COMMENT = "comment on table fct_influencer_days is 'What each influencer did.'"
DESCRIPTIONS = {
    ("fct_influencer_days", "spend"): "Rupees earned by the influencer.",
    ("rpt_influencer_performance", "roas"): "Revenue per rupee.",
}

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def _reasons() -> list[dict[str, str]]:
    """The rows of dim_reasons, read from the seed."""
    with (PROJECT / "seeds" / "reference" / "reasons.csv").open(encoding="utf-8") as lines:
        return [{"reason_code": row.pop("code"), **row} for row in csv.DictReader(lines)]


ROWS: Rows = {
    "dim_brands": [
        {"brand": "(none)", "revenue": 0},
        {"brand": "A", "revenue": 1150},
        {"brand": "B", "revenue": 550},
    ],
    "dim_campaigns": [
        {"campaign_id": "(none)", "campaign_name": "(none)", "brand": "(none)"},
        {"campaign_id": "c1", "campaign_name": "Summer", "brand": "A"},
        {"campaign_id": "c2", "campaign_name": "Summer", "brand": "B"},
        {"campaign_id": "c3", "campaign_name": "Winter", "brand": "B"},
    ],
    "dim_influencers": [
        {
            "influencer_id": "i1",
            "influencer_name": "Asha",
            "platform": "YouTube",
            "category": "Fitness",
            "gender": "Female",
            "language": "Hindi",
            "tier": "Macro",
            "follower_count": 600_000,
            "persona": "Macro-Fitness",
        },
        {
            "influencer_id": "i2",
            "influencer_name": FORMULA_NAME,
            "platform": "Instagram",
            "category": "Food",
            "gender": "Male",
            "language": "Tamil",
            "tier": "Nano",
            "follower_count": 5_000,
            "persona": "Nano-Food",
        },
        {
            "influencer_id": "i3",
            "influencer_name": MARKDOWN_NAME,
            "platform": "Instagram",
            "category": "Food",
            "gender": "Female",
            "language": "Tamil",
            "tier": "Nano",
            "follower_count": 9_000,
            "persona": "Nano-Food",
        },
    ],
    "fct_influencer_days": [
        {
            "date_day": "2025-01-01",
            "influencer_id": "i1",
            "campaign_id": "c1",
            "brand": "A",
            "orders": 5,
            "attributed_revenue": 500,
            "spend": 100,
            "incremental_revenue": 300,
            "incremental_se_shared": 30,
            "incremental_se_campaign": 40,
            "incremental_se_influencer": 120,
        },
        {
            "date_day": "2025-01-02",
            "influencer_id": "i2",
            "campaign_id": "c3",
            "brand": "B",
            "orders": 2,
            "attributed_revenue": 150,
            "spend": 250,
        },
        {
            "date_day": "2025-01-02",
            "influencer_id": "i2",
            "campaign_id": "(none)",
            "brand": "(none)",
            "orders": 0,
            "attributed_revenue": 0,
            "spend": 50,
        },
        {
            "date_day": "2025-01-10",
            "influencer_id": "i3",
            "campaign_id": "c1",
            "brand": "A",
            "orders": 1,
            "attributed_revenue": 50,
            "spend": 0,
        },
    ],
    "fct_revenue_days": [
        {"date_day": "2025-01-01", "brand": "A", "channel": "organic", "revenue": 600},
        {"date_day": "2025-01-02", "brand": "B", "channel": "direct", "revenue": 400},
        {"date_day": "2025-01-01", "brand": "A", "channel": "influencer", "revenue": 500},
        {"date_day": "2025-01-02", "brand": "B", "channel": "influencer", "revenue": 150},
        {"date_day": "2025-01-10", "brand": "A", "channel": "influencer", "revenue": 50},
    ],
    "fct_payout_lines": [
        {
            "payout_line_id": f"p{number}",
            "influencer_id": influencer,
            "campaign_id": campaign,
            "event_date": event_date,
            "status": status,
            "amount": amount,
        }
        for number, (influencer, campaign, event_date, status, amount) in enumerate(
            [
                ("i1", "c1", "2025-01-01", "+paid", 100.5),
                ("i2", "c3", None, "-due", -5),
                ("i2", "c3", "2025-01-09", "@accrued", 200),
                ("i2", "c3", "2025-01-09", "\tx", 0),
                ("i2", "c3", "2025-01-09", "\rx", 0),
                ("i2", "c3", "2025-01-09", 'a=b, "c"', 0),
            ],
            start=1,
        )
    ],
    "meta_columns": [
        column | {"description": DESCRIPTIONS.get((column["mart"], column["column_name"]), "")}
        for column in shown_columns()
    ],
    "meta_settings": [
        {"setting": setting, "value": value, "description": ""}
        for setting, value in SETTINGS.items()
    ],
    "dim_reasons": _reasons(),
}
# Of hundreds of rows each.
IN_TEMPLATE = ("meta_columns", "dim_reasons")
# What rows have unless they say otherwise.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "dim_campaigns": {"has_experiment": False, "factor_basis": "no factor"},
    "fct_incremental_roas": {"break_even_basis": "revenue"},
    "fct_payout_lines": {"payment_status": "no due date", "is_unpaid": True},
}


def publish(folder: Path, rows: Rows | None = None) -> Path:
    """Publish the tiny marts in a folder, swapped in as a build does.

    Args:
        folder: Warehouse.
        rows: Rows by mart that replace those of ROWS.
    """
    new, published = folder / "helios.duckdb.new", folder / "helios.duckdb"
    shutil.copyfile(_template(), new)
    with duckdb.connect(str(new)) as connection:
        connection.execute("use marts")
        for mart, mart_rows in (dict(ROWS) | dict(rows or {})).items():
            if mart in IN_TEMPLATE:
                if mart_rows == ROWS[mart]:
                    continue
                connection.execute(f"delete from {mart}")
            for row in mart_rows:
                _insert(connection, mart, row)
    os.replace(new, published)
    return published


@cache
def _template() -> Path:
    """A file with all tables and functions, and the rows that hardly a test changes."""
    file = Path(tempfile.mkdtemp(prefix="helios-tiny-")) / "template.duckdb"
    atexit.register(shutil.rmtree, file.parent)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"create schema marts; use marts; {functions()}")
        for mart, columns in contract().items():
            types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            connection.execute(f"create table {mart} ({types})")
        connection.execute(
            """
            insert into dim_dates (date_day, week, month, quarter, fiscal_year)
            select day, date_trunc('week', day), date_trunc('month', day), date '2025-01-01', '2025'
            from generate_series(date '2025-01-01', date '2025-01-31', interval 1 day) as t(day)
            """
        )
        for mart in IN_TEMPLATE:
            for row in ROWS[mart]:
                _insert(connection, mart, row)
        connection.execute(COMMENT)
    return file


def publish_copy(file: Path, folder: Path) -> Path:
    """Publish a copy of a file in a folder, swapped in as a build does."""
    new, published = folder / "helios.duckdb.new", folder / "helios.duckdb"
    shutil.copyfile(file, new)
    os.replace(new, published)
    return published


@cache
def functions() -> str:
    """SQL that makes the functions of the published file, from their macros."""
    files = [
        file
        for folder in ("functions", "metrics", "estimators", "reasons")
        for file in sorted((PROJECT / "macros" / folder).glob("*.sql"))
    ]
    files.append(PROJECT / "macros" / "intake" / "sql_text.sql")
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    environment.globals |= {"return": _return, "var": SETTINGS.__getitem__}
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    with patch.object(Macro, "_invoke", _invoked):
        made: list[str] = environment.from_string(source).module.functions()  # type: ignore[attr-defined]
    return ";".join(made)


class _Returned(Exception):  # noqa: N818 (as in dbt, it is no error)
    """What `return` of dbt gives back from the middle of a macro."""


def _return(value: object) -> None:
    raise _Returned(value)


_invoke: Any = Macro._invoke


def _invoked(macro: Macro, arguments: list[Any], autoescape: bool) -> Any:
    try:
        return _invoke(macro, arguments, autoescape)
    except _Returned as returned:
        return returned.args[0]


@cache
def contract() -> dict[str, dict[str, str]]:
    """Types of the columns of every published mart, as its contract has them."""
    return {
        mart: {name: column["data_type"] for name, column in columns.items()}
        for mart, columns in marts_in_yaml().items()
    }


def _insert(connection: duckdb.DuckDBPyConnection, mart: str, row: Mapping[str, Any]) -> None:
    """Insert a row; of what it leaves out, counts and booked money are zero, the rest is null."""
    zeros = {
        name: 0
        for name, kind in contract()[mart].items()
        if mart == "fct_influencer_days" and (kind == "bigint" or kind.startswith("decimal"))
    }
    whole = zeros | dict(DEFAULTS.get(mart, {})) | dict(row)
    names = ", ".join(f'"{name}"' for name in whole)
    marks = ", ".join("?" for _ in whole)
    connection.execute(f"insert into {mart} ({names}) values ({marks})", list(whole.values()))
