"""The blocks of docs/planning.md and docs/budget.md that say what advice was worth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from calibrate.advice.moved import figures_of_budgets
from calibrate.advice.planned import figures_of_plans
from calibrate.advice.results import Advice
from calibrate.page import ALL, BEGIN, END, put, table_of_worlds
from calibrate.uncertainty import Figure

PAGES = ("planning.md", "budget.md")
PLAN_ROWS = {
    "planned": ("experiments", "count"),
    "rms_over_foreseen": ("root mean square of error ÷ foreseen error", "ratio"),
    "covered_foreseen": ("foreseen 90 % interval covers the truth", "share"),
    "promised_power": ("found profitable, promised for what was true", "share"),
    "found_power": ("found profitable", "share"),
    "promised_less_found": ("promised less found", "share"),
    "expected_profitable": ("**Verdicts**: expected to be found profitable", "share"),
    "found_profitable": ("found profitable", "share"),
    "expected_unprofitable": ("expected to be found unprofitable", "share"),
    "found_unprofitable": ("found unprofitable", "share"),
    "expected_inconclusive": ("expected to be inconclusive", "share"),
    "found_inconclusive": ("inconclusive", "share"),
    "reliability": ("mean distance of probability and share, by deciles", "share"),
    "brier_over_constant": ("Brier score ÷ that of a constant forecast", "ratio"),
}
BUDGET_ROWS = {
    "budgets": ("budgets: worlds × dimensions", "count"),
    "refused": ("no move is advised, the slope being unknown", "share"),
    "oracle_gain": ("what the best split gains over today's revenue", "share"),
    "regret_helios": ("**Regret**, 100 % is today's split: Helios, mean", "share"),
    "regret_90_helios": ("nine in ten have at most", "share"),
    "regret_attributed": ("ranking by attributed ROAS, mean", "share"),
    "regret_90_attributed": ("nine in ten have at most", "share"),
    "regret_average": ("ranking by calibrated average iROAS, mean", "share"),
    "regret_90_average": ("nine in ten have at most", "share"),
    "regret_less_attributed": ("Helios less attributed ROAS", "share"),
    "promised_better": ("**Better than today**: promised", "share"),
    "found_better": ("found", "share"),
    "promised_less_found_better": ("promised less found", "share"),
    "brier_better": ("Brier score", "ratio"),
    "gain_over_found": ("**Gain**: promised ÷ found", "ratio"),
    "covered_gain": ("its 90 % interval covers what was found", "share"),
    "true_elasticity": ("**Elasticity**: true", "ratio"),
    "elasticity": ("estimated", "ratio"),
    "covered_elasticity": ("its 90 % interval covers the true one", "share"),
}


@dataclass(frozen=True)
class Blocks:
    """What is written between the markers of both pages.

    Attributes:
        planning: Block of `planning.md`.
        budget: Block of `budget.md`.
    """

    planning: str
    budget: str


def blocks(advice: Advice, worlds: list[str]) -> Blocks:
    """What is written into the docs; the same for the same results.

    Args:
        advice: What was kept of all worlds.
        worlds: Names of the worlds, in the order in which they are shown.
    """
    return Blocks(
        _block(
            "{} experiments that were foreseen before they began.",
            *(PLAN_ROWS, figures_of_plans, advice.plans, worlds),
        ),
        _block(
            "{} budgets, moved between platforms, between personas and between brands, each by at"
            " most 30 %.",
            *(BUDGET_ROWS, figures_of_budgets, advice.budgets, worlds),
        ),
    )


def write(folder: Path, made: Blocks) -> None:
    """Put blocks into the docs.

    Args:
        folder: Folder with both pages.
        made: What is written.
    """
    for name, block in zip(PAGES, (made.planning, made.budget), strict=True):
        page = folder / name
        page.write_text(put(page.read_text(encoding="utf-8"), block), encoding="utf-8")


def _block(
    title: str,
    rows: dict[str, tuple[str, str]],
    figures_of: Callable[[pd.DataFrame], dict[str, Figure]],
    table: pd.DataFrame,
    worlds: list[str],
) -> str:
    present = [world for world in worlds if (table.world == world).any()]
    if not present:
        return f"{BEGIN}\nThere is none in these worlds.\n{END}\n"
    figures = {world: figures_of(table[table.world == world]) for world in present}
    if len(present) > 1:
        figures[ALL] = figures_of(table)
    lines = [
        BEGIN,
        f"{title.format(f'{len(table):,}')} ± is one Monte Carlo error, seeds drawn again with all"
        " of their worlds. ✓ holds the bar, ✗ misses it, ≈ misses it by at most two errors.",
        "",
        *table_of_worlds(rows, figures),
        END,
    ]
    return "\n".join(lines) + "\n"
