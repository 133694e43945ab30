"""Damage on purpose: the list of it names every damaged row, and nothing else is touched."""

import csv
import io
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pytest

from simulate import load_settings, write_world
from simulate.write import Format
from tests.python.simulate.worlds import assert_share, hashes

SHARE = 0.08
KEYS = {
    "tracking_data": "transaction_id", "posts": "post_id", "payouts": "payout_id",
    "influencers": "influencer_id",
}  # fmt: skip
KINDS = {
    "tracking_data": {"duplicate row", "late file", "impossible date", "negative money",
                      "unknown influencer", "stray encoding"},
    "posts": {"duplicate row", "impossible date", "unknown influencer", "stray encoding"},
    "payouts": {"duplicate row", "impossible date", "negative money", "unknown influencer"},
    "influencers": {"duplicate row", "stray encoding"},
}  # fmt: skip
# The only column that a kind of damage changes.
COLUMNS = {
    ("tracking_data", "impossible date"): "date", ("posts", "impossible date"): "date",
    ("payouts", "impossible date"): "event_date",
    ("tracking_data", "negative money"): "revenue", ("payouts", "negative money"): "total_payout",
    ("tracking_data", "unknown influencer"): "influencer_id",
    ("posts", "unknown influencer"): "influencer_id",
    ("payouts", "unknown influencer"): "influencer_id",
    ("tracking_data", "stray encoding"): "region", ("influencers", "stray encoding"): "name",
    ("posts", "stray encoding"): "caption",
}  # fmt: skip
STRAY = "\ue000"  # how these tests read a byte that is no UTF-8

Row = dict[str, str]


@dataclass(frozen=True)
class Pair:
    """A messy world and the clean one of the same seed."""

    messy: Path
    clean: Path
    damages: dict[str, dict[str, str]]  # by table and key


@cache
def read(path: Path) -> list[Row]:
    """Rows as text; a byte that is no UTF-8 becomes a mark."""
    text = path.read_bytes().decode(errors="replace").replace("\ufffd", STRAY)
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("mess")
    size = {"influencers": 400, "orders": 30_000, "days": 120, "campaigns.per_year": 60.0}
    for name, mess in (("messy", SHARE), ("clean", 0.0)):
        settings = load_settings("tiny", 9, size | {"mess": mess, "campaigns.regional_share": 0.2})
        write_world(settings, folder / name / "raw", folder / name / "truth")
    damages = {
        table: {
            row["key"]: row["damage"]
            for row in read(folder / "messy" / "truth" / "mess" / f"{table}.csv")
        }
        for table in KEYS
    }
    return Pair(folder / "messy", folder / "clean", damages)


def messy_rows(pair: Pair, table: str) -> list[Row]:
    folder = pair.messy / "raw"
    if table == "tracking_data":
        return read(folder / table / "orders.csv") + read(folder / table / "late.csv")
    return read(folder / f"{table}.csv")


def clean_rows(pair: Pair, table: str) -> list[Row]:
    return read(pair.clean / "raw" / f"{table}.csv")


def test_the_list_names_table_key_and_damage(pair: Pair) -> None:
    for table, key in KEYS.items():
        rows = read(pair.messy / "truth" / "mess" / f"{table}.csv")
        assert all(list(row) == ["raw_table", "key", "damage"] for row in rows)
        assert {row["raw_table"] for row in rows} == {table}
        assert len({row["key"] for row in rows}) == len(rows)
        assert {row["key"] for row in rows} <= {row[key] for row in clean_rows(pair, table)}


@pytest.mark.parametrize("table", KEYS)
def test_the_share_is_that_which_was_asked_for_and_every_kind_occurs(
    table: str, pair: Pair
) -> None:
    damages = pair.damages[table]
    assert_share(len(damages), len(clean_rows(pair, table)), SHARE)
    found = Counter(damages.values())
    assert set(found) == KINDS[table]
    if len(damages) > 200:
        for kind in KINDS[table]:
            assert_share(found[kind], len(damages), 1 / len(KINDS[table]))


@pytest.mark.parametrize("table", KEYS)
def test_the_list_holds_exactly_the_rows_that_differ(table: str, pair: Pair) -> None:
    """Every row that is not on the list is as it was; every row that is differs as it says."""
    key, damages = KEYS[table], pair.damages[table]
    clean = {row[key]: row for row in clean_rows(pair, table)}
    messy: dict[str, list[Row]] = defaultdict(list)
    for row in messy_rows(pair, table):
        messy[row[key]].append(row)
    assert messy.keys() == clean.keys()
    for name, rows in messy.items():
        kind = damages.get(name)
        assert len(rows) == (2 if kind == "duplicate row" else 1)
        column = COLUMNS.get((table, kind)) if kind else None
        for row in rows:
            changed = {one for one in row if row[one] != clean[name][one]}
            assert changed == ({column} if column else set()), (kind, name)


