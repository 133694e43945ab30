"""The blocks of the docs that benches write: what was measured, and the command for it."""

from pathlib import Path

from calibrate.page import put

DOCS = Path(__file__).parents[1] / "docs"


def write(page: str, name: str, text: str) -> None:
    """Put what was measured between the markers of a page.

    Args:
        page: Name of the page in `docs/`.
        name: Of the block; its markers are `<!-- name:begin -->` and `<!-- name:end -->`.
        text: The new content, as Markdown.

    Raises:
        ValueError: If the page lacks a marker.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    path = DOCS / page
    made = f"{begin}\n{text.strip()}\n{end}\n"
    path.write_text(put(path.read_text(encoding="utf-8"), made, begin, end), encoding="utf-8")
