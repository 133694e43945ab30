"""What the shop sells, where, and on which days it holds sales: the tables under `data/`."""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"
NO_MEMBER = -1  # in a column of row numbers: none


@dataclass(frozen=True)
class Regions:
    """Indian states and union territories, R of them.

    Attributes:
        region: Shape (R,); names.
        code: Shape (R,); two letters, used in customer numbers.
        language: Shape (R,); the official language most people speak.
        population: Shape (R,); people.
        share: Shape (R,); of the shop's orders, sums to 1.
    """

    region: NDArray[np.object_]
    code: NDArray[np.object_]
    language: NDArray[np.object_]
    population: NDArray[np.int64]
    share: NDArray[np.float64]


@dataclass(frozen=True)
class Products:
    """What the shop sells, P products of B brands.

    Attributes:
        product: Shape (P,); names.
        brand: Shape (P,); row numbers in `BRANDS`.
        list_price: Shape (P,); whole rupees.
        unit_cost: Shape (P,); whole rupees.
        share: Shape (P,); of the orders of its brand, sums to 1 within a brand.
    """

    product: NDArray[np.object_]
    brand: NDArray[np.int64]
    list_price: NDArray[np.int64]
    unit_cost: NDArray[np.int64]
    share: NDArray[np.float64]


@dataclass(frozen=True)
class Events:
    """Festivals and sales, E of them.

    Attributes:
        name: Shape (E,); an event of every year has the same name in each.
        first_day: Shape (E,); dates.
        last_day: Shape (E,); dates, inclusive.
        lift: Shape (E,); of demand, -0.25 is a quarter less.
        first_covered: First day of the years that the table holds.
        last_covered: Last day of the years that the table holds.
    """

    name: NDArray[np.object_]
    first_day: NDArray[np.datetime64]
    last_day: NDArray[np.datetime64]
    lift: NDArray[np.float64]
    first_covered: date
    last_covered: date


@dataclass(frozen=True)
class Brand:
    """A brand of the shop.

    Attributes:
        name: As in exports.
        share: Of the shop's orders.
        suits: Categories of influencers whose followers are its buyers.
        themes: Names of campaigns, used in turn.
    """

    name: str
    share: float
    suits: tuple[str, ...]
    themes: tuple[str, ...]


BRANDS = (
    Brand("MuscleBlaze", 0.45, ("Fitness", "Nutrition"),
          ("Biozyme Challenge", "Ziddi Gym Season", "Protein Every Day", "Creatine Club")),
    Brand("HKVitals", 0.27, ("Wellness", "Beauty", "Lifestyle"),
          ("Glow From Within", "Vitamin Habit", "Better Hair Days", "Immunity Season")),
    Brand("Gritzo", 0.14, ("Parenting", "Nutrition"),
          ("Growing Up Strong", "Back to School", "Little Champions")),
    Brand("TrueBasics", 0.14, ("Wellness", "Fitness"),
          ("Clean Basics", "Sleep and Recover", "Everyday Strong")),
)  # fmt: skip
BRAND_NAMES = np.array([brand.name for brand in BRANDS], dtype=object)
BRAND_SHARES = np.array([brand.share for brand in BRANDS])


def _read(name: str) -> dict[str, list[str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def _read_regions() -> Regions:
    table = _read("regions")
    share = np.array(table["online_share"], dtype=float)
    people = np.array(table["population_millions"], dtype=float)
    return Regions(
        region=np.array(table["region"], dtype=object),
        code=np.array(table["code"], dtype=object),
        language=np.array(table["language"], dtype=object),
        population=np.rint(people * 1e6).astype(np.int64),
        share=share / share.sum(),
    )


def _read_products() -> Products:
    table = _read("products")
    names = list(BRAND_NAMES)
    brand = np.array([names.index(name) for name in table["brand"]])
    weight = np.array(table["weight"], dtype=float)
    return Products(
        product=np.array(table["product"], dtype=object),
        brand=brand,
        list_price=np.array(table["list_price"], dtype=np.int64),
        unit_cost=np.array(table["unit_cost"], dtype=np.int64),
        share=weight / np.bincount(brand, weight)[brand],
    )


def _read_events() -> Events:
    table = _read("events")
    first, last = (
        np.array(table[column], dtype="datetime64[D]") for column in ("first_day", "last_day")
    )
    return Events(
        name=np.array(table["name"], dtype=object),
        first_day=first,
        last_day=last,
        lift=np.array(table["lift"], dtype=float),
        first_covered=date(first.min().item().year, 1, 1),
        last_covered=date(last.max().item().year, 12, 31),
    )


REGIONS = _read_regions()
PRODUCTS = _read_products()
EVENTS = _read_events()
