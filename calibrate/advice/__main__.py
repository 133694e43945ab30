"""Command line: `python -m calibrate.advice --docs docs`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from calibrate.__main__ import OneLineParser, at_least_one, complete, plan_of_worlds
from calibrate.advice.page import PAGES, blocks, write
from calibrate.advice.results import load
from calibrate.advice.run import VERSIONED, AdvicePipeline
from calibrate.results import Task
from calibrate.run import version_of
from simulate.settings import SettingsError, load_settings

PLAN = {
    "default": 24, "festival": 12, "overlap": 12, "spill-over": 12, "leaky-codes": 12, "flat": 12,
    "steep": 12, "one-level": 4,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Make worlds that are not there yet, and write what advice in all of them was worth.

    Args:
        arguments: Command line without the program's name; None reads `sys.argv`.

    Returns:
        Exit code 0; 1 where a world failed, 130 after an interruption. What was complete by then
        is kept. Wrong options leave with exit code 2 and one line.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        for world in options.worlds:
            load_settings(world, 1)
    except SettingsError as error:
        parser.error(str(error))
    for name in PAGES if options.docs else ():
        if not (options.docs / name).is_file():
            parser.error(f"there is no {options.docs / name}")
    # Seeds in turn, so that an interrupted run has some of every world.
    most = max(options.worlds.values())
    tasks = [
        Task(world, seed)
        for seed in range(1, most + 1)
        for world, worlds in options.worlds.items()
        if seed <= worlds
    ]
    folder = options.results / f"advice-{version_of(options.worlds, patterns=VERSIONED)}"
    if code := complete("advice", AdvicePipeline(folder, options.jobs), folder, tasks):
        return code
    made_blocks = blocks(load(folder, tasks), [Path(world).stem for world in options.worlds])
    if options.docs:
        write(options.docs, made_blocks)
        print(f"{', '.join(str(options.docs / name) for name in PAGES)} written")
    else:
        print(made_blocks.planning, made_blocks.budget, sep="\n", end="")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m calibrate.advice",
        description="Simulate worlds, plan their experiments before they begin and move their"
        " budgets, and compare both with the truth. Worlds that were made before are not made"
        " again.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    plan = ",".join(f"{world}={worlds}" for world, worlds in PLAN.items())
    add(
        "--worlds",
        type=plan_of_worlds,
        default=PLAN,
        metavar="WORLD=NUMBER,…",
        help=f"how many of which; a world is a name or a TOML file (default: {plan})",
    )
    cores = os.cpu_count() or 1
    add("--jobs", type=at_least_one, default=cores, help="worlds at a time (default: the cores)")
    add(
        "--results",
        type=Path,
        default=Path("calibration"),
        help="folder for what is kept of each world (default: calibration)",
    )
    add(
        "--docs",
        type=Path,
        help=f"folder of {' and '.join(PAGES)}, into which tables are written (default: they are"
        " printed)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
