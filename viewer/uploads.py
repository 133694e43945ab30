"""Files that somebody brings: kept in a folder of their session until they join the exports.

Nothing is written into the folder of exports before `place`. Files of the exports that others take
the place of are moved into a hidden folder there, which no build reads.
"""

import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import duckdb
import pandas as pd

from intake.check import link_files
from intake.contract import Contract
from intake.exports import Exports, FileFacts, look, state_hash
from intake.files import ADAPTERS, file_states, first_name, format_of
from viewer.folders import PROJECT_ROOT, raw_exports, warehouse

SETTING, LIMIT_SETTING = "HELIOS_UPLOADS", "HELIOS_UPLOAD_MB"
MEGABYTE = 1 << 20
USUAL_LIMIT = 200
ENDINGS = ("csv", "tsv", "txt", "gz", "parquet", "xlsx")
ON, OFF = ("1", "on", "true", "yes"), ("0", "off", "false", "no")
LOCAL_HOST = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?", re.I)
REPLACED = ".replaced"
SIMULATED = ".simulated.json"


class UploadError(Exception):
    """A file that cannot be kept or placed; the message is one line for the user."""


class Upload(Protocol):
    """A file as the browser sends it."""

    name: str
    file_id: str
    size: int

    def getbuffer(self) -> memoryview:
        """Its bytes."""


def is_allowed(host: str | None, address: str | None) -> bool:
    """Whether files may be brought: as HELIOS_UPLOADS says, else on the user's own machine only.

    Args:
        host: The name that the browser called the viewer by; None if it is not known.
        address: Of the browser; None if it is on this machine.

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


@dataclass(frozen=True)
class Plan:
    """What becomes of the files that somebody brought.

    Attributes:
        destinations: Name below the folder of exports by name of the file.
        adapters: Text of new adapters by name of the file, without ending.
        replaces_all: Whether all exports that are there give way.
        replaced: Names of exports that give way to a file of the same place.
    """

    destinations: Mapping[str, str] = field(default_factory=dict)
    adapters: Mapping[str, str] = field(default_factory=dict)
    replaces_all: bool = False
    replaced: frozenset[str] = frozenset()


class Placed(NamedTuple):
    """What `place` did, so that it can be taken back.

    Attributes:
        folder: The folder of exports.
        added: Files that it made.
        moved: Where each file that gave way was, and where it is now.
    """

    folder: Path
    added: tuple[Path, ...]
    moved: tuple[tuple[Path, Path], ...]


class Uploads:
    """The files of one session; their folder goes with it."""

    def __init__(self) -> None:
        """Make the folder."""
        name = tempfile.mkdtemp(prefix="helios-uploads-")
        weakref.finalize(self, shutil.rmtree, name, ignore_errors=True)
        self.root = Path(name).resolve()
        self.files = self.root / "files"
        self.files.mkdir()
        self._kept: dict[str, str] = {}
        self._looks: dict[tuple[str, str], Exports] = {}

    def keep(self, uploads: Sequence[Upload]) -> list[str]:
        """Keep these files and no others.

        Args:
            uploads: The files.

        Returns:
            What is wrong with some of them, one line each; these are not kept.
        """
        problems, wanted = [], {}
        limit = limit_mb()
        size = sum(upload.size for upload in uploads)
        if size > limit * MEGABYTE:
            self._remove_others(())
            return [
                f"The files have {size / MEGABYTE:,.1f} MB, more than the {limit} MB that may be"
                f" brought here. Compress them as .csv.gz, set {LIMIT_SETTING}, or put them into"
                " HELIOS_RAW by hand."
            ]
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
        self._remove_others(wanted)
        for name, upload in wanted.items():
            if self._kept.get(name) != upload.file_id:
                try:
                    (self.files / name).write_bytes(upload.getbuffer())
                except OSError as error:
                    raise UploadError(_cannot("be kept", name, error)) from error
                self._kept[name] = upload.file_id
        return problems

    def _remove_others(self, names: Iterable[str]) -> None:
        for name in set(self._kept) - set(names):
            (self.files / name).unlink(missing_ok=True)
            del self._kept[name]

    @property
    def names(self) -> list[str]:
        """Names of the files that are kept, in order."""
        return sorted(self._kept)

    def recognised(self, adapters: Mapping[str, str]) -> Exports:
        """What each file is by its name and headers, before anybody says so.

        Args:
            adapters: Text of new adapters by name.
        """
        plan = Plan({name: name for name in self.names}, adapters, replaces_all=True)
        return self._look("recognised", plan)

    def planned(self, plan: Plan) -> tuple[Path, Exports]:
        """The folder of exports as it would be, and what is in it."""
        exports = self._look("planned", plan)
        return self.root / "planned", exports

    def _look(self, name: str, plan: Plan) -> Exports:
        """What is in a folder of exports as a plan would make it; made by links, and remembered."""
        folder, raw = self.root / name, raw_exports()
        shutil.rmtree(folder, ignore_errors=True)
        exports = [] if plan.replaces_all else set(_files(raw)) - plan.replaced
        kept = [*exports, *_adapters(raw)]
        try:
            link_files(raw.resolve(), folder, kept)
            for file, destination in plan.destinations.items():
                path = folder / destination
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                _link(self.files / file, path)
            for adapter, text in plan.adapters.items():
                path = folder / ADAPTERS / f"{adapter}.yml"
                path.parent.mkdir(exist_ok=True)
                path.unlink(missing_ok=True)
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise UploadError(_cannot("be laid out", str(error.filename), error)) from error
        copies = self.root / f"copies-{name}"
        states = file_states(folder, copies)
        # Adapters are written anew each time; what they say is what counts.
        adapters = {
            file: [path.read_text(encoding="utf-8", errors="replace")]
            for file in states
            if (path := folder / file).parent.name == ADAPTERS
        }
        key = name, state_hash({**states, **adapters})  # type: ignore[dict-item]
        if key not in self._looks:
            self._looks = {known: of for known, of in self._looks.items() if known[0] != name}
            self._looks[key] = look(folder, copies, PROJECT_ROOT)
        return self._looks[key]


def safe_name(name: str) -> str:
    """A file's name without folders, and never hidden."""
    return re.sub(r"[\x00-\x1f/\\]", "", re.split(r"[/\\]", name)[-1]).lstrip(". ") or "file"


