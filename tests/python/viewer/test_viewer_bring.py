"""The page "Bring your data": what files are taken for, mapping by hand, and what it writes."""

import gzip
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from intake.check_result import CheckResult, NotFoundCheck, ReasonCheck, TableCheck, Tally
from intake.contract import load_contract
from tests.python.support import PROJECT
from tests.python.viewer import fake_dbt
from tests.python.viewer.fake_dbt import FakeDbt
from tests.python.viewer.pages import open_page, texts
from tests.python.viewer.test_viewer_hosting import wait_until
from tests.python.viewer.tiny import publish
from viewer import building, mapping, uploads
from viewer.mapping import Mapped
from viewer.uploads import Placed, Plan, UploadError, Uploads

pytestmark = pytest.mark.slow

File = tuple[str, bytes, str]
CONTRACT = load_contract(PROJECT)
SHOPIFY = PROJECT / "tests" / "python" / "intake" / "adapters" / "shopify_orders" / "export.csv"
PEOPLE = b"influencer_id,name,platform,coupon_codes\ni1,Asha,Instagram,ASHA10\n"
# Nothing recognises it; one order was cancelled in a word of the shop's own.
LEDGER = (
    b"Ledger of April;;;;\n\n"
    b"Bill date;Bill value;Where from;Bills;State of bill\n"
    b"03/04/2025;1.250,50;instagram;1;ok\n"
    b"25/04/2025;700,00;google;1;vanished\n"
)


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No exports, nothing published, and uploads are on."""
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("HELIOS_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("HELIOS_UPLOADS", "on")
    return tmp_path / "raw"


@pytest.fixture
def dbt(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDbt]:
    """A dbt that waits until it is told to end, at the latest when the test ends."""
    fake = fake_dbt.install(tmp_path / "fake", monkeypatch)
    yield fake
    fake.end()
    wait_until(lambda: not building.is_running())


def csv(name: str, content: bytes) -> File:
    return name, content, "text/csv"


def orders() -> File:
    return csv("orders_export_1.csv", SHOPIFY.read_bytes())


def people() -> File:
    return csv("influencers.csv", PEOPLE)


def bring(*files: File) -> AppTest:
    """The page after these files were uploaded."""
    app = open_page("bring")
    assert not app.exception
    app.file_uploader[0].set_value(files)
    return run(app)


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def told(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def choose(app: AppTest, key: str, value: str) -> AppTest:
    app.selectbox(key=key).set_value(value)
    return run(app)


def is_usable(app: AppTest) -> bool:
    return any(one.key == "bring_use" and not one.disabled for one in app.button)


def frames(app: AppTest) -> list[list[str]]:
    return [list(frame.value.columns) for frame in app.dataframe]


# --- Who may bring files -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "host", "address", "allowed"),
    [
        ("", "localhost:8501", None, True),
        ("", "127.0.0.1:8501", None, True),
        ("", None, None, True),
        ("", "helios.example.com", None, False),  # a proxy on the same machine
        ("", "localhost:8501", "172.17.0.1", False),  # from outside of a container
        ("on", "helios.example.com", "10.0.0.8", True),
        ("off", "localhost:8501", None, False),
    ],
)
def test_uploads_are_for_the_users_own_machine_unless_set(
    setting: str,
    host: str | None,
    address: str | None,
    allowed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HELIOS_UPLOADS", setting)
    assert uploads.is_allowed(host, address) == allowed


def test_uploads_that_are_off_are_said(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_UPLOADS", "off")
    app = open_page("bring")
    assert not app.exception and not app.file_uploader
    assert "Uploads are off" in told(app)


@pytest.mark.parametrize(
    ("name", "value"), [("HELIOS_UPLOADS", "maybe"), ("HELIOS_UPLOAD_MB", "many")]
)
def test_settings_that_mean_nothing(
    name: str, value: str, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    app = open_page("bring")
    assert not app.exception
    assert f"{name} is '{value}'" in told(app)


def test_a_folder_that_cannot_be_written_to(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HELIOS_RAW", str(tmp_path / "file" / "raw"))
    app = open_page("bring")
    assert not app.exception and not app.file_uploader
    assert "cannot write to the folder of exports" in told(app)


# --- What files are ----------------------------------------------------------------------------


def test_raw_reports_are_recognised_and_nothing_is_written(raw: Path) -> None:
    app = bring(orders(), people())
    assert "Read as **tracking_data**; header in line 1; 13 lines below it." in told(app)
    assert "Read by the adapter shopify_orders" in told(app)
    assert "Read as **influencers**" in told(app)
    assert is_usable(app)
    previews = frames(app)
    assert any({"transaction_id", "revenue", "date"} <= set(columns) for columns in previews)
    assert not raw.exists()


def test_what_is_missing_stops(raw: Path) -> None:
    app = bring(orders())
    assert "There is no influencers table in the folder HELIOS_RAW" in told(app)
    assert not is_usable(app)


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ([csv("empty.csv", b"")], "empty.csv is empty. Export it again."),
        ([csv("../../x.csv", b"a,b\n1,2\n")], "x.csv"),
        ([csv("broken.xlsx", b"not a workbook")], "broken.xlsx"),
        ([csv("broken.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99)[:40])], "broken.csv.gz"),
        ([csv("broken.parquet", b"PAR1 no")], "broken.parquet"),
        ([csv("a.csv", b"\x00\x01\x02\xff\xfe\x00")], "a.csv"),
        ([people(), people()], "two files have this name"),
    ],
)
def test_files_that_cannot_be_read_are_told_in_a_line(
    files: list[File], complaint: str, raw: Path
) -> None:
    app = bring(*files)
    assert complaint in told(app)
    assert "Traceback" not in told(app)
    assert not is_usable(app)


def test_too_much_at_once(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOS_UPLOAD_MB", "1")
    app = bring(csv("a.csv", b"x" * 700_000), csv("b.csv", b"x" * 700_000))
    assert "1.3 MB, more than the 1 MB" in told(app)
    assert not is_usable(app)


def test_names_lose_folders_and_leading_dots() -> None:
    assert uploads.safe_name("../../etc/x.csv") == "x.csv"
    assert uploads.safe_name("C:\\data\\x.csv") == "x.csv"
    assert uploads.safe_name("...") == "file"
    assert uploads.safe_name(".hidden.csv") == "hidden.csv"


def test_a_file_by_another_name_whose_headers_are_those_of_a_table(raw: Path) -> None:
    app = bring(csv("Our people 2025.csv", PEOPLE), orders())
    assert app.selectbox(key="take_Our people 2025.csv").value == "table influencers"
    assert is_usable(app)


def test_a_header_that_happens_to_be_one_of_a_table_is_no_table(raw: Path) -> None:
    assert mapping.fitting_tables(CONTRACT, ["Handle", "Amount", "Paid on", "State"]) == []
    assert mapping.fitting_tables(CONTRACT, ["State"]) == []


def test_the_folder_of_a_session_goes_with_it() -> None:
    kept = Uploads()
    folder = kept.root
    assert folder.is_dir()
    del kept
    assert not folder.exists()


# --- Mapping by hand ---------------------------------------------------------------------------


def mapped_ledger() -> AppTest:
    """The ledger, mapped but for the decimal mark, beside a list of people."""
    app = bring(csv("Ledger April.csv", LEDGER), people())
    assert app.selectbox(key="take_Ledger April.csv").value == "by hand"
    app = choose(app, "table_Ledger April.csv", "tracking_data")
    assert "Still required" in told(app)
    for column, header in {
        "source": "Where from",
        "date": "Bill date",
        "orders": "Bills",
        "revenue": "Bill value",
        "status": "State of bill",
    }.items():
        app.selectbox(key=f"column_Ledger April.csv_tracking_data_{column}").set_value(header)
    return run(app)


def test_a_report_mapped_by_hand_becomes_an_adapter(raw: Path) -> None:
    app = mapped_ledger()
    assert "Still required" not in told(app)
    assert app.text_input(key="adapter_Ledger April.csv").value == "ledger_april"
    choose(app, "setting_Ledger April.csv_tracking_data_decimal", "comma")
    choose(app, "setting_Ledger April.csv_tracking_data_date_order", "day first")
    choose(app, "word_Ledger April.csv_status_vanished", "cancelled")
    [text] = [code.value for code in app.code if code.value.startswith("# Mapped by hand")]
    assert yaml.safe_load(text) == {
        "table": "tracking_data",
        "headers": ["Where from", "Bill date", "Bills", "Bill value", "State of bill"],
        "settings": {"date_order": "day first", "decimal": "comma"},
        "columns": {
            "source": "Where from",
            "date": "Bill date",
            "orders": "Bills",
            "revenue": "Bill value",
            "status": "State of bill",
        },
        "values": {"order_status": {"vanished": "cancelled"}},
    }
    preview = next(f.value for f in app.dataframe if "revenue" in f.value.columns)
    assert list(preview["revenue"]) == ["1.250,50", "700,00"]
    assert list(preview["status"]) == ["ok", "cancelled"]
    assert is_usable(app)
    assert not raw.exists()


def test_samples_and_share_filled(raw: Path) -> None:
    app = bring(csv("Ledger April.csv", LEDGER))
    shown = next(f.value for f in app.dataframe if "samples" in f.value.columns)
    facts = dict(zip(shown["header"], shown["samples"], strict=True))
    assert facts["Where from"] == "google; instagram"
    assert list(shown["filled"]) == [1.0] * 5


@pytest.mark.parametrize("name", ["../x", "Großes", "posts", "", "shopify_orders"])
def test_names_that_no_adapter_can_have(name: str, raw: Path) -> None:
    app = mapped_ledger()
    app.text_input(key="adapter_Ledger April.csv").set_value(name)
    run(app)
    assert "name" in told(app) and "adapter" in told(app)
    assert app.error
    planned = app.session_state["bring_uploads"].root.glob("planned/*/*")
    assert [path.name for path in planned] == ["influencers.csv"]


def test_an_adapter_of_the_users_is_not_replaced_without_a_word(raw: Path) -> None:
    (raw / "adapters").mkdir(parents=True)
    (raw / "adapters" / "ledger_april.yml").write_text(
        "table: regions\nheaders: [Never there]\ncolumns: {region: Never there}\n"
    )
    app = mapped_ledger()
    assert "Choose another name, or confirm that it is replaced." in told(app)
    app.toggle(key="overwrite_Ledger April.csv").set_value(True)
    run(app)
    assert "Choose another name" not in told(app)
    assert is_usable(app)


def test_suggestions_begin_with_what_is_spelled_alike() -> None:
    headers = ["Colour", "Order Dte", "Revenue"]
    assert mapping.suggested(CONTRACT, "tracking_data", "date", headers)[0] == "Order Dte"
    assert mapping.suggestion(CONTRACT, "tracking_data", "date", headers) == "Order Dte"
    assert mapping.suggestion(CONTRACT, "tracking_data", "revenue", headers) == "Revenue"
    assert mapping.suggestion(CONTRACT, "tracking_data", "region", headers) is None


def test_a_constant_stands_in_the_adapter() -> None:
    text = mapping.adapter_text(Mapped("posts", {"date": "Day"}, {"handle": "asha: 1"}), "a\nb.csv")
    assert yaml.safe_load(text)["columns"]["handle"] == {"constant": "asha: 1"}
    assert text.splitlines()[0] == "# Mapped by hand from a b.csv."


# --- Where files go ----------------------------------------------------------------------------


def placed_files(raw: Path) -> dict[str, bytes]:
    return {
        path.relative_to(raw).as_posix(): path.read_bytes()
        for path in raw.rglob("*")
        if path.is_file() and ".replaced" not in path.parts
    }


def kept_file(content: bytes, name: str = "influencers.csv") -> Uploads:
    kept = Uploads()
    (kept.files / name).write_bytes(content)
    return kept


def test_files_are_placed_and_taken_back(raw: Path) -> None:
    raw.mkdir()
    (raw / "influencers.csv").write_bytes(b"old")
    kept = kept_file(PEOPLE)
    plan = Plan(
        {"influencers.csv": "influencers/influencers.csv"},
        {"mine": "table: posts"},
        replaced={"influencers.csv"},
    )
    placed = uploads.place(kept, plan)
    assert placed_files(raw) == {
        "influencers/influencers.csv": PEOPLE,
        "adapters/mine.yml": b"table: posts",
    }
    [moved] = raw.rglob(".replaced/*/influencers.csv")
    assert moved.read_bytes() == b"old"
    uploads.take_back(placed)
    assert placed_files(raw) == {"influencers.csv": b"old"}
    assert [path.name for path in raw.iterdir()] == ["influencers.csv"]


def test_a_file_is_never_written_over(raw: Path) -> None:
    raw.mkdir()
    (raw / "posts").mkdir()
    (raw / "posts" / "a.csv").write_bytes(b"old")
    kept = kept_file(b"new", "a.csv")
    with pytest.raises(UploadError, match=r"a\.csv cannot be put there: it is there already"):
        uploads.place(kept, Plan({"a.csv": "posts/a.csv"}))
    assert placed_files(raw) == {"posts/a.csv": b"old"}


def test_exports_of_the_simulator_give_way(raw: Path) -> None:
    raw.mkdir()
    (raw / ".simulated.json").write_text("{}")
    (raw / "posts.csv").write_bytes(b"simulated")
    app = bring(orders(), people())
    assert app.radio(key="bring_place").value == "Replace all existing exports"
    assert is_usable(app)
    assert placed_files(raw) == {".simulated.json": b"{}", "posts.csv": b"simulated"}
    placed = uploads.place(Uploads(), Plan(replaces_all=True))
    assert placed_files(raw) == {}
    uploads.take_back(placed)
    assert placed_files(raw) == {".simulated.json": b"{}", "posts.csv": b"simulated"}


def test_a_table_that_is_there_is_replaced_only_when_asked_for(raw: Path) -> None:
    raw.mkdir()
    (raw / "influencers.csv").write_bytes(PEOPLE)
    app = bring(orders(), people())
    assert "influencers.csv is not used as long as influencers.csv exists." in told(app)
    app.toggle(key="replace_influencers.csv").set_value(True)
    run(app)
    assert "is left out" not in told(app)
    assert is_usable(app)


# --- The build ---------------------------------------------------------------------------------


def used() -> AppTest:
    app = bring(orders(), people())
    app.button(key="bring_use").click()
    return run(app)


def test_the_check_shows_what_a_build_would_do(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tally = Tally({"accepted": 12, "rejected": 1}, {"accepted": Decimal(900)})
    reason = ("tracking_data", "rejected", "other_currency", "currency", 1, Decimal(0))
    result = CheckResult(
        tables=(TableCheck("tracking_data", 1, tally),),
        reasons=(ReasonCheck(*reason, "o.csv", 8, "USD", "in USD", "Export it in INR."),),
        not_found=(NotFoundCheck("region", "tracking_data", "Goaa", 3, None, "Goa", "no region"),),
        problems=("o.csv: it has two headers.",),
    )
    looked_at = []

    def check(folder: Path, project: Path, progress: Callable[[str], None]) -> CheckResult:
        looked_at.append({p.relative_to(folder).as_posix() for p in folder.rglob("*.csv")})
        progress("Reading")
        return result

    monkeypatch.setattr("intake.check.check", check)
    app = bring(orders(), people())
    app.button(key="bring_check").click()
    run(app)
    assert looked_at == [{"shopify_orders/orders_export_1.csv", "influencers/influencers.csv"}]
    [tables] = [f.value for f in app.dataframe if "rows_accepted" in f.value.columns]
    assert tables.iloc[0].to_dict() == {
        "raw_table": "tracking_data",
        "rows_read": 13,
        "rows_accepted": 12,
        "rows_rejected": 1,
        "rows_superseded": 0,
        "duplicates": 0,
        "amount_read": 900.0,
        "amount_accepted": 900.0,
    }
    assert list(app.table[0].value["Remedy"]) == ["Export it in INR."]
    assert "o.csv: it has two headers." in told(app)
    assert "**1 value is not found**" in told(app)
    assert not raw.exists()


def test_files_are_used_and_built(raw: Path, dbt: FakeDbt, tmp_path: Path) -> None:
    app = used()
    assert set(placed_files(raw)) == {
        "shopify_orders/orders_export_1.csv",
        "influencers/influencers.csv",
    }
    wait_until(lambda: building.progress().total > 0)
    assert [bar.proto.text for bar in run(app).get("progress")] == [
        "Building from the exports: 3 of 8 steps"
    ]
    publish(tmp_path)
    (tmp_path / "helios.duckdb").rename(dbt.folder / "published")
    dbt.end()
    wait_until(lambda: building.progress().state == "done")
    run(app)
    assert [success.value for success in app.success] == ["Built and published."]
    assert "shopify_orders/orders_export_1.csv" in told(app)
    app.button(key="bring_more").click()
    assert len(run(app).file_uploader) == 1


def test_a_build_that_fails_can_be_taken_back(raw: Path, dbt: FakeDbt) -> None:
    app = used()
    dbt.end("Encountered an error:\nCompilation Error\n  orders.csv: it is wrong.", exit_code=1)
    wait_until(lambda: not building.is_running())
    run(app)
    assert "orders.csv: it is wrong." in [error.value.replace("\\", "") for error in app.error]
    app.button(key="bring_back").click()
    run(app)
    assert placed_files(raw) == {}
    assert len(app.file_uploader) == 1


def test_a_build_that_cannot_be_started_again_is_told(
    raw: Path, dbt: FakeDbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start() -> None:
        raise building.NotStartedError("The build cannot be started: no room.")

    app = used()
    dbt.end("It is wrong.", exit_code=1)
    wait_until(lambda: not building.is_running())
    run(app)
    monkeypatch.setattr(building, "start", start)
    app.button(key="bring_again").click()
    run(app)
    assert "The build cannot be started: no room." in told(app)


def test_a_build_that_publishes_nothing_is_no_success(raw: Path, dbt: FakeDbt) -> None:
    app = used()
    dbt.end("04:00:09  Helios: nothing was published, since of 9 rows only 1 was accepted.")
    wait_until(lambda: not building.is_running())
    run(app)
    assert not app.success
    assert "Nothing was published, since of 9 rows only 1 was accepted." in told(app)


def test_nothing_is_placed_while_a_build_runs(raw: Path, tmp_path: Path) -> None:
    app = bring(orders(), people())
    (tmp_path / "warehouse").mkdir()
    (tmp_path / "warehouse" / "build.duckdb.wal").touch()
    app.button(key="bring_use").click()
    run(app)
    assert "A build is already running" in told(app)
    assert not raw.exists()


def test_taking_back_is_told_where_it_cannot_be_done(tmp_path: Path) -> None:
    placed = Placed([], [(tmp_path / "a.csv", tmp_path / "gone.csv")])
    with pytest.raises(UploadError, match="cannot be taken back"):
        uploads.take_back(placed)
