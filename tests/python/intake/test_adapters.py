"""Adapters: which files they read, what they make of them, and what a mistake in one says."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.adapters import (
    Adapter,
    AdapterError,
    adapter_select,
    amount_sql,
    claim,
    column_of,
    load_adapters,
    nearest,
)
from intake.contract import Contract, header_key, load_contract
from intake.records import Records, read_records
from tests.python.support import PROJECT, REFERENCE

SAMPLES = Path(__file__).parent / "adapters"
NAMES = (
    "amazon_india_orders", "ga4_purchases", "goaffpro_sales", "impact_actions", "meta_content",
    "razorpayx_payouts", "shopify_orders", "woocommerce_orders", "youtube_studio",
)  # fmt: skip
TECHNICAL = ("file", "file_number", "record_number", "row_hash")
Row = dict[str, Any]


@cache
def contract() -> Contract:
    return load_contract(PROJECT)


@cache
def shipped() -> tuple[Adapter, ...]:
    return tuple(load_adapters([PROJECT / "adapters"], contract()))


def adapter_named(name: str) -> Adapter:
    return next(adapter for adapter in shipped() if adapter.name == name)


def records_of(path: Path, copies: Path) -> Records:
    return read_records(path, copies, lambda names: claim(shipped(), names) is not None)


def rows_of(adapter: Adapter, records: Records, file: str = "export.csv") -> list[Row]:
    """What the adapter makes of the records, in their order, empty cells as empty text."""
    columns = list(contract().tables[adapter.table].columns)
    select = adapter_select(adapter, records, file, 3, columns)
    with duckdb.connect() as connection:
        answer = connection.execute(f"select * from ({select}) order by record_number")
        names = [column[0] for column in answer.description]
        assert names == [*TECHNICAL, *columns]
        found = answer.fetchall()
    return [dict(zip(names, ("" if cell is None else cell for cell in row), strict=True))
            for row in found]  # fmt: skip


def written(folder: Path, name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# ------------------------------------------------------------------------------ the shipped ones


def test_these_adapters_are_shipped_and_each_has_a_sample() -> None:
    assert tuple(adapter.name for adapter in shipped()) == NAMES
    assert {folder.name for folder in SAMPLES.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_by_its_adapter_and_no_other(name: str, tmp_path: Path) -> None:
    names = records_of(SAMPLES / name / "export.csv", tmp_path).names
    assert [adapter.name for adapter in shipped() if claim([adapter], names)] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_rows_of_a_sample_are_those_made_by_hand(name: str, tmp_path: Path) -> None:
    records = records_of(SAMPLES / name / "export.csv", tmp_path)
    expected = read_csv(SAMPLES / name / "expected.csv")
    found = rows_of(adapter_named(name), records, f"{name}/export.csv")
    told = [
        {column: cell for column, cell in row.items() if column not in TECHNICAL and cell != ""}
        for row in found
    ]
    assert told == [{column: cell for column, cell in row.items() if cell} for row in expected]
    assert [row["record_number"] for row in found] == list(range(1, len(expected) + 1))
    assert {row["file_number"] for row in found} == {3}
    assert {row["file"] for row in found} == {f"{name}/export.csv"}


@pytest.mark.parametrize("name", NAMES)
def test_order_and_case_of_headers_do_not_matter(name: str, tmp_path: Path) -> None:
    records = records_of(SAMPLES / name / "export.csv", tmp_path)
    turned = Records(
        **{
            **vars(records),
            "names": tuple(f" {text.upper()} " for text in reversed(records.names)),
            "cells": tuple(reversed(records.cells)),
        }
    )
    assert claim(shipped(), turned.names) is adapter_named(name)
    adapter = adapter_named(name)

    def plain(rows: list[Row]) -> list[Row]:
        return [{key: row[key] for key in row if key != "row_hash"} for row in rows]

    assert plain(rows_of(adapter, turned)) == plain(rows_of(adapter, records))


@pytest.mark.parametrize("name", NAMES)
def test_headers_that_the_signature_does_not_name_may_be_missing(name: str, tmp_path: Path) -> None:
    records = records_of(SAMPLES / name / "export.csv", tmp_path)
    adapter = adapter_named(name)
    needed = {header_key(text) for entry in adapter.headers for text in entry}
    kept = [place for place, text in enumerate(records.names) if header_key(text) in needed]
    fewer = Records(
        **{
            **vars(records),
            "names": tuple(records.names[place] for place in kept),
            "cells": tuple(records.cells[place] for place in kept),
        }
    )
    assert claim(shipped(), fewer.names) is adapter
    assert len(rows_of(adapter, fewer)) == len(rows_of(adapter, records))


@pytest.mark.parametrize("name", ["shopify_orders", "woocommerce_orders"])
def test_an_order_s_cells_may_stand_on_every_record(name: str, tmp_path: Path) -> None:
    adapter = adapter_named(name)
    assert adapter.order is not None
    lines = read_csv(SAMPLES / name / "export.csv")
    own = {header_key(text) for text in adapter.of_line}
    first: dict[str, Row] = {}
    filled = []
    for line in lines:
        of_order = first.setdefault(line[adapter.order], line)
        filled.append(
            [line[header] if header_key(header) in own else line[header] or of_order[header]
             for header in line]
        )  # fmt: skip
    path = written(tmp_path, "filled.csv", list(lines[0]), filled)
    one = rows_of(adapter, records_of(SAMPLES / name / "export.csv", tmp_path))
    other = rows_of(adapter, records_of(path, tmp_path))
    for row in (*one, *other):
        del row["row_hash"]
    assert one == other


@pytest.mark.parametrize("name", NAMES)
def test_words_mean_values_of_the_reference_table(name: str) -> None:
    known: dict[str, set[str]] = defaultdict(set)
    for row in read_csv(PROJECT / "seeds" / "reference" / "value_synonyms.csv"):
        known[row["field"]].add(row["value"])
    written_down = yaml.safe_load((PROJECT / "adapters" / f"{name}.yml").read_text())
    for field, words in written_down.get("values", {}).items():
        assert words and set(words.values()) <= known[field]


def test_every_adapter_is_documented() -> None:
    page = (PROJECT / "docs" / "adapters.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in NAMES)


def test_the_worked_example_of_the_page(tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "adapters.md").read_text(encoding="utf-8")
    example = page.split("### A worked example")[1].split("### ")[0]
    _, report, _, adapter_text, table = example.split("```")
    adapter = loaded(tmp_path / "adapters", adapter_text.removeprefix("yaml"), "my_shop")
    path = tmp_path / "orders.csv"
    path.write_text(report.lstrip("\n"), encoding="utf-8")
    records = read_records(path, tmp_path, lambda names: claim([adapter], names) is not None)
    header, _, *lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith("|")
    ]
    expected = [dict(zip(header, line, strict=True)) for line in lines]
    found = rows_of(adapter, records)
    assert len(expected) == 3
    assert [{column: row[column] for column in header} for row in found] == expected


def test_headers_tell_which_column_they_feed() -> None:
    shopify = adapter_named("shopify_orders")
    assert column_of(shopify, "subtotal") == "revenue"
    assert column_of(shopify, "LINEITEM_NAME") == "product"
    assert column_of(shopify, "Cancelled at") == "status"
    assert column_of(shopify, "Currency") == "currency"
    assert column_of(shopify, "Shipping") is None
    assert column_of(adapter_named("meta_content"), "Account username") == "handle"


@pytest.mark.parametrize(
    ("folder", "handle"),
    [
        ("Content 2025-05-01_2025-05-31 Vik Lifts", "Vik Lifts"),
        ("vik.lifts", "vik.lifts"),
        ("Content 2025-05-01_2025-05-31", ""),
    ],
)
def test_a_youtube_export_is_of_the_channel_that_its_folder_names(
    folder: str, handle: str, tmp_path: Path
) -> None:
    records = records_of(SAMPLES / "youtube_studio" / "export.csv", tmp_path)
    rows = rows_of(adapter_named("youtube_studio"), records, f"yt/{folder}/Table data.csv")
    assert [row["handle"] for row in rows] == ["", handle, handle]


def test_the_daily_file_of_a_youtube_export_is_no_list_of_videos() -> None:
    names = ["Date", "Content", "Video title", "Video publish time", "Duration", "Views"]
    assert claim(shipped(), names) is None


@pytest.mark.parametrize(
    ("case", "file", "name"),
    [
        ("01-shopify-raw", "tracking_data.csv", "shopify_orders"),
        ("28-meta-lifetime", "posts.csv", "meta_content"),
        ("33-razorpayx", "payouts.csv", "razorpayx_payouts"),
        ("55-impact-actions", "payouts.csv", "impact_actions"),
    ],
)
def test_exports_that_people_have_are_recognised(
    case: str, file: str, name: str, tmp_path: Path
) -> None:
    path = REFERENCE / "exports" / case / "raw" / file
    if not path.exists():
        pytest.skip(f"{path} is absent")
    adapter = claim(shipped(), records_of(path, tmp_path).names)
    assert adapter is not None and adapter.name == name


def test_the_right_books_of_a_raw_shopify_export(tmp_path: Path) -> None:
    path = REFERENCE / "exports" / "01-shopify-raw" / "raw" / "tracking_data.csv"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    orders: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in rows_of(adapter_named("shopify_orders"), records_of(path, tmp_path)):
        given_back = Decimal(row["refunded_amount"] or 0)
        is_sold = row["status"] not in ("returned", "cancelled")
        orders[row["transaction_id"]][0] += int(row["orders"])
        orders[row["transaction_id"]][1] += (Decimal(row["revenue"]) - given_back) * is_sold
    assert {key: (int(count), int(net)) for key, (count, net) in orders.items()} == {
        "#1001": (1, 2700), "#1002": (1, 1000), "#1003": (1, 0), "#1004": (1, 1700),
        "#1005": (1, 0), "#1006": (1, 600),
    }  # fmt: skip


# -------------------------------------------------------------------------------- money of orders

paise = st.integers(0, 10_000_000)
order = st.tuples(
    paise,  # what the order comes to
    paise,  # its discount
    st.lists(st.tuples(st.integers(0, 500_000), st.integers(0, 9)), min_size=1, max_size=6),
)


def rupees(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


@settings(deadline=None, max_examples=25)
@given(orders=st.lists(order, min_size=1, max_size=8))
def test_money_of_the_lines_is_the_money_of_the_order(
    orders: list[tuple[int, int, list[tuple[int, int]]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    header = [
        "Name", "Financial Status", "Subtotal", "Discount Amount", "Refunded Amount", "Created at",
        "Lineitem quantity", "Lineitem name", "Lineitem price",
    ]  # fmt: skip
    lines, money, weights = [], {}, {}
    for number, (subtotal, discount, items) in enumerate(orders):
        name = f"#{number}"
        money[name] = (subtotal, discount, subtotal // 2)
        weights[name] = [price * count for price, count in items]
        for place, (price, count) in enumerate(items):
            first = [
                "partially_refunded", rupees(subtotal), rupees(discount), rupees(subtotal // 2),
            ]  # fmt: skip
            of_order = first if place == 0 else [""] * 4
            lines.append(
                [name, *of_order, "2025-05-01", str(count), f"P{place}", rupees(price)],
            )
    folder = tmp_path_factory.mktemp("orders")
    records = records_of(written(folder, "orders.csv", header, lines), folder)
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows_of(adapter_named("shopify_orders"), records):
        found[row["transaction_id"]].append(row)
    for name, rows in found.items():
        for column, whole in zip(
            ("revenue", "discount", "refunded_amount"), money[name], strict=True
        ):
            parts = [Decimal(row[column] or 0) * 100 for row in rows]
            assert sum(parts) == whole and min(parts) >= 0
            total = sum(weights[name])
            for part, weight in zip(parts, weights[name], strict=True):
                share = Decimal(weight) / total if total else Decimal(1) / len(rows)
                assert abs(part - share * whole) <= 1  # of a paisa, from rounding at both ends
        assert [row["orders"] for row in rows] == ["1"] + ["0"] * (len(rows) - 1)
        assert len({row["line_id"] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("text", "is_comma", "number"),
    [
        ("1234.50", False, "1234.5"),
        ("1,23,456.78", False, "123456.78"),
        ("₹ 1,200", False, "1200"),
        ("Rs.1,200.50", False, "1200.5"),
        ("INR 500", False, "500"),
        ("-12.30", False, "-12.3"),
        ("(500.00)", False, "-500"),
        ("₹-20", False, "-20"),
        ("1 234.50", False, "1234.5"),
        ("1.234,50", True, "1234.5"),
        ("1.234", True, "1234"),
        ("12,5 €", True, "12.5"),
        ("free", False, None),
        ("", False, None),
        ("1.2.3", False, None),
    ],
)
def test_amounts_are_read_as_people_write_them(
    text: str, is_comma: bool, number: str | None
) -> None:
    select = f"select {amount_sql('t', is_comma)} from (select ?::varchar as t)"
    [(found,)] = duckdb.execute(select, [text]).fetchall()
    assert found == (None if number is None else Decimal(number))


# --------------------------------------------------------------------------------- made by a user

PLAIN = """
table: tracking_data
headers: [Bestellung, Datum, Betrag]
columns:
  transaction_id: Bestellung
  source: {constant: web}
  date: Datum
  orders: {constant: 1}
  revenue: Betrag
