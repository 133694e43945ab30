from pathlib import Path

import pytest

from tests.python.support import Build, run_dbt, simulate


@pytest.fixture(scope="session")
def simulated_exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sizes = ("--seed", "7", "--influencers", "60", "--orders", "4000", "--days", "120")
    return simulate(tmp_path_factory.mktemp("simulated") / "raw", *sizes)


@pytest.fixture(scope="session")
def simulated_build(simulated_exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A complete build of simulated exports. Tests read it; those that change it make their own."""
    build = run_dbt("build", raw=simulated_exports, warehouse=tmp_path_factory.mktemp("warehouse"))
    assert build.returncode == 0, build.output
    assert build.published_file.exists(), build.output
    return build


@pytest.fixture(scope="session")
def published_file(simulated_build: Build) -> Path:
    return simulated_build.published_file


@pytest.fixture(scope="session")
def default_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A complete build of the default world, with its truth beside the exports."""
    folder = tmp_path_factory.mktemp("default_world")
    raw = simulate(folder / "raw", "--world", "default")
    build = run_dbt("build", raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output  # every identity test is part of it
    assert build.published_file.exists(), build.output
    return build
