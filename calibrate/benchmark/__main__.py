"""Command line: `python -m calibrate.benchmark --panels 500 --docs docs`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from calibrate.__main__ import OneLineParser, at_least_one, interrupt
from calibrate.benchmark.figures import figures_of_study
from calibrate.benchmark.oracle import with_oracle
from calibrate.benchmark.page import PAGE, TABLE, block, write
from calibrate.benchmark.run import StudyError, load, run, version_of_study

PANELS = 500


def main(arguments: Sequence[str] | None = None) -> int:
    """Build panels that are not there yet, and write what methods say of all of them.

    Args:
        arguments: Command line without the program's name; None reads `sys.argv`.

    Returns:
        Exit code 0; 1 where a build failed, 130 after an interruption. What was complete by then
        is kept. Wrong options leave with exit code 2 and one line.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.docs and not (options.docs / PAGE).is_file():
        parser.error(f"there is no {options.docs / PAGE}")
    results = (options.results / f"benchmark-{version_of_study()}").resolve()
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with tqdm(total=options.panels, unit="panel", desc="benchmark") as progress:
            run(results, options.panels, progress.update)
    except StudyError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("benchmark: interrupted; run again to go on", file=sys.stderr)
        return 130
    figures = figures_of_study(with_oracle(load(results, options.panels)))
    if options.docs:
        write(options.docs, figures)
        print(f"{options.docs / PAGE}, {options.docs / TABLE} written")
    else:
        print(block(figures), end="")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m calibrate.benchmark",
        description="Make panels by the process of a published comparison of tools, build them like"
        " anybody's geo tests, and compare what every method says with the truth. Panels that were"
        " made before are not made again.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--panels",
        type=at_least_one,
        default=PANELS,
        help=f"panels of each of the four scenarios (default: {PANELS})",
    )
    add(
        "--results",
        type=Path,
        default=Path("calibration"),
        help="folder for what is kept of panels (default: calibration)",
    )
    add(
        "--docs",
        type=Path,
        help=f"folder of {PAGE}, into which tables are written, with {TABLE} beside it (default:"
        " they are printed)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
