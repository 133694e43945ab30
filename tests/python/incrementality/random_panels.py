"""Made-up geo tests of many shapes, the same on every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import numpy as np

from tests.python.incrementality.panels import GeoDay, GeoTest

Costs = Literal["test", "test and cooldown", "every day", "half the geos, every day"]


@dataclass(frozen=True)
class Shape:
    """What a panel is like. Counts of dates; `step` days lie between them."""

    treated: int = 6
    control: int = 7
    pretest: int = 28
    test: int = 14
    cooldown: int = 0
    gap: int = 0
    step: int = 1
    overhang: int = 0
    scale: float = 1000
    noise: float = 0.1
    effect: float = 0.08
    missing: float = 0
    silent: int = 0
    refunds: float = 0
    costs: Costs = "test"
    decimals: int = 2
    paired: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


def random_test(experiment_id: str, seed: int, shape: Shape) -> GeoTest:
    """Geos of different sizes that share good and bad days, and react to what is spent on them."""
    random = np.random.default_rng(seed)
    first = date(2024, 1, 1) + timedelta(days=int(random.integers(0, 300)))
    counts = (shape.pretest, shape.gap, shape.test, shape.cooldown)
    dates = [first + timedelta(days=shape.step * i) for i in range(sum(counts))]
    pretest, _, test, cooldown = np.split(np.array(dates), np.cumsum(counts)[:-1])
    # Periods may end between two dates of a weekly panel.
    overhang = timedelta(days=shape.overhang)
    geos = [f"geo {i}" for i in range(shape.treated + shape.control)]
    geo_test = GeoTest(
        experiment_id=experiment_id,
        pretest=(pretest[0] - overhang, pretest[-1] + overhang),
        test=(test[0] - overhang, test[-1] + overhang),
        cooldown_end=cooldown[-1] + overhang if shape.cooldown else None,
        treatment=geos[: shape.treated],
        control=geos[shape.treated :],
        rows=(),
        pairs=dict(_pairs(geos, shape)) if shape.paired else {},
        settings=shape.settings,
    )
    return replace(geo_test, rows=list(_rows(geo_test, dates, shape, random)))


def _pairs(geos: list[str], shape: Shape) -> Iterator[tuple[str, str]]:
    """Each treated geo with a control geo; those left over are in no pair."""
    for i in range(min(shape.treated, shape.control)):
        yield geos[i], f"pair {i}"
        yield geos[shape.treated + i], f"pair {i}"


def _rows(
    test: GeoTest, dates: list[date], shape: Shape, random: np.random.Generator
) -> Iterator[GeoDay]:
    sizes = shape.scale * random.lognormal(0, 0.8, shape.treated + shape.control)
    days = (
        1 + 0.2 * np.sin(2 * np.pi * np.arange(len(dates)) / 7) + random.normal(0, 0.1, len(dates))
    )
    # Geos without assignment are in the file, and so are dates before the pretest.
    geos = [*test.treatment, *test.control, "elsewhere"]
    before = test.pretest[0] - timedelta(days=shape.step * 3)
    for number, (geo, size) in enumerate(zip(geos, (*sizes, shape.scale), strict=True)):
        yield GeoDay(geo, before, Decimal(7), Decimal(7))
        has_cost = shape.costs != "half the geos, every day" or number % 2 == 0
        is_silent = number < shape.silent or 0 <= number - shape.treated < shape.silent
        for day, factor in zip(dates, days, strict=True):
            is_treated = geo in test.treatment
            in_test = test.test[0] <= day <= test.test[1]
            after_pretest = day > test.pretest[1]
            spent = 0.0
            if shape.costs.endswith("every day") and has_cost:
                spent = 0.03 * size * random.lognormal(0, 0.3)
            if is_treated and (in_test or (after_pretest and "cooldown" in shape.costs)):
                spent += 0.05 * size * random.lognormal(0, 0.2)
            response = size * factor * (1 + shape.noise * random.normal())
            if is_treated and after_pretest:
                response += shape.effect * size * (1 if in_test else 0.3)
            if random.random() < shape.refunds:
                response = -0.2 * size
            if is_silent and not after_pretest:
                response = 0.0
            if random.random() >= shape.missing:
                yield GeoDay(
                    geo, day, _rounded(response, shape.decimals), _rounded(spent, shape.decimals)
                )


def _rounded(value: float, decimals: int) -> Decimal:
    return Decimal(f"{value:.{decimals}f}")
