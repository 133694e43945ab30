"""Command line: `python -m simulate --world default --seed 42 --out seeds/raw`."""

import argparse
import signal
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from simulate.planned import PlannedError
from simulate.settings import SettingsError, load_settings, world_names
from simulate.systems import SYSTEMS, SystemsError, read_names
from simulate.world import CHUNK_ORDERS, write_world
from simulate.write import FORMATS, NotOursError

# Options that are settings of the world; `--set` reaches all others.
WORLD_OPTIONS = {
    "start": "first day as YYYY-MM-DD",
    "days": "length of the period",
    "orders": "expected order lines without any influencer",
    "influencers": "number of influencers",
    "mess": "share of rows damaged on purpose, such as 0.01",
}


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
        Exit code 0. Errors leave with exit code 2 and one line on stderr, an interruption with
        130; neither leaves a half-written file.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    overrides = {
        name: getattr(options, name) for name in WORLD_OPTIONS if getattr(options, name) is not None
    }
    overrides |= dict(options.set or [])
    if options.out.resolve() == options.truth.resolve():
        parser.error(f"--truth is {options.truth}, must be another folder than --out")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        settings = load_settings(options.world, options.seed, overrides)
        report = write_world(
            settings,
            options.out,
            options.truth,
            options.format,
            options.chunk_orders,
            options.threads,
            options.systems,
            options.planned,
        )
    except (SettingsError, NotOursError, SystemsError, PlannedError) as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"cannot write {error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        print("simulate: interrupted, nothing was changed", file=sys.stderr)
        return 130
    print("\n".join(report))
    return 0


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="python -m simulate",
        description="Write a simulated world of influencer marketing: its exports, and what really"
        " happened in it. Files of an earlier simulation are replaced, files of others are not.",
        epilog="All settings and what they mean: simulate/worlds/default.toml.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    worlds = ", ".join(world_names())
    add("--world", default="default", help=f"{worlds}, or a TOML file (default: default)")
    add("--seed", type=int, default=42, help="the same seed makes the same files (default: 42)")
    add("--out", type=Path, default=Path("seeds/raw"), help="exports (default: seeds/raw)")
    add("--truth", type=Path, default=Path("seeds/truth"), help="truth (default: seeds/truth)")
    add("--format", choices=FORMATS, default="csv", help="of all files (default: csv)")
    add(
        "--as",
        dest="systems",
        type=_systems,
        default=(),
        metavar="SYSTEM,...",
        help=f"raw reports of systems in the place of own tables, of {', '.join(SYSTEMS)}",
    )
    add(
        "--planned",
        type=Path,
        metavar="FOLDER",
        help="campaigns.csv, campaign_regions.csv and test_plans.csv of tests planned in the"
        " viewer, which run on top of the world's own campaigns",
    )
    for name, text in WORLD_OPTIONS.items():
        add(f"--{name}", type=_value, help=f"{text} (default: the world's)")
    add(
        "--set",
        type=_assignment,
        action="append",
        metavar="NAME=VALUE",
        help="any setting of the world, such as effect.halo_share=0.3; may be repeated",
    )
    add(
        "--chunk-orders",
        type=_at_least_one,
        default=CHUNK_ORDERS,
        help=f"orders made at a time; changes no file (default: {CHUNK_ORDERS})",
    )
    add("--threads", type=_at_least_one, help="threads that write; changes no file (default: all)")
    return parser


def _value(text: str) -> Any:
    """A value as it would stand in a TOML file; what is none there is a text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _systems(text: str) -> tuple[str, ...]:
    try:
        return read_names(text)
    except SystemsError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), _value(value.strip())


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
