"""Command line: `python -m simulate --seed 42 --out seeds/raw`."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from simulate.settings import DEFAULT_LAST_DAY, Settings
from simulate.world import build_world
from simulate.write import write_world


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage text."""

    def error(self, message: str) -> NoReturn:
        """Print the message on stderr and leave with exit code 2."""
        self.exit(2, f"simulate: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate a world and write its files.

    Args:
        arguments: Command line without the program's name; None reads `sys.argv`.

    Returns:
        Exit code 0. Errors leave with exit code 2 and one line on stderr.
    """
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    folder: Path = options.pop("out")
    try:
        settings = Settings(**options)
    except ValueError as error:
        parser.error(f"--{error}")
    try:
        report = write_world(build_world(settings), folder)
    except OSError as error:
        parser.error(f"cannot write to --out {folder}: {error.strerror}")
    print("\n".join(report))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m simulate",
        description="Write a simulated world of influencer marketing as four CSV files:"
        " influencers, posts, tracking_data and payouts. Files of these names are replaced.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    usual = Settings()
    add = parser.add_argument
    add("--seed", type=int, default=usual.seed, help="the same seed gives the same files")
    add("--out", type=Path, default=Path("seeds/raw"), help="folder, made if missing")
    add("--days", type=int, default=usual.days, help="length of the period")
    add("--influencers", type=int, default=usual.influencers, help="number of influencers")
    add("--orders", type=int, default=usual.orders, help="number of order lines")
    add(
        "--start",
        type=_date,
        default=argparse.SUPPRESS,
        help=f"first day as YYYY-MM-DD (default: the period ends on {DEFAULT_LAST_DAY})",
    )
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date as YYYY-MM-DD") from None


if __name__ == "__main__":
    sys.exit(main())
