"""Warehouses for the viewer, and a real browser on a running viewer."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.python.support import Build
from tests.python.viewer.serving import CHROMIUM, CHROMIUM_OPTIONS, serving
from tests.python.viewer.tiny import publish, publish_copy


@pytest.fixture(scope="module")
def simulated_warehouse(
    default_build: Build, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The viewer reads a copy of the published file of the default world."""
    folder = tmp_path_factory.mktemp("simulated_warehouse")
    publish_copy(default_build.published_file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELIOS_WAREHOUSE", str(folder))
        yield folder


@pytest.fixture
def empty_warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The viewer looks into a folder in which nothing is published."""
    monkeypatch.setenv("HELIOS_WAREHOUSE", str(tmp_path))
    return tmp_path


@pytest.fixture
def tiny_warehouse(empty_warehouse: Path) -> Path:
    """The viewer reads the tiny published file."""
    publish(empty_warehouse)
    return empty_warehouse


@pytest.fixture(scope="module")
def address(simulated_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running viewer of the simulated data."""
    log = tmp_path_factory.mktemp("viewer") / "log.txt"
    with serving(log, dict(os.environ)) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a screen."""
    if not CHROMIUM:
        pytest.skip("no chromium on the path; HELIOS_CHROMIUM can name one")
    expect.set_options(timeout=30_000)  # a loaded machine is slow, not wrong
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own, 1280 pixels wide."""
    with browser.new_context(
        accept_downloads=True, viewport={"width": 1280, "height": 900}
    ) as context:
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page
