"""Files that somebody brings: kept in a folder of their session until they join the exports.

Nothing is written into the folder of exports before `place`. Files of the exports that others take
the place of are moved into a hidden folder there, which no build reads.
"""

import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd
from streamlit.runtime.uploaded_file_manager import UploadedFile

from intake.check import link_files
from intake.contract import Contract
from intake.exports import Exports, FileFacts, look, state_hash
from intake.files import ADAPTERS, file_states, first_name, format_of
from viewer.folders import PROJECT_ROOT, raw_exports, warehouse

SETTING, LIMIT_SETTING = "HELIOS_UPLOADS", "HELIOS_UPLOAD_MB"
MEGABYTE = 1 << 20
USUAL_LIMIT = 200
SAMPLE_ROWS = 10
ENDINGS = ("csv", "tsv", "txt", "gz", "parquet", "xlsx")
ON, OFF = ("1", "on", "true", "yes"), ("0", "off", "false", "no")
LOCAL_HOST = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?", re.I)
REPLACED = ".replaced"
SIMULATED = ".simulated.json"


class UploadError(Exception):
    """A file that cannot be kept, mapped or placed; the message is one line for the user."""


def is_allowed(host: str | None, address: str | None) -> bool:
    """Whether files may be brought: as HELIOS_UPLOADS says, else on the user's own machine only.

    The host is what the browser called the viewer by, None if it is not known; the address is that
    of the browser, None if it is on this machine.

    Raises:
        UploadError: If the setting is neither on nor off.
    """
    setting = os.environ.get(SETTING, "").strip().lower()
    if setting in ON:
        return True
    if setting in OFF:
        return False
    if setting:
        raise UploadError(f"{SETTING} is '{setting}'. Set it to on or off.")
    return address is None and (host is None or LOCAL_HOST.fullmatch(host) is not None)


def limit_mb() -> int:
    """How many megabytes all files together may have: HELIOS_UPLOAD_MB.

    Raises:
        UploadError: If the setting is no whole number above zero.
    """
    setting = os.environ.get(LIMIT_SETTING, str(USUAL_LIMIT)).strip()
    if not re.fullmatch(r"[1-9]\d{0,5}", setting):
        raise UploadError(f"{LIMIT_SETTING} is '{setting}'. Set it to a number of megabytes.")
    return int(setting)


@dataclass
class Plan:
    """What becomes of the files that somebody brought.

    Destinations are names below the folder of exports by name of the file, adapters are texts by
    name without ending. All exports that are there give way, or those that are replaced.
    """

    destinations: dict[str, str] = field(default_factory=dict)
    adapters: dict[str, str] = field(default_factory=dict)
    replaces_all: bool = False
    replaced: set[str] = field(default_factory=set)


class Placed(NamedTuple):
    """What `place` added to the exports, and where each file that gave way was and is now."""

    added: list[Path]
    moved: list[tuple[Path, Path]]


class Uploads:
    """The files of one session; their folder goes with it."""

    def __init__(self) -> None:
        name = tempfile.mkdtemp(prefix="helios-uploads-")
        weakref.finalize(self, shutil.rmtree, name, ignore_errors=True)
        self.root = Path(name).resolve()
        self.files = self.root / "files"
        self.files.mkdir()
        self.planned_folder = self.root / "planned"
        self._kept: dict[str, str] = {}
        self._looks: dict[Path, tuple[str, Exports]] = {}

    def keep(self, uploads: Sequence[UploadedFile]) -> list[str]:
        """Keep these files and no others; returns why some of them are not kept, one line each."""
        problems: list[str] = []
        wanted: dict[str, UploadedFile] = {}
        limit = limit_mb()
        size = sum(upload.size for upload in uploads) / MEGABYTE
        if size > limit:
            problems.append(
                f"The files have {size:,.1f} MB, more than the {limit} MB that may be brought here."
                f" Compress them as .csv.gz, set {LIMIT_SETTING}, or put them into HELIOS_RAW by"
                " hand."
            )
            uploads = []
        for upload in uploads:
            name = safe_name(upload.name)
            if format_of(name) is None:
                problems.append(
                    f"{name}: this file type is not supported. Save it as 'CSV UTF-8' or .xlsx."
                )
            elif not upload.size:
                problems.append(f"{name} is empty. Export it again.")
            elif name in wanted:
                problems.append(
                    f"{name}: two files have this name. Rename one of them, then add it."
                )
            else:
                wanted[name] = upload
        for name in self._kept.keys() - wanted.keys():
            (self.files / name).unlink(missing_ok=True)
            del self._kept[name]
        for name, upload in wanted.items():
            if self._kept.get(name) != upload.file_id:
                with _or_cannot("be kept", self.files / name):
                    (self.files / name).write_bytes(upload.getbuffer())
                self._kept[name] = upload.file_id
        return problems

    @property
    def names(self) -> list[str]:
        """Names of the files that are kept, in order."""
        return sorted(self._kept)

    def recognised(self) -> Exports:
        """What each file is by its name and headers, before anybody says so."""
        plan = Plan({name: name for name in self.names}, replaces_all=True)
        return self._look(self.root / "recognised", plan)

    def planned(self, plan: Plan) -> Exports:
        """What is in the folder of exports as it would be, which is made as `planned_folder`."""
        return self._look(self.planned_folder, plan)

    def _look(self, folder: Path, plan: Plan) -> Exports:
        """What is in a folder of exports as a plan would make it; made by links, and remembered."""
        raw = raw_exports()
        shutil.rmtree(folder, ignore_errors=True)
        gone = _exports_that_give_way(plan)
        with _or_cannot("be laid out", raw):
            link_files(raw.resolve(), folder, [file for file in _states() if file not in gone])
            for file, destination in plan.destinations.items():
                path = _cleared(folder / destination)
                try:
                    path.symlink_to(self.files / file)
                except OSError:
                    shutil.copy2(self.files / file, path)
            for adapter, text in plan.adapters.items():
                _cleared(folder / ADAPTERS / f"{adapter}.yml").write_text(text, encoding="utf-8")
        copies = self.root / f"copies-{folder.name}"
        states: dict[str, list[int] | str] = {**file_states(folder, copies)}
        for file in states:
            if (path := folder / file).parent.name == ADAPTERS:
                # Adapters are written anew each time; what they say is what counts.
                states[file] = path.read_text(encoding="utf-8", errors="replace")
        key = state_hash(states)  # type: ignore[arg-type]
        if folder not in self._looks or self._looks[folder][0] != key:
            self._looks[folder] = key, look(folder, copies, PROJECT_ROOT)
        return self._looks[folder][1]


