"""A build of some models in a process of its own: its lines, and what stopped it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path

# A step as dbt reports it, such as "12 of 46 OK created sql table model"; hooks are counted apart.
STEP = re.compile(r"(\d+) of (\d+) (?!START)(?!\w+ hook)[\w-]+ ")
STOPPED = "Encountered an error:"
LAST_LINES = 8
SECONDS_TO_END = 5


def dbt_lines(
    project: Path, arguments: Sequence[str], folders: Mapping[str, str]
) -> Generator[str]:
    """Run `dbt build`; it does not outlive the one who reads its lines.

    Args:
        project: Folder of the project.
        arguments: Of `dbt build`.
        folders: What is added to the environment.

    Yields:
        Lines that it writes.
    """
    process = subprocess.Popen(
        (
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--no-use-colors", "build", *arguments),
            *("--project-dir", str(project), "--profiles-dir", str(project)),
        ),
        cwd=project,
        env=os.environ | folders,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    assert process.stdout is not None
    try:
        yield from (line.rstrip("\n") for line in process.stdout)
    except BaseException:
        process.terminate()
        raise
    finally:
        process.stdout.close()
        try:
            process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def stops_of_build(results: Path, output: Sequence[str]) -> list[str]:
    """What stopped a build, one line each; none where nothing did.

    Args:
        results: File with what dbt says of every model; it is not there where dbt stopped before.
        output: What dbt wrote.

    Returns:
        Problems.
    """
    if not results.exists():
        lines = _untimed(output)
        if any(line.startswith("Traceback") for line in lines):
            said = [line for line in lines if line and not line[0].isspace()]
            return [f"The build stopped by a fault of its own: {said[-1]}"]
        stop = lines.index(STOPPED) + 1 if STOPPED in lines else -LAST_LINES
        return stop_lines("\n".join(lines[stop:])) or ["The build stopped."]
    ran = json.loads(results.read_text(encoding="utf-8"))["results"]
    return [
        line
        for result in ran
        if result["status"] in ("error", "fail")
        for line in stop_lines(result["message"] or f"{result['unique_id']} failed.")
    ]


def stop_lines(message: str) -> list[str]:
    """The problems in an error message of dbt: without where in the code it was raised.

    Args:
        message: As dbt writes it.

    Returns:
        One line a problem.
    """
    told = message.split("\n  > in ")[0].split("\n  compiled code at ")[0].split("\n> in ")[0]
    lines = [line.strip() for line in told.splitlines()]
    said = [line for line in lines if line and not _is_heading(line)]
    # Problems of several files come in one line.
    parts = [re.split(r"(?<=[^.]\. )(?=\S+\.\w+: )", line) for line in said]
    return [part.strip() for line in parts for part in line] or lines[:1]


def _untimed(lines: Iterable[str]) -> list[str]:
    """Lines of dbt without the time in front."""
    return [re.sub(r"^\d\d:\d\d:\d\d  ", "", line) for line in lines]


def _is_heading(line: str) -> bool:
    """Whether a line of an error only says where it comes from."""
    return bool(re.match(r"(Compilation|Runtime|Database|Parsing) Error( in |$)", line))
