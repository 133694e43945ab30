"""The worked example: its commands run, and its figures come out."""

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest

from intake.check import CheckResult, check
from intake.check_report import report
from tests.python.support import PROJECT, simulate

PAGE = (PROJECT / "docs" / "worked-example.md").read_text(encoding="utf-8")
WORLD = ("--world", "tiny", "--seed", "7")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    out = tmp_path_factory.mktemp("example") / "exports"
    return check(simulate(out, *WORLD, "--as", "shopify,goaffpro,meta"), PROJECT)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same world in Helios' own tables."""
    return simulate(tmp_path_factory.mktemp("own") / "exports", *WORLD)


def plain(line: str) -> str:
    return " ".join(line.split())


def stated(figure: str) -> Decimal:
    """A figure of the page's table."""
    [text] = re.findall(rf"^\| {figure} \| ₹?([\d,.]+)", PAGE, re.MULTILINE)
    return Decimal(text.replace(",", ""))


def test_commands_are_those_that_ran() -> None:
    assert f"python -m simulate {' '.join(WORLD)} --as shopify,goaffpro,meta" in PAGE
    assert "python -m intake check" in PAGE


@pytest.mark.build
def test_check_says_what_the_page_shows(result: CheckResult) -> None:
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    said = {plain(line) for line in report(result).splitlines()}
    lines = [plain(line) for line in shown.splitlines() if line.strip("- ")]
    assert len(lines) > 8
    assert [line for line in lines if line not in said] == []


@pytest.mark.build
def test_files_have_as_many_rows_as_the_page_says(result: CheckResult) -> None:
    rows = {file.file: file.tally.rows_read for file in result.files}
    assert f"| `shopify/orders_export_1.csv` | {rows['shopify/orders_export_1.csv']:,} " in PAGE
    assert f"| `goaffpro/sales_report.csv` | {rows['goaffpro/sales_report.csv']} " in PAGE
    assert f"| {rows['posts.csv']} posts on other platforms; {rows['payouts.csv']} payouts" in PAGE


def test_overview_is_that_of_the_world(own: Path) -> None:
    with (own / "tracking_data.csv").open(encoding="utf-8", newline="") as lines:
        orders = list(csv.DictReader(lines))
    paid = {row["transaction_id"]: Decimal(0) for row in orders}
    discounts = sum(Decimal(row["discount"] or 0) for row in orders)
    revenue = sum(Decimal(row["revenue"]) for row in orders)
    back = sum(
        Decimal(row["revenue"]) for row in orders if row["status"] in ("returned", "refused")
    )
    assert stated("orders, all channels") == len(paid)
    assert stated("gross revenue") == revenue + discounts
    assert stated("less discounts") == discounts
    assert stated("less refunds") == back
    assert stated("revenue") == revenue - back