def existing() -> list[str]:
    """Names of the exports that are there."""
    return sorted(_files(raw_exports()))


def is_simulated() -> bool:
    """Whether the exports that are there come from the simulator."""
    return (raw_exports() / SIMULATED).exists()


def can_be_written() -> bool:
    """Whether the folder of exports, or the folder that it will be made in, can be written to."""
    folder = raw_exports()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK)


def destination(facts: FileFacts) -> str:
    """Where a file that was recognised belongs below the folder of exports.

    Args:
        facts: Of the file; its raw table is known.
    """
    return f"{facts.adapter or facts.raw_table}/{facts.file}"


def conflicts(plan: Plan, contract: Contract) -> dict[str, list[str]]:
    """By file that is brought, the exports that it cannot stand beside.

    They have its very place, or are the one file of its table.

    Args:
        plan: What shall become of the files.
        contract: With the tables.
    """
    if plan.replaces_all:
        return {}
    names = existing()
    found: dict[str, list[str]] = {}
    for file, place_ in plan.destinations.items():
        folder = place_.partition("/")[0]
        one = [name for name in names if "/" not in name and first_name(name) == folder]
        same = [name for name in names if name == place_]
        if same or (one and folder in contract.tables):
            found[file] = [*same, *one]
    return found


def sample(exports: Exports, file: str, rows: int = 10) -> pd.DataFrame:
    """The first rows of a file as rows of its table.

    Args:
        exports: What is in the folder.
        file: Its name below the folder.
        rows: How many.

    Returns:
        The columns of the table that have something in them, all text.

    Raises:
        UploadError: If the file cannot be read.
    """
    facts = next((facts for facts in exports.files if facts.file == file), None)
    if facts is None or facts.raw_table is None:
        return pd.DataFrame()
    quoted = "'" + file.replace("'", "''") + "'"
    selects = [text for text in exports.selects.get(facts.raw_table, []) if quoted in text]
    with duckdb.connect() as connection:
        for select in selects:
            try:
                found = connection.execute(
                    f"select * exclude (file, file_number, row_hash) from ({select})"
                    " where file = ? order by record_number limit ?",
                    [file, rows],
                ).df()
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise UploadError(f"{file} cannot be read: {reason}") from error
            if len(found):
                return found.dropna(axis="columns", how="all")
    return pd.DataFrame()


