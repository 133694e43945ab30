"""`python -m intake check` and templates: one real look at a folder, the rest piece by piece."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from intake.__main__ import main
from intake.check import check, floor_problems, link_files, nearest_column, problem_file
from intake.check_report import columns, report
from intake.check_result import (
    CheckResult,
    FileCheck,
    HeaderCheck,
    NotFoundCheck,
    TableCheck,
    Tally,
)
from intake.contract import load_contract
from intake.dbt_build import stop_lines, stops_of_build
from intake.exports import look
from tests.python.support import PROJECT

CONTRACT = load_contract(PROJECT)
INFLUENCERS = "influencer_id,name,platform,coupon_codes\nA,Asha,Instagram,ASHA10\nB,Ravi,YouTube,\n"
# Accepted, its copy, a code of nobody, no date, too many cells, renewed in the next file.
APRIL = """transaction_id,source,coupon_code,date,orders,revenue,Colour
1,google,ASHA10,2025-04-01,1,100.50,red
1,google,ASHA10,2025-04-01,1,100.50,red
2,google,RAVI20,2025-04-02,1,70,red
3,google,,,1,11,red
4,google,,2025-04-04,1,5,red,too,many
5,google,,2025-04-05,1,30,red
"""
MAY = "transaction_id,source,coupon_code,date,orders,revenue\n5,google,,2025-04-05,1,25\n"
BAD_POSTS = "post_id,influencer_id\nP,A\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw = tmp_path_factory.mktemp("exports")
    texts = {
        "influencers.csv": INFLUENCERS,
        "tracking_data/2025-04.csv": APRIL,
        "tracking_data/2025-05.csv": MAY,
        "posts.csv": BAD_POSTS,
        "notes.docx": "Ask Ravi for his code",
    }
    for file, text in texts.items():
        (raw / file).parent.mkdir(exist_ok=True)
        (raw / file).write_text(text, encoding="utf-8")
    return raw


@pytest.fixture(scope="module")
def steps() -> list[str]:
    return []


@pytest.fixture(scope="module")
def result(folder: Path, steps: list[str]) -> CheckResult:
    return check(folder, PROJECT, steps.append)


def by_file(result: CheckResult) -> dict[str, FileCheck]:
    return {file.file: file for file in result.files}


@pytest.mark.build
def test_rows_and_money_of_each_file_by_what_becomes_of_them(result: CheckResult) -> None:
    april = by_file(result)["tracking_data/2025-04.csv"].tally
    assert april.rows == {
        "accepted": 2,
        "duplicate": 1,
        "rejected": 1,
        "superseded": 1,
        "unreadable": 1,
    }
    assert april.rows_read == APRIL.count("\n") - 1
    money = [Decimal(row["revenue"]) for row in csv.DictReader(APRIL.splitlines())]
    assert april.amount_read == sum(money) - 5  # that of the unreadable row is not known
    assert april.amounts["accepted"] == Decimal("170.50")
    assert april.amounts["superseded"] == 30
    assert by_file(result)["tracking_data/2025-05.csv"].tally.rows == {"accepted": 1}


@pytest.mark.build
def test_tables_are_the_sum_of_their_files(result: CheckResult) -> None:
    tables = {table.raw_table: table for table in result.tables}
    assert set(tables) == {"influencers", "tracking_data"}
    assert tables["tracking_data"].files == 2
    assert tables["tracking_data"].tally.rows["accepted"] == 3
    assert tables["tracking_data"].tally.amounts["accepted"] == Decimal("195.50")


@pytest.mark.build
def test_a_problem_does_not_hide_the_others(result: CheckResult) -> None:
    [problem] = result.problems
    assert problem.startswith("posts.csv: the required column date is missing.")
    assert result.left_out == ("posts.csv",)
    assert by_file(result)["posts.csv"].note == problem
    [not_read, bad] = sorted(file.file for file in result.not_read)
    assert (not_read, bad) == ("notes.docx", "posts.csv")
    assert not result.is_good


@pytest.mark.build
def test_reasons_name_file_record_column_and_remedy(result: CheckResult) -> None:
    [rejected] = [reason for reason in result.reasons if reason.row_status == "rejected"]
    assert (rejected.file, rejected.record_number) == ("tracking_data/2025-04.csv", 4)
    assert (rejected.code, rejected.column, rejected.rows) == ("empty", "date", 1)
    assert rejected.amount == 11
    assert rejected.remedy
    statuses = [reason.row_status for reason in result.reasons]
    assert set(statuses) == {"rejected", "unreadable", "duplicate", "superseded"}
    assert set(statuses[:2]) == {"rejected", "unreadable"}


@pytest.mark.build
def test_values_found_nowhere_are_listed_with_their_money(result: CheckResult) -> None:
    [code] = [value for value in result.not_found if value.field == "coupon_code"]
    assert (code.value, code.rows, code.amount) == ("RAVI20", 1, Decimal(70))
    assert result.not_found_shares["coupon_code", "tracking_data"] == Decimal(70) / Decimal("337")


@pytest.mark.build
def test_headers_are_matched_or_not(result: CheckResult) -> None:
    headers = {
        header.header: header for header in by_file(result)["tracking_data/2025-04.csv"].headers
    }
    assert headers["revenue"].column == "revenue"
    assert headers["Colour"].column is None


@pytest.mark.build
def test_report_says_it_all(result: CheckResult) -> None:
    text = report(result)
    for part in (
        "posts.csv: the required column",
        "notes.docx: ",
        "Colour",
        "RAVI20",
        "date is empty",
    ):
        assert part in text, part
    assert "Figures are without posts.csv." in text
    assert "Traceback" not in text
    assert "revenue" in report(result, verbose=True)


@pytest.mark.build
def test_progress_is_told_in_steps(result: CheckResult, steps: list[str]) -> None:
    assert steps[0] == "Looking at the files"
    assert any(step.startswith("Reading: ") for step in steps)


@pytest.mark.build
def test_nothing_is_left_in_the_folder(folder: Path, result: CheckResult) -> None:
    assert len(list(folder.rglob("*"))) == 6


def test_a_header_that_is_like_a_spelling_is_told() -> None:
    orders = CONTRACT.tables["tracking_data"]
    assert nearest_column("Cuopon Code", orders, CONTRACT, set()) == "coupon_code"
    assert nearest_column("Cuopon Code", orders, CONTRACT, {"coupon_code"}) is None
    assert nearest_column("Favourite colour", orders, CONTRACT, set()) is None


@pytest.mark.parametrize(
    ("problem", "file"),
    [
        ("a.csv: is bad", "a.csv"),
        ("orders/a.csv cannot be opened", "orders/a.csv"),
        ("adapter adapters/mine.yml: 'columns' must name a source", "adapters/mine.yml"),
        ("There is no tracking_data table", None),
    ],
)
def test_file_of_a_problem(problem: str, file: str | None) -> None:
    assert problem_file(problem, ["a.csv", "orders/a.csv", "adapters/mine.yml"]) == file


def test_errors_of_dbt_become_one_line_a_problem(tmp_path: Path) -> None:
    message = (
        "Compilation Error in model stg_column_formats (models/staging/stg_column_formats.sql)\n"
        '  a.csv: the days in column date are written in two ways, as "13/02/2025" (day first).'
        " Split the file. b.csv: numbers are written in two ways. Split the file.\n  \n"
        "  > in macro stop_at_contradictions (macros/staging/stop_at_contradictions.sql)"
    )
    lines = stop_lines(message)
    assert [line.split(":")[0] for line in lines] == ["a.csv", "b.csv"]
    assert not any("macro" in line for line in lines)

    results = tmp_path / "run_results.json"
    ran = [
        {"unique_id": "model.helios.a", "status": "success", "message": "OK"},
        {"unique_id": "model.helios.b", "status": "error", "message": message},
        {"unique_id": "model.helios.c", "status": "skipped", "message": None},
    ]
    results.write_text(json.dumps({"results": ran}), encoding="utf-8")
    assert stops_of_build(results, []) == lines


def test_a_stop_before_any_model_is_read_from_the_output(tmp_path: Path) -> None:
    output = [
        "10:00:00  Concurrency: 2 threads",
        "10:00:01  Encountered an error:",
        "Compilation Error in operation helios-on-run-start-1 (./dbt_project.yml)",
        "  The variable currency is an ISO 4217 code.",
        "  ",
        "  > in macro stop_with_unusable_settings (macros/publish/x.sql)",
    ]
    assert stops_of_build(tmp_path / "none.json", output) == [
        "The variable currency is an ISO 4217 code."
    ]


def test_linked_files_are_the_same_exports(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    (raw / "tracking_data").mkdir(parents=True)
    (raw / "influencers.csv").write_text(INFLUENCERS)
    (raw / "tracking_data" / "a.csv").write_text(APRIL)
    link_files(raw, tmp_path / "linked", ["influencers.csv", "tracking_data/a.csv"])
    exports = look(tmp_path / "linked", tmp_path / "copies", PROJECT)
    assert [facts.file for facts in exports.files] == ["influencers.csv", "tracking_data/a.csv"]
    assert exports.problems == []


def test_good_and_not() -> None:
    file = FileCheck("tracking_data.csv", "tracking_data", None, True, None)
    tally = Tally({"accepted": 10}, {"accepted": Decimal(1000)})
    table = TableCheck("tracking_data", 1, tally)

    def with_unknown(amount: int) -> CheckResult:
        value = NotFoundCheck("brand", "tracking_data", "X", 1, Decimal(amount), None, "none")
        return CheckResult((file,), (table,), not_found=(value,))

    assert with_unknown(20).is_good
    assert not with_unknown(21).is_good
    assert "2.1% of the money of tracking_data has a brand" in report(with_unknown(21))
    assert "Nothing stands against a build." in report(with_unknown(20))


def test_too_few_accepted_rows_are_a_problem() -> None:
    rows = {"accepted": 4, "rejected": 5, "superseded": 50, "duplicate": 50, "unreadable": 0}
    table = TableCheck("posts", 1, Tally(rows))
    [problem] = floor_problems([table], 0.5)
    assert problem.startswith("posts: of 9 rows only 4 would be accepted")
    assert floor_problems([table], 0.4) == []
    assert floor_problems([TableCheck("posts", 1, Tally())], 0.5) == []


def test_headers_of_reports_are_shown_where_asked_only() -> None:
    headers = (HeaderCheck("Billing Name", None, None),)
    file = FileCheck("a.csv", "tracking_data", "shopify_orders", True, None, headers)
    assert "Billing Name" not in report(CheckResult((file,)))
    assert "Billing Name" in report(CheckResult((file,)), verbose=True)


def test_columns_stand_one_under_the_other() -> None:
    assert columns([["a", "n"], ["long", "10"]], {1}) == ["a      n", "long  10"]


def test_templates_hold_headers_only_and_examples_are_read(tmp_path: Path) -> None:
    assert main(["templates", str(tmp_path / "mine")]) == 0
    written = sorted((tmp_path / "mine").iterdir())
    assert [path.stem for path in written] == sorted(CONTRACT.tables)
    for path in written:
        [header] = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        assert header == list(CONTRACT.tables[path.stem].columns)
    examples = (tmp_path / "mine-examples.md").read_text(encoding="utf-8")
    for table in CONTRACT.tables.values():
        for column in table.columns:
            assert f"| `{column}` |" in examples
    exports = look(tmp_path / "mine", tmp_path / "copies", PROJECT)
    assert exports.problems == []
    assert all(facts.is_read for facts in exports.files)


def test_templates_write_nothing_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "posts.csv").write_text("mine")
    with pytest.raises(SystemExit) as leaving:
        main(["templates", str(tmp_path / "mine")])
    assert leaving.value.code == 2
    assert capsys.readouterr().err.startswith("intake: posts.csv is there already")
    assert (tmp_path / "mine" / "posts.csv").read_text() == "mine"


def test_no_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["check", str(tmp_path / "nowhere")])
    assert leaving.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "is no folder" in line