"""


def loaded(folder: Path, text: str, name: str = "mine") -> Adapter:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    [adapter] = [one for one in load_adapters([folder], contract()) if one.name == name]
    return adapter


def test_every_verb(tmp_path: Path) -> None:
    adapter = loaded(
        tmp_path,
        """
table: tracking_data
headers: ['Order "no"', "When", Total]
optional: [Qty]
order: 'Order "no"'
of_line: [Product, Qty]
settings: {currency: EUR, decimal: comma, date_order: day first, time_zone: Europe/Berlin}
columns:
  transaction_id: 'Order "no"'
  source: {from: file}
  campaign: {from: folder, without: '^\\d+-'}
  influencer_id: {key: [Partner, E-Mail]}
  product: Product
  brand: {constant: "O'Neill"}
  date: When
  orders: {sql: case when line = 1 then 1 else 0 end}
  revenue: {share: Total, by: amount("Qty")}
  discount: {sql: amount("Total") / 8}
  region: {first: [State, City, {constant: nowhere}]}
  status: State of order
values:
  order_status: {"Ge liefert": completed, "it's back": returned}
""",
    )
    path = written(
        tmp_path,
        "x.csv",
        ['Order "no"', "When", "Total", "Qty", "Product", "Partner", "E-mail", "City",
         "State of order"],
        [
            ["A'1", "01.02.2025", "1.000,01", "1", "P", "-", "a@x.com", "Pune", "GELIEFERT"],
            ["A'1", "", "", "2", "", "", "", "", ""],
            ["", "03.02.2025", "5", "0", "Q", "", "", "", "IT'S  BACK"],
            ["", "04.02.2025", "nix", "1", "Q", "", "", "", "else"],
        ],
    )  # fmt: skip
    records = read_records(path, tmp_path, lambda names: True)
    rows = rows_of(adapter, records, "01-spring/Shop's.csv")
    told = [{k: v for k, v in row.items() if k not in TECHNICAL and v != ""} for row in rows]
    same = {"source": "Shop's", "campaign": "spring", "brand": "O'Neill", "currency": "EUR"}
    of_a = same | {
        "transaction_id": "A'1", "influencer_id": "a@x.com", "date": "01.02.2025",
        "region": "Pune", "status": "completed", "discount": "125,00125",
    }  # fmt: skip
    assert told == [
        of_a | {"product": "P", "orders": "1", "revenue": "333,34"},
        of_a | {"orders": "0", "revenue": "666,67"},
        same | {
            "date": "03.02.2025", "product": "Q", "orders": "1", "revenue": "5,00",
            "region": "nowhere", "status": "returned", "discount": "0,625",
        },
        same | {
            "date": "04.02.2025", "product": "Q", "orders": "1", "revenue": "nix",
            "region": "nowhere", "status": "else",
        },
    ]  # fmt: skip


def test_amount_is_a_word_of_headers_and_texts_as_well(tmp_path: Path) -> None:
    adapter = loaded(
        tmp_path,
        PLAIN.replace("Betrag]", "Amount (net)]").replace(
            "revenue: Betrag",
            """revenue:
    sql: case when 'amount(x)' <> '' then amount("Amount (net)") + length("Amount (net)") end""",
        ),
    )
    path = written(tmp_path, "x.csv", ["Bestellung", "Datum", "Amount (net)"], [["1", "d", "2.5"]])
    [row] = rows_of(adapter, read_records(path, tmp_path, lambda names: True))
    assert row["revenue"] == "5.5"


def test_adapters_of_a_later_folder_win(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    loaded(ours, PLAIN, "shop")
    loaded(ours, PLAIN.replace(", Betrag]", "]"), "other")
    loaded(theirs, PLAIN.replace("constant: web", "constant: app"), "shop")
    adapters = load_adapters([ours, theirs, tmp_path / "absent"], contract())
    assert [(adapter.name, adapter.path.parent) for adapter in adapters] == [
        ("other", ours), ("shop", theirs),
    ]  # fmt: skip
    claimed = claim(adapters, ["Betrag", "DATUM", "bestellung", "more"])
    assert claimed is not None and claimed.name == "shop"


def test_most_headers_win_and_a_tie_names_both(tmp_path: Path) -> None:
    loaded(tmp_path, PLAIN, "few")
    loaded(tmp_path, PLAIN.replace("Betrag]", "Betrag, Rabatt]"), "more")
    adapters = load_adapters([tmp_path], contract())
    names = ["Bestellung", "Datum", "Betrag", "Rabatt"]
    best = claim(adapters, names)
    assert best is not None and best.name == "more"
    loaded(tmp_path, PLAIN, "again")
    with pytest.raises(AdapterError, match="again and few both read"):
        claim(load_adapters([tmp_path], contract()), names[:3])


def test_an_adapter_of_the_user_wins_over_one_with_more_headers(tmp_path: Path) -> None:
    loaded(tmp_path, PLAIN.replace("[Bestellung, Datum, Betrag]", "[Name, Subtotal]"), "own")
    adapters = load_adapters([PROJECT / "adapters", tmp_path], contract())
    names = records_of(SAMPLES / "shopify_orders" / "export.csv", tmp_path).names
    claimed = claim(adapters, names)
    assert claimed is not None and claimed.name == "own"


def test_two_headers_that_mean_the_same_stop(tmp_path: Path) -> None:
    adapter = loaded(tmp_path, PLAIN)
    assert claim([adapter], ["Bestellung", "Datum", "Betrag", "x", "X"]) is adapter
    with pytest.raises(AdapterError, match="'Betrag' and 'BETRAG ' both mean 'Betrag'"):
        claim([adapter], ["Bestellung", "Datum", "Betrag", "BETRAG "])


def test_the_nearest_adapter_and_what_it_lacks() -> None:
    found = nearest(shipped(), ["Name", "Financial Status", "Subtotal", "Created at", "x"])
    assert found is not None
    adapter, lacking = found
    assert adapter.name == "shopify_orders"
    assert lacking == ("Lineitem quantity", "Lineitem name", "Lineitem price")
    found = nearest(shipped(), ["Order Number", "Affiliate", "Commission"])
    assert found is not None
    assert found[1] == ("Status or Commission Status or Approval Status",)
    assert nearest(shipped(), ["x", "y"]) is None
    assert nearest([], ["x", "y"]) is None


def test_records_that_are_no_data_are_counted_and_mean_nothing(tmp_path: Path) -> None:
    adapter = loaded(tmp_path, PLAIN + "ignore: >\n  \"Bestellung\" = 'Summe'\n")
    path = written(
        tmp_path, "x.csv", ["Bestellung", "Datum", "Betrag"], [["1", "d", "2"], ["Summe", "", "2"]]
    )
    rows = rows_of(adapter, read_records(path, tmp_path, lambda names: True))
    assert [row["revenue"] for row in rows] == ["2", ""]
    assert [row["source"] for row in rows] == ["web", ""]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("table: tracking_data", "table: sales"), ["'sales'", "no raw table", "tracking_data"]),
        (("  date: Datum", "  day: Datum"), ["'day'", "no column of tracking_data", "date"]),
        (("  date: Datum\n", ""), ["date", "required"]),
        (("{constant: web}", "{konstant: web}"), ["source", "'konstant'", "constant, first"]),
        (("{constant: web}", "[web]"), ["source", "'web'", "no verb"]),
        (("{constant: web}", "{constant: web, by: x}"), ["source", "'by'"]),
        (("{constant: web}", "{first: [{sql: x}]}"), ["source"]),
        (("{constant: web}", "{from: path}"), ["source", "'path'", "folder"]),
        (("{constant: web}", "{from: file, without: '('}"), ["'('", "regular expression"]),
        (("Betrag\n", '{sql: "Summe" + 1}\n'), ["line 9"]),
        (("Betrag\n", "{sql: '\"Summe\" + 1'}\n"), ["revenue", "Summe", "headers"]),
        (("Betrag\n", "{sql: amount(Summe)}\n"), ["revenue", "amount(Summe)"]),
        (("Betrag\n", "{sql: nothing_like(1)}\n"), ["revenue", "nothing_like"]),
        (("Betrag\n", "{sql: 1 +}\n"), ["revenue", "1 +"]),
        (("Betrag\n", "{sql: '1) from t; drop table t; select (1'}\n"), ["revenue"]),
        (("Betrag\n", "{sql: (select 1)}\n"), ["revenue", "one expression"]),
        (("Betrag\n", "{share: Betrag}\n"), ["'share'", "'order'"]),
        (("columns:", "order: Bestellung\nspalten: 1\ncolumns:"), ["'spalten'", "headers"]),
        (("columns:", "settings: {decimal: point, zone: x}\ncolumns:"), ["'settings zone'"]),
        (("columns:", "settings: {decimal: dot}\ncolumns:"), ["settings decimal", "'dot'"]),
        (("columns:", "settings: {date_order: day}\ncolumns:"), ["date_order", "'day'"]),
        (("columns:", "settings: {time_zone: IST}\ncolumns:"), ["'IST'", "Asia/Kolkata"]),
        (("columns:", "values: {payout_status: {x: paid}}\ncolumns:"), ["'payout_status'"]),
        (("columns:", "values: {order_status: {x: sold}}\ncolumns:"), ["'sold'", "completed"]),
        (
            ("columns:", "values: {order_status: {x: completed, X: completed}}\ncolumns:"),
            ["'x'", "twice"],
        ),
        (("columns:", "table: posts\ncolumns:"), ["line 4", "'table'", "twice"]),
        (("headers: [Bestellung, Datum, Betrag]", ""), ["'headers'", "missing"]),
        (("[Bestellung, Datum, Betrag]", "[]"), ["'headers'", "empty"]),
        (("Betrag\n", "Line\n"), ["'Line'"]),
        ((PLAIN, "- 1\n"), ["no entries"]),
        ((PLAIN, "a: [1\n"), ["line"]),
    ],
)
def test_a_mistake_is_one_line_with_file_and_word(
    change: tuple[str, str], words: list[str], tmp_path: Path
) -> None:
    text = PLAIN.replace(*change)
    assert text != PLAIN
    with pytest.raises(AdapterError) as stop:
        loaded(tmp_path / "adapters", text)
    message = str(stop.value)
    assert message.startswith("adapter adapters/mine.yml: ") and "\n" not in message
    assert all(word in message for word in words), message


def test_all_files_with_a_mistake_are_named_at_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yml").write_text(PLAIN.replace("tracking_data", name))
    (tmp_path / "c.yaml").write_bytes(b"table: \xff")
    with pytest.raises(AdapterError) as stop:
        load_adapters([tmp_path], contract())
    lines = str(stop.value).splitlines()
    assert [line.split(": ")[0].rpartition("/")[2] for line in lines] == [
        "a.yml", "b.yml", "c.yaml",
    ]  # fmt: skip
    assert "UTF-8" in lines[2]
