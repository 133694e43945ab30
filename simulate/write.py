"""Files: written beside their place and moved there when all of them are complete."""

import json
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal, TypeAlias

import duckdb
import pyarrow as pa

Format: TypeAlias = Literal["csv", "parquet"]
Mark: TypeAlias = list[int]
FORMATS: tuple[Format, ...] = ("csv", "parquet")
OPTIONS = {"csv": "format csv, header true", "parquet": "format parquet, row_group_size 122880"}
MEMORY_LIMIT = "400MB"
MANIFEST = ".simulated.json"
STAGE = ".simulating"
RAW_TABLES = (
    "influencers", "tracking_data", "posts", "payouts", "campaigns", "campaign_regions",
    "regions", "products",
)  # fmt: skip


class NotOursError(Exception):
    """A file in the way that the simulator did not write; its message is one line."""


@dataclass
class Folder:
    """A folder that gets files of a world.

    Attributes:
        path: The folder.
        rows: Rows of each file, by name relative to the folder, filled while they are written.
    """

    path: Path
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def stage(self) -> Path:
        """Where files are written until all are complete."""
        return self.path / STAGE

    def written(self) -> dict[str, list[Mark]]:
        """Marks that files of the simulator have here, by name: one each, or old and new."""
        try:
            manifest = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
            return dict(manifest["files"])
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return {}  # never written to, or not by this version: then no file is ours

    def check(self, tables: Sequence[str]) -> None:
        """Stop if a file of these tables is somebody's own export.

        Args:
            tables: Names of the tables that will be written.

        Raises:
            NotOursError: If there is one.
        """
        ours = self.written()
        for table in tables:
            files = [self.path / f"{table}.{ending}" for ending in FORMATS]
            if (self.path / table).is_dir():
                files += sorted((self.path / table).rglob("*"))
            for file in files:
                name = file.relative_to(self.path).as_posix()
                if file in files[: len(FORMATS)] and file.is_dir():
                    raise NotOursError(
                        f"{file} is a folder, must be a file or absent; move it away"
                    )
                if file.is_file() and _mark(file) not in ours.get(name, []):
                    raise NotOursError(
                        f"{file} was not written by the simulator;"
                        " move it away or choose another folder"
                    )

    def publish(self) -> list[str]:
        """Put the staged files in place of those of last time.

        Returns:
            One line a file: path, rows, and whether it was replaced.
        """
        before = self.written()
        files = {name: [_mark(self.stage / name)] for name in self.rows}
        # The manifest covers old and new files while they change places, so that a second run
        # can clear up after one that was cut off here.
        both = {name: before.get(name, []) + files.get(name, []) for name in before | files}
        self._note(both)
        for name in before.keys() - files.keys():
            old = self.path / name
            old.unlink(missing_ok=True)
            if "/" in name and old.parent.is_dir() and not any(old.parent.iterdir()):
                old.parent.rmdir()
        report = []
        for name, rows in self.rows.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            done = "replaced" if target.exists() else "written"
            (self.stage / name).replace(target)
            report.append(f"{target}: {rows:,} rows, {done}")
        self._note(files)
        return report

    def _note(self, files: dict[str, list[Mark]]) -> None:
        note = self.path / MANIFEST
        draft = self.stage / MANIFEST
        draft.write_text(json.dumps({"files": files}, indent=1) + "\n", encoding="utf-8")
        draft.replace(note)


def _mark(file: Path) -> Mark:
    """Size and time of the last change: what tells a file from an edited one."""
    status = file.stat()
    return [status.st_size, status.st_mtime_ns]  # a list, as JSON knows no tuples


@contextmanager
def staged(*folders: Folder) -> Iterator[None]:
    """Prepare the folders' stages, and clear them away whatever happens."""
    try:
        for folder in folders:
            shutil.rmtree(folder.stage, ignore_errors=True)
            folder.stage.mkdir(parents=True)
        yield
    finally:
        for folder in folders:
            shutil.rmtree(folder.stage, ignore_errors=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore interruptions for the moment in which files change places."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals go to the main thread anyway
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.SIG_IGN) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def run_interruptibly(work: Callable[[], None], stop: Callable[[], None]) -> None:
    """Run work so that an interruption ends it in an orderly way.

    Python handles signals in the main thread, in whatever it runs at the moment. If that were
    the making of rows inside a query, the exception would have to pass through DuckDB.

    Args:
        work: Runs in a thread of its own.
        stop: Called from this thread when it is interrupted; has `work` come to an end soon.

    Raises:
        KeyboardInterrupt: If interrupted, when `work` has ended.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        running = pool.submit(work)
        try:
            running.result()
        except KeyboardInterrupt:
            stop()
            wait([running])  # how it ended does not matter any more
            raise


class Writer:
    """Writes tables as files, with DuckDB.

    Args:
        ending: Format of the files.
        threads: Threads of DuckDB; None takes what the machine has. Changes no byte.
    """

    def __init__(self, ending: Format, threads: int | None = None) -> None:
        """Open a database in memory, which only passes rows through."""
        self.ending = ending
        self._stopped = False
        self.connection = duckdb.connect()
        self.connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        self.connection.execute("set enable_progress_bar = false")
        if threads is not None:
            self.connection.execute(f"set threads = {threads}")

    def stop(self) -> None:
        """Break off what is being written, and write nothing more."""
        self._stopped = True
        self.connection.interrupt()

    def write(
        self,
        folder: Folder,
        name: str,
        rows: pa.Table | pa.RecordBatchReader | None = None,
        select: str = "select * from source_rows",
    ) -> None:
        """Write one file into the folder's stage.

        Args:
            folder: Where to.
            name: Name of the file without ending; may lie in a folder of its own.
            rows: What `select` sees as `source_rows`; a stream is read once, a batch at a time.
            select: Query whose rows are written, in its order.

        Raises:
            InterruptedError: If `stop` was called before.
        """
        if self._stopped:
            raise InterruptedError
        target = folder.stage / f"{name}.{self.ending}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(rows, pa.RecordBatchReader):
            # The stream itself, not its reader: from a reader DuckDB has Arrow's scanner read
            # ahead, by up to a gigabyte.
            batches = pa.RecordBatchReader.from_batches(rows.schema, self._until_stopped(rows))
            self.connection.register("source_rows", batches.__arrow_c_stream__())
        elif rows is not None:
            self.connection.register("source_rows", rows)
        quoted = str(target).replace("'", "''")
        written = self.connection.execute(
            f"copy ({select}) to '{quoted}' ({OPTIONS[self.ending]})"
        ).fetchall()
        if rows is not None:
            self.connection.unregister("source_rows")
        folder.rows[f"{name}.{self.ending}"] = int(written[0][0])

    def _until_stopped(self, batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """The same batches; a stop that comes before DuckDB has begun is seen here."""
        for batch in batches:
            if self._stopped:
                raise InterruptedError
            yield batch


def stream(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    """Batches as a stream that DuckDB reads as it goes.

    Args:
        batches: At least one.

    Returns:
        The stream.
    """
    first = next(batches)
    return pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