def safe_name(name: str) -> str:
    """A file's name without folders, and never hidden."""
    return re.sub(r"[\x00-\x1f/\\]", "", re.split(r"[/\\]", name)[-1]).lstrip(". ") or "file"


def existing() -> list[str]:
    """Names of the exports that are there, adapters left out."""
    return sorted(name for name in _states() if name.partition("/")[0] != ADAPTERS)


def is_simulated() -> bool:
    """Whether the exports that are there come from the simulator."""
    return (raw_exports() / SIMULATED).exists()


def conflicts(plan: Plan, contract: Contract) -> dict[str, list[str]]:
    """By file that is brought, the exports that it cannot stand beside.

    They have its very place, or are the one file of its table.
    """
    names = existing()
    found: dict[str, list[str]] = {}
    for file, place_ in plan.destinations.items():
        folder = place_.partition("/")[0]
        same = [name for name in names if name == place_]
        if folder in contract.tables:
            same += [name for name in names if "/" not in name and first_name(name) == folder]
        if same:
            found[file] = same
    return found


def sample(exports: Exports, facts: FileFacts) -> pd.DataFrame:
    """The first rows of a file that is read: the columns that have something in them, all text.

    Raises:
        UploadError: If the file cannot be read.
    """
    quoted = "'" + facts.file.replace("'", "''") + "'"
    select = next(text for text in exports.selects[str(facts.raw_table)] if quoted in text)
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"select * exclude (file, file_number, row_hash) from ({select})"
                " where file = ? order by record_number limit ?",
                [facts.file, SAMPLE_ROWS],
            ).df()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UploadError(f"{facts.file} cannot be read: {reason}") from error
    return rows.dropna(axis="columns", how="all")


def place(uploads: Uploads, plan: Plan) -> Placed:
    """Put files among the exports; returns what was done.

    Raises:
        UploadError: If they cannot be put there; then everything is as it was.
    """
    raw = raw_exports()
    adapters = {f"{ADAPTERS}/{name}.yml": text.encode() for name, text in plan.adapters.items()}
    gone = _exports_that_give_way(plan) | {name for name in adapters if (raw / name).exists()}
    if plan.replaces_all and is_simulated():
        gone.add(SIMULATED)
    away = raw / REPLACED / f"{datetime.now():%Y-%m-%d %H%M%S.%f}"
    placed = Placed([], [])
    with _or_cannot("be put there", raw):
        try:
            raw.mkdir(parents=True, exist_ok=True)
            for name in sorted(gone):
                (away / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(raw / name, away / name)
                placed.moved.append((raw / name, away / name))
            for name, content in adapters.items():
                _write(raw / name, content)
                placed.added.append(raw / name)
            for file, name in plan.destinations.items():
                _write(raw / name, (uploads.files / file).read_bytes())
                placed.added.append(raw / name)
        except OSError:
            take_back(placed)
            raise
    return placed


def take_back(placed: Placed) -> None:
    """Make the folder of exports what it was before.

    Raises:
        UploadError: If it cannot be.
    """
    with _or_cannot("be taken back", raw_exports()):
        for path in placed.added:
            path.unlink(missing_ok=True)
        for before, now in placed.moved:
            before.parent.mkdir(parents=True, exist_ok=True)
            os.replace(now, before)
        for path in (*placed.added, *(now for _, now in placed.moved)):
            _remove_empty(path.parent)


def _exports_that_give_way(plan: Plan) -> set[str]:
    return set(existing()) if plan.replaces_all else plan.replaced


def _states() -> dict[str, list[int]]:
    return file_states(raw_exports(), warehouse() / "copies")


def _cleared(path: Path) -> Path:
    """A path at which nothing is yet, in a folder that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path


def _write(path: Path, content: bytes) -> None:
    """Write a new file in one step, never over another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise FileExistsError(17, "it is there already", str(path))
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def _remove_empty(folder: Path) -> None:
    """Remove a folder below that of exports, and those that it is in, as far as they are empty."""
    while folder.is_dir() and raw_exports() in folder.parents and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


@contextmanager
def _or_cannot(what: str, path: Path) -> Iterator[None]:
    """Tell of a failure at this path, or at the one that the system names."""
    try:
        yield
    except OSError as error:
        name, reason = Path(error.filename or path).name, error.strerror or error
        raise UploadError(f"{name} cannot {what}: {reason}. Nothing was changed.") from error
