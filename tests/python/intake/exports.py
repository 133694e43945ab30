"""Exports made by hand, and builds that have to stop at them."""

from pathlib import Path

from tests.python.support import build_exports

INFLUENCERS = "influencer_id,name,platform\nA,Asha,Instagram\nB,Ravi,YouTube\n"
ORDERS = (
    "source,influencer_id,date,orders,revenue\nlink,A,2025-07-01,1,100\ndirect,,2025-07-02,1,50\n"
)


def write(folder: Path, **tables: str | bytes) -> Path:
    """Write `<table>.csv` files into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for raw_table, content in tables.items():
        text = content if isinstance(content, bytes) else content.encode()
        (folder / f"{raw_table}.csv").write_bytes(text)
    return folder


def stop_of(tmp_path: Path, **tables: str | bytes) -> str:
    """The error, on one line, of a build that has to stop."""
    raw = write(tmp_path / "raw", **tables)
    build = build_exports(raw=raw, warehouse=tmp_path / "warehouse")
    assert build.returncode != 0, build.output
    assert not build.published_file.exists()
    assert "Traceback" not in build.output
    return " ".join(build.output.split())