def place(uploads: Uploads, plan: Plan) -> Placed:
    """Put files among the exports.

    Args:
        uploads: With the files.
        plan: What becomes of them.

    Returns:
        What was done.

    Raises:
        UploadError: If they cannot be put there; then everything is as it was.
    """
    raw = raw_exports()
    gone = _gone(raw, plan)
    away = raw / REPLACED / f"{datetime.now():%Y-%m-%d %H%M%S.%f}"
    added: list[Path] = []
    moved: list[tuple[Path, Path]] = []
    try:
        raw.mkdir(parents=True, exist_ok=True)
        for name in gone:
            (away / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(raw / name, away / name)
            moved.append((raw / name, away / name))
        for adapter, text in plan.adapters.items():
            _write(raw / ADAPTERS / f"{adapter}.yml", text.encode(), added)
        for file, place_ in plan.destinations.items():
            _write(raw / place_, (uploads.files / file).read_bytes(), added)
    except OSError as error:
        take_back(Placed(raw, tuple(added), tuple(moved)))
        raise UploadError(_cannot("be put there", str(error.filename or raw), error)) from error
    return Placed(raw, tuple(added), tuple(moved))


def take_back(placed: Placed) -> None:
    """Make the folder of exports what it was before.

    Raises:
        UploadError: If it cannot be.
    """
    try:
        for path in placed.added:
            path.unlink(missing_ok=True)
        for before, now in placed.moved:
            before.parent.mkdir(parents=True, exist_ok=True)
            os.replace(now, before)
        emptied = {path.parent for path in placed.added} | {now.parent for _, now in placed.moved}
        for folder in sorted(emptied, key=lambda folder: -len(folder.parts)):
            _remove_empty(folder, placed.folder)
    except OSError as error:
        raise UploadError(_cannot("be taken back", str(error.filename), error)) from error


def _gone(raw: Path, plan: Plan) -> list[str]:
    """Names below the folder of exports that give way."""
    gone = set(plan.replaced)
    if plan.replaces_all:
        gone |= set(_files(raw))
        gone |= {SIMULATED} if is_simulated() else set()
    new_adapters = {f"{ADAPTERS}/{name}.yml" for name in plan.adapters}
    return sorted(gone | {name for name in new_adapters if (raw / name).exists()})


def _files(raw: Path) -> list[str]:
    """Exports that are there, adapters left out."""
    return [name for name in _states(raw) if name.partition("/")[0] != ADAPTERS]


def _adapters(raw: Path) -> list[str]:
    return [name for name in _states(raw) if name.partition("/")[0] == ADAPTERS]


def _states(raw: Path) -> dict[str, list[int]]:
    return file_states(raw, warehouse() / "copies")


def _write(path: Path, content: bytes, added: list[Path]) -> None:
    """Write a new file in one step, never over another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise FileExistsError(17, "it is there already", str(path))
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_bytes(content)
    os.replace(temporary, path)
    added.append(path)


def _link(file: Path, path: Path) -> None:
    try:
        path.symlink_to(file)
    except OSError:
        shutil.copy2(file, path)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_relative_to(root) and folder.is_dir():
        if any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent


def _cannot(what: str, name: str, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{Path(name).name} cannot {what}: {reason}. Nothing was changed."
