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
