"""Command line: `python -m intake check FOLDER`, `python -m intake templates FOLDER`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from intake.check import check
from intake.check_report import report
from intake.templates import TemplateError, write_templates

PROJECT = Path(__file__).resolve().parents[1]


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage text."""

    def error(self, message: str) -> NoReturn:
        """Print the message on stderr and leave with exit code 2."""
        self.exit(2, f"intake: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a folder of exports, or write files to start from.

    Args:
        arguments: Command line without the program's name; None reads `sys.argv`.

    Returns:
        Exit code 0; 1 where a check finds a file that is not read, a problem that stops a build, or
        more than 2 % of the money with a value that is found nowhere; 130 after an interruption.
        Errors leave with exit code 2 and one line on stderr.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.command == "templates":
            return _write(options.folder)
        return _check(options.folder, options.verbose)
    except (NotADirectoryError, TemplateError) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"cannot use {error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        print("intake: interrupted", file=sys.stderr)
        return 130


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _check(folder: Path, verbose: bool) -> int:
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder. Name the one with your exports.")
    progress = _ProgressLine()
    try:
        result = check(folder, PROJECT, progress.show)
    finally:
        progress.clear()
    print(report(result, verbose))
    return 0 if result.is_good else 1


def _write(folder: Path) -> int:
    for path in write_templates(folder, PROJECT):
        print(path)
    return 0


class _ProgressLine:
    """One line on a terminal that shows what is being done; nothing where there is no terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._width = 0

    def show(self, message: str) -> None:
        if self._is_shown:
            print(f"\r{message.ljust(self._width)}", end="", file=sys.stderr, flush=True)
            self._width = len(message)

    def clear(self) -> None:
        if self._is_shown:
            print(f"\r{' ' * self._width}\r", end="", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m intake",
        description="Looks at a folder of exports before it is built, or writes files to start"
        " from.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser(
        "check",
        help="show what each file is taken for, which rows would count, and what is wrong",
        description="Shows what a build of a folder of exports would do. Nothing is published.",
    )
    checking.add_argument("folder", type=Path, help="with the exports")
    checking.add_argument("--verbose", action="store_true", help="show every header and value")
    writing = commands.add_parser(
        "templates",
        help="write a file for each table with its headers, and a page of examples beside",
        description="Writes <table>.csv with nothing but headers, and <folder>-examples.md beside.",
    )
    writing.add_argument("folder", type=Path, help="for the files")
    return parser


if __name__ == "__main__":
    sys.exit(main())
