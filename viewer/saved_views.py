"""Views that users saved by name: a page with its filters, in a small file beside the warehouse."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Annotated
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from viewer.folders import can_be_written, warehouse
from viewer.pages import PAGES

LONGEST_NAME, MOST_VIEWS = 60, 100
# One process serves all users.
_writing = Lock()


class SavedViewsError(Exception):
    """Views cannot be read or saved; the message is one line for the user."""


def _known_page(page: str) -> str:
    if page not in PAGES:
        raise ValueError(f"there is no page {page}")
    return page


class SavedView(BaseModel, extra="forbid", frozen=True):
    """A page and its filters.

    Attributes:
        name: What the user calls it.
        page: Name of the page in PAGES.
        query: Values of the link by parameter.
    """

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    page: Annotated[str, AfterValidator(_known_page)]
    query: dict[str, list[str]]

    @property
    def link(self) -> str:
        """Its link from any page."""
        page = "" if self.page == "overview" else self.page
        return f"./{page}?{urlencode(self.query, doseq=True)}"


_FILE = TypeAdapter(list[SavedView])


def path() -> Path:
    """The file of saved views."""
    return warehouse() / "saved_views.json"


def are_kept() -> bool:
    """Whether views can be saved here."""
    return can_be_written(warehouse())


def load() -> list[SavedView]:
    """The saved views, by name.

    Raises:
        SavedViewsError: If the file cannot be read, or holds anything else.
    """
    try:
        return _FILE.validate_json(path().read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValidationError):
        raise SavedViewsError(
            f"{path().name} in the warehouse is no file of saved views. Move it away to save new"
            " ones."
        ) from None


def save(view: SavedView) -> None:
    """Keep a view; one of the same name is replaced.

    Raises:
        SavedViewsError: If it cannot be kept.
    """
    with _changed() as views:
        others = [one for one in views if one.name != view.name]
        if len(others) >= MOST_VIEWS:
            raise SavedViewsError(f"There are {MOST_VIEWS} views already. Delete one first.")
        views[:] = sorted([*others, view], key=lambda one: one.name.casefold())


def delete(name: str) -> None:
    """Delete a view, if it is there.

    Raises:
        SavedViewsError: If the file cannot be changed.
    """
    with _changed() as views:
        views[:] = [one for one in views if one.name != name]


@contextmanager
def _changed() -> Iterator[list[SavedView]]:
    """The views to change; they are written in one step, so that no reader gets half a file."""
    with _writing:
        views = load()
        yield views
        unfinished = path().with_suffix(".unfinished")
        try:
            unfinished.write_bytes(_FILE.dump_json(views, indent=2))
            os.replace(unfinished, path())
        except OSError as error:
            raise SavedViewsError(f"The view cannot be saved: {error.strerror}.") from None
