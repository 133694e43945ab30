"""Command line: `python -m calibrate --worlds default=135,null=28 --jobs 4`."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tqdm import tqdm

from calibrate.page import documents, write
from calibrate.results import Task, is_there, load, of_other_versions
from calibrate.run import Pipeline, WorldError, version_of
from simulate.settings import SettingsError, load_settings, world_names

# So many that at least 3,000 experiments of default are measured and 600 of each of the six worlds
# after it, in overlap every other one being in another's way; of the rest some 200, to see what
# breaks. In national there are none.
PLAN = {
    "default": 135, "null": 28, "halo": 28, "leaky-codes": 28, "spill-over": 28, "overlap": 34,
    "festival": 28,
    "stockpiling": 8, "trend": 8, "shocks": 8, "few-regions": 8, "no-codes": 8, "national": 15,
    "national-drift": 15, "leaks-60": 8, "different-influencers": 8,
}  # fmt: skip


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage text."""

    def error(self, message: str) -> NoReturn:
        """Print the message on stderr and leave with exit code 2."""
        name = self.prog.replace(".", " ").split()[-1]
        self.exit(2, f"{name}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make worlds that are not there yet, and write what all of them say.

    Args:
        arguments: Command line without the program's name; None reads `sys.argv`.

    Returns:
        Exit code 0; 1 where a world failed, 130 after an interruption. What was complete by then
        is kept. Wrong options leave with exit code 2 and one line.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    first = options.first_seed
    tasks = [
        Task(world, seed)
        for world, worlds in options.worlds.items()
        for seed in range(first, first + worlds)
    ]
    try:
        for world in options.worlds:
            load_settings(world, first)
    except SettingsError as error:
        parser.error(str(error))
    if options.docs and not (options.docs / "method.md").is_file():
        parser.error(f"there is no {options.docs / 'method.md'}")
    version = version_of(options.worlds)
    folder = options.results / version
    if others := of_other_versions(options.results, version):
        print(
            f"calibrate: {others} worlds in {options.results} were made by other versions of"
            " models or simulator and are left out",
            file=sys.stderr,
        )
    if code := complete("calibrate", Pipeline(folder, options.jobs), folder, tasks):
        return code
    block, plot = documents(load(folder, tasks), [Path(world).stem for world in options.worlds])
    if options.docs:
        write(options.docs, block, plot)
        print(f"{options.docs / 'method.md'} and {options.docs / 'calibration.svg'} written")
    else:
        print(block, end="")
    return 0


def complete(name: str, pipeline: Pipeline, folder: Path, tasks: list[Task]) -> int:
    """Make the worlds that are not there yet, and say on stderr what stood in the way.

    Args:
        name: What the command is called.
        pipeline: What makes them.
        folder: Where they are kept.
        tasks: All that are wanted.

    Returns:
        Exit code: 0 where all are there, 1 where one failed, 130 after an interruption.
    """
    missing = [task for task in tasks if not is_there(folder, task)]
    signal.signal(signal.SIGTERM, interrupt)
    try:
        failures = _run(name, pipeline, missing, len(tasks))
    except WorldError as error:
        failures = [str(error)]
    except KeyboardInterrupt:
        made = sum(is_there(folder, task) for task in tasks)
        print(
            f"{name}: interrupted; {made} of {len(tasks)} worlds are kept, run again to go on",
            file=sys.stderr,
        )
        return 130
    for failure in failures:
        print(f"{name}: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _run(name: str, pipeline: Pipeline, tasks: list[Task], all_tasks: int) -> list[str]:
    if not tasks:
        return []
    with tqdm(total=all_tasks, initial=all_tasks - len(tasks), unit="world", desc=name) as progress:
        return pipeline.run(tasks, progress.update)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """End as after Ctrl-C where the program is told to end."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m calibrate",
        description="Simulate worlds, build each like anybody's exports, and compare what every"
        " method says with the truth. Worlds that were made before are not made again.",
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
    add("--first-seed", type=at_least_one, default=1, help="seeds count up from it (default: 1)")
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
        help="folder of method.md, into which tables and plot are written (default: they are"
        " printed)",
    )
    return parser


def plan_of_worlds(text: str) -> dict[str, int]:
    """How many of which worlds, of an option.

    Args:
        text: What was written.

    Returns:
        Numbers by name or file of the world.

    Raises:
        argparse.ArgumentTypeError: If it cannot be read.
    """
    plan = {}
    for part in text.split(","):
        world, equals, worlds = part.rpartition("=")
        if not equals or not world or not worlds.isdigit() or int(worlds) < 1:
            raise argparse.ArgumentTypeError(f"{part!r} is not WORLD=NUMBER, such as null=3")
        world = world.strip()
        if world not in world_names() and Path(world).is_file():
            world = str(Path(world).resolve())
        plan[world] = int(worlds)
    return plan


def at_least_one(text: str) -> int:
    """A number of an option.

    Args:
        text: What was written.

    Returns:
        The number.

    Raises:
        argparse.ArgumentTypeError: If it is not a whole number of at least 1.
    """
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
