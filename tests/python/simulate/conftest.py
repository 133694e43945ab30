"""Written worlds that several files of this folder read."""

import signal
from collections.abc import Iterator

import pytest

from tests.python.simulate.worlds import STRONG, Files, Maker


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("worlds"))


@pytest.fixture(scope="session")
def default(written: Maker) -> Files:
    return written("default")


@pytest.fixture(scope="session")
def tiny(written: Maker) -> Files:
    return written("tiny")


@pytest.fixture(scope="session")
def strong(written: Maker) -> Files:
    return written("default", 11, **STRONG)


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The command line sets a handler of SIGTERM; pytest gets its own back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