def is_damaged(kind: str, before: str, after: str) -> bool:
    """Whether a cell is damaged as its kind says."""
    if kind == "impossible date":
        return after == f"{before[:4]}-02-30"
    if kind == "negative money":
        return float(after) < 0 and abs(-float(after) - float(before)) <= 1
    if kind == "unknown influencer":
        return after.startswith("INF9") and len(after) == 9
    return STRAY in after or not after.isascii()


def test_a_damaged_cell_is_what_its_kind_says(pair: Pair) -> None:
    people = {row["influencer_id"] for row in clean_rows(pair, "influencers")}
    checked = 0
    for (table, kind), column in COLUMNS.items():
        clean = {row[KEYS[table]]: row[column] for row in clean_rows(pair, table)}
        for row in messy_rows(pair, table):
            name = row[KEYS[table]]
            if pair.damages[table].get(name) == kind:
                assert is_damaged(kind, clean[name], row[column]), (table, kind, row[column])
                checked += 1
            if column == "influencer_id" and kind == pair.damages[table].get(name):
                assert row[column] not in people
    assert checked > 500


@pytest.mark.parametrize("table", KEYS)
def test_the_order_of_rows_stays(table: str, pair: Pair) -> None:
    key = KEYS[table]
    files = (
        [pair.messy / "raw" / table / "orders.csv", pair.messy / "raw" / table / "late.csv"]
        if table == "tracking_data"
        else [pair.messy / "raw" / f"{table}.csv"]
    )
    for file in files:
        names = [row[key] for row in read(file)]
        assert names == sorted(names)


def test_the_late_file_holds_the_late_rows_and_no_others(pair: Pair) -> None:
    folder = pair.messy / "raw" / "tracking_data"
    late = {row["transaction_id"] for row in read(folder / "late.csv")}
    others = {row["transaction_id"] for row in read(folder / "orders.csv")}
    listed = {name for name, kind in pair.damages["tracking_data"].items() if kind == "late file"}
    assert late == listed and not late & others
    assert (folder / "late.csv").read_text().splitlines()[0] == (
        folder / "orders.csv"
    ).read_text().splitlines()[0]


def test_captions_of_the_csv_hold_bytes_that_are_no_text(pair: Pair) -> None:
    content = (pair.messy / "raw" / "posts.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode()
    broken = sum(kind == "stray encoding" for kind in pair.damages["posts"].values())
    assert content.count(b" caf\xe9") == broken > 0
    assert STRAY.encode() not in content
    for line in content.splitlines():
        if b"caf\xe9" not in line:
            line.decode()


def test_the_truth_is_that_of_the_clean_world(pair: Pair) -> None:
    messy, clean = hashes(pair.messy / "truth"), hashes(pair.clean / "truth")
    # One line of the settings says that the world is messy.
    kept = {name for name in messy if "mess/" not in name and "settings" not in name}
    assert kept == clean.keys() - {"0 settings.csv"} and len(kept) == 11
    assert {name: messy[name] for name in kept} == {name: clean[name] for name in kept}


def test_other_exports_are_those_of_the_clean_world(pair: Pair) -> None:
    messy, clean = hashes(pair.messy / "raw"), hashes(pair.clean / "raw")
    for table in ("campaigns", "campaign_regions", "regions", "products"):
        assert messy[f"0 {table}.csv"] == clean[f"0 {table}.csv"]
    for table in KEYS:
        assert messy.get(f"0 {table}.csv") != clean[f"0 {table}.csv"]


def test_parquet_holds_the_same_damage_as_csv(pair: Pair, tmp_path: Path) -> None:
    """But for the stray byte, which no Parquet file can hold as text."""
    size = {"influencers": 400, "orders": 30_000, "days": 120, "campaigns.per_year": 60.0}
    settings = load_settings("tiny", 9, size | {"mess": SHARE, "campaigns.regional_share": 0.2})
    ending: Format = "parquet"
    write_world(settings, tmp_path / "raw", tmp_path / "truth", ending)
    for table in KEYS:
        found = duckdb.execute(
            "select key, damage from read_parquet($path)",
            {"path": str(tmp_path / "truth" / "mess" / f"{table}.parquet")},
        ).fetchall()
        assert dict(found) == pair.damages[table]
        path = tmp_path / "raw" / table / "*" if table == "tracking_data" else None
        rows = duckdb.execute(
            f"select count(*) from read_parquet('{path or tmp_path / 'raw' / table}.parquet')"
        ).fetchone()
        assert rows == (len(messy_rows(pair, table)),)


@pytest.mark.parametrize(("mess", "has_list"), [(0.0, False), (0.5, True)])
def test_only_a_messy_world_has_a_list(mess: float, has_list: bool, tmp_path: Path) -> None:
    settings = load_settings("tiny", 9, {"orders": 500, "days": 30, "mess": mess})
    write_world(settings, tmp_path / "raw", tmp_path / "truth")
    assert (tmp_path / "truth" / "mess").exists() == has_list
    assert (tmp_path / "raw" / "tracking_data").is_dir() == has_list
    if has_list:
        listed = len(read(tmp_path / "truth" / "mess" / "tracking_data.csv"))
        rows = len(read(tmp_path / "truth" / "orders.csv"))
        assert_share(listed, rows, 0.5)
