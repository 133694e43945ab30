"""Builds that several files of tests read, made once for all workers of a run; what tests need."""

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.python import support
from tests.python.support import Build, build_exports, run_dbt, simulate

# What a test needs, by a fixture that it asks for.
NEEDS = {"simulated_build": "build", "default_build": "build", "browser": "browser"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests by what they need; leave those out that take minutes, unless -m asks for some."""
    for item in items:
        for fixture in NEEDS.keys() & getattr(item, "fixturenames", ()):
            item.add_marker(NEEDS[fixture])
    if config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test without the mark that runs dbt would make `make check` slow, and so may not."""
    support.MAY_BUILD = item.get_closest_marker("build") is not None


SMALL_WORLD = ("--seed", "7", "--influencers", "60", "--orders", "4000", "--days", "120")


def made_once(
    name: str, make: Callable[[Path], Build], tmp_path_factory: pytest.TempPathFactory
) -> Build:
    """The build of this name, made by whichever worker of this run needs it first.

    Args:
        name: Of the build, and of its folder.
        make: Makes it in an empty folder; whoever comes meanwhile waits.
        tmp_path_factory: Knows the folder of this run.

    Returns:
        The build. Tests read it; those that change it make their own.
    """
    of_run = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_run = of_run.parent  # a worker's folder is in that of the run
    made = of_run / f"{name}.pickle"
    with FileLock(of_run / f"{name}.lock"):
        if not made.exists():
            made.write_bytes(pickle.dumps(make(tmp_path_factory.mktemp(name))))
        build: Build = pickle.loads(made.read_bytes())
    return build


def published(build: Build) -> Build:
    assert build.returncode == 0, build.output  # every identity test is part of it
    assert build.published_file.exists(), build.output
    return build


@pytest.fixture(scope="session")
def simulated_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A complete build of simulated exports. Tests read it; those that change it make their own."""

    def make(folder: Path) -> Build:
        raw = simulate(folder / "raw", *SMALL_WORLD)
        return published(build_exports(raw=raw, warehouse=folder / "warehouse"))

    return made_once("simulated", make, tmp_path_factory)


@pytest.fixture(scope="session")
def simulated_exports(simulated_build: Build) -> Path:
    return simulated_build.raw


@pytest.fixture(scope="session")
def published_file(simulated_build: Build) -> Path:
    return simulated_build.published_file


@pytest.fixture(scope="session")
def default_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A build of the default world, unit tests and all, with its truth beside the exports."""

    def make(folder: Path) -> Build:
        raw = simulate(folder / "raw", "--world", "default")
        return published(run_dbt("build", raw=raw, warehouse=folder / "warehouse", warm=False))

    return made_once("default_world", make, tmp_path_factory)
