"""The viewer notices what happens to the published file."""

import os
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.python.support import PROJECT
from tests.python.viewer.pages import open_page, texts
from tests.python.viewer.tiny import publish, publish_copy
from viewer import data, published
from viewer.format import moment
from viewer.published import NothingPublishedError, UnreadableFileError
from viewer.selection import Selection


def spend(options: data.Options) -> float:
    return float(data.totals(Selection(options.first_day, options.last_day))["spend"])


def test_a_new_file_is_noticed_even_while_the_old_one_is_open(
    tiny_warehouse: Path, published_file: Path
) -> None:
    before = spend(data.options())
    with duckdb.connect(str(published.published_path()), read_only=True) as reader:
        reader.execute("select count(*) from marts.dim_brands")
        publish_copy(published_file, tiny_warehouse)
        after = spend(data.options())
    with duckdb.connect(str(published_file), read_only=True) as file:
        sql = "select sum(spend) from marts.fct_influencer_days"
        [(expected,)] = file.execute(sql).fetchall()
    assert before == 400
    assert after == pytest.approx(float(expected))


def test_a_file_that_is_not_replaced_is_copied_once(
    tiny_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = spend(data.options())
    monkeypatch.setattr(shutil, "copyfile", None)  # copying the file would now fail
    assert spend(data.options()) == before


def test_a_copy_is_as_old_as_what_it_is_of(tiny_warehouse: Path) -> None:
    file = published.published_path()
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "update marts.meta_settings set value = '2025-02-03T04:05:06Z'"
            " where setting = 'built_at'"
        )
    os.utime(file)  # as of now
    built = datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert data.settings().published_at == built
    for page in ("overview", "report"):
        shown = open_page(page)
        everything = texts(shown) + "".join(str(html.proto.body) for html in shown.get("html"))
        assert moment(built.astimezone()) in everything


def test_answers_are_the_frames_of_duckdb(simulated_warehouse: Path) -> None:
    with duckdb.connect(str(published.published_path()), read_only=True) as file:
        file.execute("use marts")
        for mart in data.mart_descriptions():
            expected = file.execute(f"from {mart} order by all").df()
            answer = published.read(f"from {mart} order by all")
            # Where every text is missing, DuckDB's frame does not know that it is text.
            pd.testing.assert_frame_equal(answer, expected.astype(answer.dtypes))
            known = expected.notna().any()
            assert answer.dtypes[known].equals(expected.dtypes[known]), mart


def test_what_is_missing_keeps_its_kind(tiny_warehouse: Path) -> None:
    answer = published.read(
        """
        from (values
            (1, 1::bigint, true, 1.5, 1.5::decimal(18, 2), 'a', date '2025-01-01'),
            (null, null, null, null, null, null, null)
        ) as rows (small, large, truth, estimate, money, words, day)
        """
    )
    kinds = ["Int32", "Int64", "boolean", "float64", "float64", "str", "datetime64[us]"]
    assert answer.dtypes.astype(str).tolist() == kinds
    assert answer.iloc[1].isna().all() and answer.iloc[0].notna().all()


def test_reading_leaves_the_file_closed(tiny_warehouse: Path) -> None:
    data.options()
    # DuckDB lets nobody write while somebody reads.
    with duckdb.connect(str(published.published_path())) as writer:
        writer.execute("create table marts.written as select 1 as one")


def test_a_file_changed_in_place_is_read_anew(tiny_warehouse: Path) -> None:
    assert spend(data.options()) == 400
    with duckdb.connect(str(published.published_path())) as writer:
        writer.execute("update marts.fct_influencer_days set spend = 7 where influencer_id = 'i1'")
    assert spend(data.options()) == 307


def test_copies_go_when_files_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(tmp_path))
    for _ in range(5):
        publish(tmp_path)
        assert spend(data.options()) == 400
    assert len(list(copies.iterdir())) == 2


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
        publish(tiny_warehouse)
    stop.set()
    for reader in readers:
        reader.join()
    assert len(answers) > 3
    assert set(answers) == {400}


def test_nothing_published(empty_warehouse: Path) -> None:
    with pytest.raises(NothingPublishedError, match=r"helios\.duckdb"):
        data.options()
    assert published.published_identity_if_any() is None


@pytest.mark.parametrize("content", [b"", b"rubbish", b"x" * 100_000])
def test_a_file_that_is_no_database(empty_warehouse: Path, content: bytes) -> None:
    (empty_warehouse / "helios.duckdb").write_bytes(content)
    with pytest.raises(UnreadableFileError) as error:
        data.options()
    assert "\n" not in str(error.value)


def test_a_database_without_marts(empty_warehouse: Path) -> None:
    duckdb.connect(str(empty_warehouse / "helios.duckdb")).close()
    with pytest.raises(UnreadableFileError):
        data.options()


def test_a_folder_with_a_quote_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    publish(folder)
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(folder))
    assert spend(data.options()) == 400


def test_a_relative_warehouse_is_one_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_WAREHOUSE", "elsewhere")
    assert published.published_path() == PROJECT / "elsewhere" / "helios.duckdb"
    monkeypatch.delenv("HELIOS_WAREHOUSE")
    assert published.published_path() == PROJECT / "warehouse" / "helios.duckdb"
    assert os.path.isabs(published.published_path())
