"""The public reference cases: what was computed elsewhere, and the experiments that ask for it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from tests.python.incrementality.panels import GEO, GeoDay, GeoTest, read_reference_panel

CASE_IDS = (
    *("TBR-SC-1", "TBR-VC-1", "GBR-SC-1", "GBR-SC-3-power0", "GBR-SC-4-power1"),
    *("DID-SC-1", "DID-SC-2-ratio", "SC-GL-1-demeaned", "NAIVE-SC-1"),
    *("TM-EX-1", "TM-EX-3-all57", "TM-EX-5-notrim", "TM-U4-0", "TM-U4-25", "TM-README5"),
)
LEVELS = (80, 90, 95)

needs_reference = pytest.mark.skipif(
    not (GEO / "golden.json").exists(), reason=f"the public reference data are not in {GEO}"
)


@cache
def golden_cases() -> dict[str, dict[str, Any]]:
    """The cases of golden.json by their id."""
    cases = json.loads((GEO / "golden.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in cases}


@cache
def golden_experiments() -> Sequence[GeoTest]:
    """One experiment per case and level; cases on one panel with one setting share theirs."""
    return (
        *(sales_and_cost(level, power) for level in LEVELS for power in (2, 1, 0)),
        *(sales_and_cost(level, None) for level in LEVELS),
        geolift(),
        *(trimmed_match_example(case_id) for case_id in CASE_IDS if case_id.startswith("TM-EX")),
        *(pair_differences(case_id) for case_id in ("TM-U4-0", "TM-U4-25", "TM-README5")),
    )


def golden_experiment(experiment_id: str) -> GeoTest:
    return next(test for test in golden_experiments() if test.experiment_id == experiment_id)


def sales_and_cost(level: int, power: int | None) -> GeoTest:
    """Google's example, with fixed cost and a weight power, or with variable cost (no power)."""
    name = "salesandcost" if power is not None else "salesandcost_variable_cost_derived"
    treatment, control, rows = _read(name)
    settings: dict[str, object] = {"ci_level": level / 100}
    if power != 2:
        settings["gbr_weight_power"] = power
    if power is None:
        settings.pop("gbr_weight_power")
    return GeoTest(
        experiment_id=f"VC-{level}" if power is None else f"SC-{level}-power{power}",
        pretest=(date(2015, 1, 5), date(2015, 2, 15)),
        test=(date(2015, 2, 16), date(2015, 3, 15)),
        treatment=treatment,
        control=control,
        rows=rows,
        settings=settings,
    )


def geolift() -> GeoTest:
    """GeoLift's walkthrough; its cost is given in total only."""
    treatment, control, rows = _read("geolift_test")
    first_day = date(2021, 1, 1)
    test = (first_day + timedelta(days=90), first_day + timedelta(days=104))
    total = Decimal(golden_cases()["SC-GL-1-demeaned"]["params"]["campaign_cost_in_walkthrough"])
    spent = [row for row in rows if row.geo in treatment and test[0] <= row.day <= test[1]]
    share = (total / len(spent)).quantize(Decimal("0.01"))
    costs = {(row.geo, row.day): share for row in spent[1:]}
    costs[(spent[0].geo, spent[0].day)] = total - share * len(spent[1:])
    return GeoTest(
        experiment_id="GL",
        pretest=(first_day, first_day + timedelta(days=89)),
        test=test,
        treatment=treatment,
        control=control,
        rows=[
            GeoDay(row.geo, row.day, row.response, costs.get((row.geo, row.day), Decimal(0)))
            for row in rows
        ],
    )


def trimmed_match_example(case_id: str) -> GeoTest:
    """The paired example of trimmed_match; pairs are left out by leaving out their assignments."""
    params = golden_cases()[case_id]["params"]
    excluded = {str(pair) for pair in params["excluded_pairs"]}
    cells = read_reference_panel("trimmed_match_example.csv")
    pairs = {cell["geo"]: cell["pair"] for cell in cells if cell["pair"] not in excluded}
    treatment, control, rows = _read("trimmed_match_example")
    days: dict[str, list[date]] = {}
    for cell in cells:
        days.setdefault(cell["period"], []).append(date.fromisoformat(cell["date"]))
    return GeoTest(
        experiment_id=case_id,
        pretest=(min(days["design_eval"]), max(days["design_eval"])),
        test=(min(days["intervention"]), max(days["intervention"])),
        treatment=[geo for geo in treatment if geo in pairs],
        control=[geo for geo in control if geo in pairs],
        rows=rows,
        pairs=pairs,
        settings=_trim_settings(params),
    )


def pair_differences(case_id: str) -> GeoTest:
    """A case given as differences: two geos per pair on one test day, one of them with it all.

    Both have a constant beside it, so that no figure is negative and the pretest is not empty.
    """
    params = golden_cases()[case_id]["params"]
    differences = [
        (cell["pair"], Decimal(cell["delta_response"]), Decimal(cell["delta_cost"]))
        for cell in read_reference_panel("trimmed_match_pairs.csv")
        if cell["case"] == params["case"]
    ]
    return paired_test(case_id, differences, _trim_settings(params))


def paired_test(
    experiment_id: str,
    differences: Iterable[tuple[str, Decimal, Decimal]],
    settings: Mapping[str, object],
) -> GeoTest:
    """Pairs with their differences in response and cost on a single test day."""
    differences = list(differences)
    response = 100 + max(abs(y) for _, y, _ in differences)
    cost = max(Decimal(0), *(-x for _, _, x in differences))
    first_day = date(2024, 1, 1)
    pretest = [first_day + timedelta(days=i) for i in range(7)]
    test_day = first_day + timedelta(days=7)
    rows = [
        GeoDay(f"{pair}-{side}", day, response)
        for pair, _, _ in differences
        for side in "tc"
        for day in pretest
    ]
    for pair, y, x in differences:
        rows.append(GeoDay(f"{pair}-t", test_day, response + y, cost + x))
        rows.append(GeoDay(f"{pair}-c", test_day, response, cost))
    names = [pair for pair, _, _ in differences]
    return GeoTest(
        experiment_id=experiment_id,
        pretest=(pretest[0], pretest[-1]),
        test=(test_day, test_day),
        treatment=[f"{pair}-t" for pair in names],
        control=[f"{pair}-c" for pair in names],
        rows=rows,
        pairs={f"{pair}-{side}": pair for pair in names for side in "tc"},
        settings=settings,
    )


def _trim_settings(params: Mapping[str, Any]) -> dict[str, object]:
    return {
        "ci_level": params["confidence"],
        "max_trim_rate": params["max_trim_rate"],
        "trim_rate": "" if params["trim_rate"] == "auto" else params["trim_rate"],
    }


@cache
def _read(name: str) -> tuple[list[str], list[str], list[GeoDay]]:
    """Treated geos, control geos, and rows of a public panel."""
    cells = read_reference_panel(f"{name}.csv")
    groups = {cell["geo"]: cell["group"] for cell in cells}
    rows = [
        GeoDay(
            cell["geo"],
            date.fromisoformat(cell["date"]),
            Decimal(cell["sales"]),
            Decimal(cell.get("cost", "0")),
        )
        for cell in cells
    ]
    treatment = [geo for geo, group in groups.items() if group == "treatment"]
    control = [geo for geo, group in groups.items() if group == "control"]
    return treatment, control, rows
