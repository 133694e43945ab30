"""The viewer notices what happens to the published file."""

import os
import threading
from pathlib import Path

import duckdb
import pytest

from tests.python.support import PROJECT
from tests.python.viewer.conftest import publish_copy, publish_tiny
from viewer import data


def spend(options: data.Options) -> float:
    return float(data.totals(data.Selection(options.first_day, options.last_day))["spend"])


def test_a_new_file_is_noticed_even_while_the_old_one_is_open(
    tiny_warehouse: Path, published_file: Path
) -> None:
    before = spend(data.options())
    with duckdb.connect(str(data.published_path()), read_only=True) as reader:
        reader.execute("select count(*) from marts.dim_brands")
        publish_copy(published_file, tiny_warehouse)
        after = spend(data.options())
    with duckdb.connect(str(published_file), read_only=True) as published:
        sql = "select sum(spend) from marts.fct_influencer_days"
        [(expected,)] = published.execute(sql).fetchall()
    assert before == 400
    assert after == pytest.approx(float(expected))


def test_a_file_that_is_not_replaced_is_read_once(
    tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = data.options()
    monkeypatch.setattr(data, "_connection", None)  # opening the file would now fail
    assert data.options() == before


def test_reading_leaves_the_file_closed(tiny_warehouse: Path) -> None:
    data.options()
    # DuckDB lets nobody write while somebody reads.
    with duckdb.connect(str(data.published_path())) as writer:
        writer.execute("create table marts.written as select 1 as one")


def test_a_file_replaced_while_it_is_read_is_read_again(
    tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = data._connection
    swaps = iter([True, False])

    def swap_once(path: Path):  # type: ignore[no-untyped-def]
        if next(swaps, False):
            publish_tiny(tiny_warehouse)
        return opened(path)

    monkeypatch.setattr(data, "_connection", swap_once)
    assert spend(data.options()) == 400


def test_a_file_replaced_all_the_time_is_an_error_of_one_line(
    tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = data._connection

    def swap(path: Path):  # type: ignore[no-untyped-def]
        publish_tiny(tiny_warehouse)
        return opened(path)

    monkeypatch.setattr(data, "_connection", swap)
    with pytest.raises(data.UnreadableFileError, match=r"^.*is being replaced.*$"):
        data.options()


def test_readers_and_publishers_at_the_same_time(tiny_warehouse: Path) -> None:
    stop = threading.Event()
    answers: list[float] = []

    def read() -> None:
        while not stop.is_set():
            answers.append(spend(data.options()))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(5):
        stop.wait(0.3)
        publish_tiny(tiny_warehouse)
    stop.set()
    for reader in readers:
        reader.join()
    assert len(answers) > 3
    assert set(answers) == {400}


def test_nothing_published(empty_warehouse: Path) -> None:
    with pytest.raises(data.NothingPublishedError, match=r"helios\.duckdb"):
        data.options()
    assert data.published_identity_if_any() is None


@pytest.mark.parametrize("content", [b"", b"rubbish", b"x" * 100_000])
def test_a_file_that_is_no_database(empty_warehouse: Path, content: bytes) -> None:
    (empty_warehouse / "helios.duckdb").write_bytes(content)
    with pytest.raises(data.UnreadableFileError) as error:
        data.options()
    assert "\n" not in str(error.value)


def test_a_database_without_marts(empty_warehouse: Path) -> None:
    duckdb.connect(str(empty_warehouse / "helios.duckdb")).close()
    with pytest.raises(data.UnreadableFileError):
        data.options()


def test_a_folder_with_a_quote_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    publish_tiny(folder)
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(folder))
    assert spend(data.options()) == 400


def test_a_relative_warehouse_is_one_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_WAREHOUSE", "elsewhere")
    assert data.published_path() == PROJECT / "elsewhere" / "helios.duckdb"
    monkeypatch.delenv("HELIOS_WAREHOUSE")
    assert data.published_path() == PROJECT / "warehouse" / "helios.duckdb"
    assert os.path.isabs(data.published_path())
