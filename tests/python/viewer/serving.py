"""A running viewer, and the browser to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.python.support import PROJECT

APP = PROJECT / "viewer" / "app.py"
CHROMIUM = os.environ.get("HELIOS_CHROMIUM") or shutil.which("chromium")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SECONDS_TO_START = 60
# Streamlit fades what is stale; a picture of something half faded tells nothing of its colours.
WITHOUT_FADING = "*, ::before, ::after { transition: none !important; animation: none !important }"
SETTLED = """() => document.querySelector('[data-test-script-state="notRunning"]')
    && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]')"""


@contextmanager
def serving(log: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run the viewer as its users do.

    Args:
        log: File for what it says.
        environment: Its environment.

    Yields:
        Its address.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=PROJECT, env=dict(environment), stdout=output, stderr=output
        ) as server,
    ):
        try:
            _wait_until_healthy(address, log)
            yield address
        finally:
            server.terminate()


def _wait_until_healthy(address: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    pytest.fail(f"the viewer did not start:\n{log.read_text()}")


def wait_until_settled(page: Page) -> None:
    """Wait until a page shows the outcome of what was done last, charts included."""
    page.wait_for_timeout(300)  # a click is on its way to the server
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(500)  # charts are drawn after the script is done
    page.wait_for_function(SETTLED)


def open_settled(page: Page, url: str) -> None:
    """Open a page of the viewer, and wait until nothing on it moves."""
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.add_style_tag(content=WITHOUT_FADING)
    wait_until_settled(page)


def url_of(address: str, name: str) -> str:
    """The URL of a page by its name in `PAGES`."""
    return f"{address}/{'' if name == 'overview' else name}"
