"""Folders: own files are replaced, others are safe, nothing stale or half-written stays."""

import json
import shutil
from pathlib import Path

import pytest

from simulate import load_settings, write_world
from simulate.__main__ import main
from simulate.write import Format
from tests.python.simulate.worlds import hashes

pytestmark = pytest.mark.slow

SMALL = ["--world", "tiny", "--orders", "200", "--days", "14"]
TABLES = [
    "campaign_regions", "campaigns", "influencers", "payouts", "posts", "products", "regions",
    "tracking_data",
]  # fmt: skip
TRUTHS = [
    "campaigns", "experiment_days", "experiments", "influencer_campaigns", "influencers", "orders",
    "personas", "portfolio", "posts", "region_days", "response_curves",
    "settings",
]  # fmt: skip
MESSY = ["influencers", "payouts", "posts", "tracking_data"]


def write(folder: Path, seed: int = 1, ending: Format = "csv", mess: float = 0.0) -> None:
    settings = load_settings("tiny", seed, {"orders": 200, "days": 14, "mess": mess})
    write_world(settings, folder / "raw", folder / "truth", ending)


def contents(folder: Path) -> dict[str, str]:
    return hashes(folder / "raw", folder / "truth")


def names(folder: Path) -> list[str]:
    """All there is below a folder but the simulator's notes."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return sorted(name for name in found if name != ".simulated.json")


def expected_exports(ending: str, messy: bool = False) -> list[str]:
    files = [f"{table}.{ending}" for table in TABLES]
    if messy:
        files.remove(f"tracking_data.{ending}")
        files += ["tracking_data", f"tracking_data/late.{ending}", f"tracking_data/orders.{ending}"]
    return sorted(files)


def expected_truths(ending: str, messy: bool = False) -> list[str]:
    files = [f"{table}.{ending}" for table in TRUTHS]
    if messy:
        files += ["mess", *(f"mess/{table}.{ending}" for table in MESSY)]
    return sorted(files)


def error_of(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must fail with one line."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main(["--out", str(folder / "raw"), "--truth", str(folder / "truth"), *SMALL, *arguments])
    shown = capsys.readouterr()
    assert (stop.value.code, shown.out, shown.err.count("\n")) == (2, "", 1)
    return shown.err


def test_no_format_and_no_mess_leaves_a_stale_file(tmp_path: Path) -> None:
    steps: list[tuple[Format, float]] = [
        ("csv", 0.0), ("parquet", 0.0), ("csv", 0.1), ("parquet", 0.1), ("csv", 0.0),
    ]  # fmt: skip
    for number, (ending, mess) in enumerate(steps):
        write(tmp_path, number, ending, mess)
        write(tmp_path / "fresh", number, ending, mess)
        assert names(tmp_path / "raw") == expected_exports(ending, mess > 0)
        assert names(tmp_path / "truth") == expected_truths(ending, mess > 0)
        assert contents(tmp_path) == contents(tmp_path / "fresh")
        shutil.rmtree(tmp_path / "fresh")


@pytest.mark.parametrize(
    "name",
    ["raw/tracking_data.csv", "raw/posts.parquet", "raw/regions.csv", "raw/tracking_data/may.csv",
     "raw/payouts/2025/q1.csv", "truth/orders.csv", "truth/experiments.parquet",
     "truth/mess/posts.csv"],
)  # fmt: skip
@pytest.mark.parametrize("after_a_run", [False, True])
def test_a_file_of_somebody_else_stops_it(
    name: str, after_a_run: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if after_a_run:
        write(tmp_path)
    mine = tmp_path / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    before = contents(tmp_path)
    message = error_of(tmp_path, capsys, "--seed", "2")
    assert message == (
        f"simulate: {mine} was not written by the simulator;"
        " move it away or choose another folder\n"
    )
    assert contents(tmp_path) == before
    assert not list(tmp_path.rglob(".simulating"))


def test_an_export_that_was_edited_is_somebody_elses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    posts = tmp_path / "raw" / "posts.csv"
    posts.write_text(posts.read_text(encoding="utf-8") + "one,more\n", encoding="utf-8")
    before = contents(tmp_path)
    assert f"{posts} was not written by the simulator" in error_of(tmp_path, capsys)
    assert contents(tmp_path) == before


def test_an_export_that_was_edited_without_changing_its_size_is_somebody_elses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    posts = tmp_path / "raw" / "posts.csv"
    posts.write_bytes(posts.read_bytes().replace(b"reel", b"REEL"))
    assert f"{posts} was not written by the simulator" in error_of(tmp_path, capsys)


def test_notes_that_cannot_be_read_make_every_file_somebody_elses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    notes = tmp_path / "raw" / ".simulated.json"
    for content in ("{", "[]", "{}", '{"files": 3}', ""):
        notes.write_text(content)
        assert "was not written by the simulator" in error_of(tmp_path, capsys)


def test_files_that_are_no_tables_stay(tmp_path: Path) -> None:
    others = ["raw/geo_panel.csv", "raw/notes.txt", "raw/old/posts.csv", "truth/README.md"]
    for name in others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    for seed in (1, 2):
        write(tmp_path, seed)
        assert [(tmp_path / name).read_text() for name in others] == others


def test_files_that_were_taken_away_are_no_obstacle(tmp_path: Path) -> None:
    write(tmp_path, 1, "parquet")
    (tmp_path / "raw" / "posts.parquet").unlink()
    shutil.rmtree(tmp_path / "truth")
    write(tmp_path, 2)
    assert names(tmp_path / "raw") == expected_exports("csv")
    assert names(tmp_path / "truth") == expected_truths("csv")


def test_a_folder_of_a_messy_world_that_was_taken_away_is_no_obstacle(tmp_path: Path) -> None:
    write(tmp_path, 1, "csv", 0.1)
    shutil.rmtree(tmp_path / "raw" / "tracking_data")
    write(tmp_path, 2)
    assert names(tmp_path / "raw") == expected_exports("csv")


def test_a_folder_in_the_place_of_a_file_stops_it_before_anything_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    (tmp_path / "raw" / "posts.csv").unlink()
    (tmp_path / "raw" / "posts.csv").mkdir()
    before = contents(tmp_path)
    assert "posts.csv" in error_of(tmp_path, capsys, "--seed", "2")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["it's ours", "a [folder] (1)", 'a "b" $c', "घर", "-x", "a%20b"])
def test_any_name_of_a_folder_will_do(name: str, tmp_path: Path) -> None:
    write(tmp_path / name)
    write(tmp_path / "plain")
    assert contents(tmp_path / name) == contents(tmp_path / "plain")


def test_the_notes_name_every_file(tmp_path: Path) -> None:
    write(tmp_path, mess=0.1)
    for folder in (tmp_path / "raw", tmp_path / "truth"):
        notes = json.loads((folder / ".simulated.json").read_text())
        files = {name for name in names(folder) if (folder / name).is_file()}
        assert notes["files"].keys() == files


def test_a_failure_leaves_earlier_files_and_no_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    before = contents(tmp_path)

    def fail(*arguments: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr("simulate.world.write_truth", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        write(tmp_path, 2)
    assert contents(tmp_path) == before
    assert not list(tmp_path.rglob(".simulating"))


class Killed(BaseException):
    """Stands for a signal after which a process does nothing any more."""


def die(*arguments: object, **options: object) -> None:
    raise Killed


def write_and_die(folder: Path, moves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a world, but die before one of the moves that put files in their places."""
    left, replace = moves, Path.replace

    def counted(path: Path, target: Path) -> Path:
        nonlocal left
        left -= 1
        if left < 0:
            patch.setattr("simulate.write.shutil.rmtree", die)  # a dead process clears nothing up
            raise Killed
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", counted)
        with pytest.raises(Killed):
            write(folder, 2)


