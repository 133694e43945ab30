"""Names of files below the folder of exports: which are looked at, what they say, their order."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

FORMATS = ("csv", "tsv", "txt", "csv.gz", "tsv.gz", "txt.gz", "parquet", "xlsx")
ADAPTERS = "adapters"  # folder of adapters, not of exports
PASSED_OVER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
REMEDIES = {
    **dict.fromkeys(
        ("xls", "xlsb", "xlsm", "ods", "numbers"),
        "is a workbook that is not read. Save it as .xlsx or as 'CSV UTF-8'.",
    ),
    **dict.fromkeys(
        ("zip", "rar", "7z", "tar", "tgz", "gz", "bz2", "zst"),
        "is an archive. Unpack it here.",
    ),
    **dict.fromkeys(
        ("yml", "yaml"), f"belongs into the folder {ADAPTERS}/ if it is an adapter. Move it there."
    ),
}
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = {
    name: number
    for number, month in enumerate(_MONTHS, start=1)
    for name in (month, month[:3], month[:4])
}


def file_states(folder: Path, copies: Path | None = None) -> dict[str, list[int]]:
    """Size and times of change of every file below a folder of exports, by name.

    Args:
        folder: With the exports.
        copies: For clean copies, in the warehouse, if there is one. What a build writes is no
            export, should the warehouse lie below the folder.

    Returns:
        [size in bytes, times of change in nanoseconds] by name; hidden files are left out. A copy
        that keeps the time of its content has another time of its own.
    """
    own = set()
    if copies is not None:
        is_shared = copies.parent.resolve() == folder.resolve()
        own = {copies.resolve() if is_shared else copies.parent.resolve()}
    states = {}
    for path in _files(folder, own):
        status = path.stat()
        times = [status.st_mtime_ns, status.st_ctime_ns]
        states[path.relative_to(folder).as_posix()] = [status.st_size, *times]
    return states


def format_of(file: str) -> str | None:
    """The format that a file's name says, or None where it is none that is read."""
    lower = file.casefold()
    return next((known for known in FORMATS if lower.endswith(f".{known}")), None)


def why_no_format(file: str) -> str:
    """Why a file of this name is not read, and what to do."""
    name = file.rpartition("/")[2]
    ending = name.rpartition(".")[2].casefold() if "." in name else ""
    remedy = REMEDIES.get(ending)
    if remedy is not None:
        return f"it {remedy}"
    return f"its name ends in none of .{', .'.join(FORMATS)}. Save it as 'CSV UTF-8'."


def stem(file: str) -> str:
    """A file's name without what says its format."""
    known = format_of(file)
    return file if known is None else file[: -len(known) - 1]


def first_name(file: str) -> str:
    """The part of a file's name that may be a table's: its folder's, or its own without ending."""
    folder, slash, _ = file.partition("/")
    return (folder if slash else stem(file)).casefold()


def file_order(file: str) -> tuple[object, ...]:
    """Orders the files of a table from the oldest to the newest, by their names."""
    folder, _, name = file.rpartition("/")
    return natural_key(stem(name)), natural_key(folder), file


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Orders names with numbers by value, and months by their place in the year."""
    parts = re.findall(r"[0-9]+|[^\W\d_]+|[\W\d_]", name.casefold())
    return tuple(_natural_part(part) for part in parts)


def _natural_part(part: str) -> tuple[int, int, str]:
    if part.isascii() and part.isdigit():
        return 1, int(part), ""
    if part in _MONTH_NUMBERS:
        return 1, _MONTH_NUMBERS[part], ""
    return (2 if part.isalpha() else 0), 0, part


def _files(folder: Path, without: set[Path]) -> Iterator[Path]:
    seen = {str(path) for path in without}
    for parent, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not _is_passed_over(name)]
        paths = (Path(parent, name) for name in names if not _is_passed_over(name))
        yield from (path for path in paths if path.is_file())


def _is_passed_over(name: str) -> bool:
    return name.startswith((".", "~$")) or name.casefold() in PASSED_OVER
