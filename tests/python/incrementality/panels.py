"""Geo tests as their owners export them: three CSV files, any number of experiments in each."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from tests.python.support import REFERENCE

GEO = REFERENCE / "geo"
SETTINGS = ("ci_level", "gbr_weight_power", "trim_rate", "max_trim_rate", "sc_demeaned")

Window = tuple[date, date]


@dataclass(frozen=True)
class GeoDay:
    """What a geo earned and cost on a date."""

    geo: str
    day: date
    response: Decimal
    cost: Decimal = Decimal(0)


@dataclass(frozen=True)
class GeoTest:
    """An experiment with its assignment and its panel. Dates are those that occur in the panel."""

    experiment_id: str
    pretest: Window
    test: Window
    treatment: Sequence[str]
    control: Sequence[str]
    rows: Sequence[GeoDay]
    cooldown_end: date | None = None
    pairs: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)

    def without_settings(self) -> GeoTest:
        return replace(self, settings={})

    @property
    def ci_level(self) -> Decimal:
        return Decimal(str(self.settings.get("ci_level", "0.9")))

    @cached_property
    def dates(self) -> list[date]:
        geos = {*self.treatment, *self.control}
        return sorted({row.day for row in self.rows if row.geo in geos})

    def _dates_between(self, first: date, last: date) -> list[date]:
        return [day for day in self.dates if first <= day <= last]

    @property
    def pretest_dates(self) -> list[date]:
        return self._dates_between(*self.pretest)

    @property
    def test_dates(self) -> list[date]:
        return self._dates_between(*self.test)

    @property
    def response_dates(self) -> list[date]:
        """Test and cooldown: the response to the test may come after it."""
        return self._dates_between(self.test[0], self.cooldown_end or self.test[1])

    @cached_property
    def _cells(self) -> dict[tuple[str, date], GeoDay]:
        return {(row.geo, row.day): row for row in self.rows}

    def response(self, geos: Iterable[str], days: Iterable[date]) -> Decimal:
        """Total response; geo-days without a row count as 0."""
        return sum((row.response for row in self._rows_of(geos, days)), Decimal(0))

    def cost(self, geos: Iterable[str], days: Iterable[date]) -> Decimal:
        """Total cost; geo-days without a row count as 0."""
        return sum((row.cost for row in self._rows_of(geos, days)), Decimal(0))

    def _rows_of(self, geos: Iterable[str], days: Iterable[date]) -> list[GeoDay]:
        wanted = list(days)
        cells = (self._cells.get((geo, day)) for geo in geos for day in wanted)
        return [cell for cell in cells if cell]


def write_geo_tests(folder: Path, geo_tests: Sequence[GeoTest]) -> Path:
    """Write geo_experiments, geo_assignments and geo_panel into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = [name for name in SETTINGS if any(name in test.settings for test in geo_tests)]
    periods = ("pretest_start", "pretest_end", "test_start", "test_end", "cooldown_end")
    _write(
        folder / "geo_experiments.csv",
        ("experiment_id", *periods, *settings),
        (
            (
                test.experiment_id,
                *(*test.pretest, *test.test, test.cooldown_end or ""),
                *(test.settings.get(name, "") for name in settings),
            )
            for test in geo_tests
        ),
    )
    _write(
        folder / "geo_assignments.csv",
        ("experiment_id", "geo", "assignment", "pair"),
        (
            (test.experiment_id, geo, assignment, test.pairs.get(geo, ""))
            for test in geo_tests
            for assignment, geos in (("treatment", test.treatment), ("control", test.control))
            for geo in geos
        ),
    )
    _write(
        folder / "geo_panel.csv",
        ("experiment_id", "geo", "date", "response", "cost"),
        (
            (test.experiment_id, row.geo, row.day, f"{row.response:f}", f"{row.cost:f}")
            for test in geo_tests
            for row in test.rows
        ),
    )
    return folder


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def read_reference_panel(name: str) -> list[dict[str, str]]:
    """Rows of a public panel."""
    with (GEO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