# The notes, all exports, the notes again; then the same for the truth.
MOVES = len(TABLES) + 2 + len(TRUTHS) + 2


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, str]]:
    """What the worlds of two seeds hold where nothing was before."""
    folder = tmp_path_factory.mktemp("fresh")
    for seed in (2, 3):
        write(folder / str(seed), seed)
    return {seed: contents(folder / str(seed)) for seed in (2, 3)}


@pytest.mark.parametrize(
    ("moves", "mess"),
    [(0, 0.0), (1, 0.0), (4, 0.0), (9, 0.0), (10, 0.0), (12, 0.0), (MOVES - 1, 0.0),
     (0, 0.1), (5, 0.1), (11, 0.1)],
)  # fmt: skip
def test_killed_while_files_change_places(
    moves: int,
    mess: float,
    fresh: dict[int, dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every file is the old or the new one, and the next run clears up."""
    write(tmp_path, 1, mess=mess)
    old = contents(tmp_path)
    write_and_die(tmp_path, moves, monkeypatch)
    assert list(tmp_path.rglob(".simulating"))
    for name, content in contents(tmp_path).items():
        if ".simulating" not in name:
            assert content in (old.get(name), fresh[2].get(name))
    write(tmp_path, 3)
    assert contents(tmp_path) == fresh[3]
    assert names(tmp_path / "raw") == expected_exports("csv")
    assert names(tmp_path / "truth") == expected_truths("csv")
