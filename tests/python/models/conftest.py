import pytest

from tests.python.support import Build, run_dbt, simulate


@pytest.fixture(scope="package")
def default_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A complete build of the default world, with its truth beside the exports."""
    folder = tmp_path_factory.mktemp("default_world")
    raw = simulate(folder / "raw", "--world", "default")
    build = run_dbt("build", raw=raw, warehouse=folder / "warehouse")
    assert build.returncode == 0, build.output  # every identity test is part of it
    assert build.published_file.exists(), build.output
    return build
