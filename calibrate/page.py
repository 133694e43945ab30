"""The block of `docs/method.md` that says how far figures were from the truth."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np

from calibrate.bars import BARS, Bar, verdict
from calibrate.figures import figures_of_methods, figures_of_world
from calibrate.money import figures_of_money
from calibrate.plot import coverage_plot
from calibrate.pooled import (
    HIGHEST,
    figures_given,
    figures_of_influencers,
    figures_of_totals,
)
from calibrate.results import Results
from calibrate.rows import SHOWN_AS_BEST
from calibrate.uncertainty import Figure

BEGIN, END = "<!-- calibration:begin -->", "<!-- calibration:end -->"
ALL = "all"  # the column of all kinds of worlds together
SIGNS = {"hold": " ✓", "close": " ≈", "miss": " ✗", None: ""}
# Rows of the table of worlds: what is said of a figure, and how it is written.
ROWS = {
    "worlds": ("worlds", "count"),
    "experiments": ("experiments", "count"),
    "measured": ("… that have a default method", "count"),
    "not_measurable": ("declared not measurable", "share"),
    "coverage": ("**Experiments**, default method: 90 % interval covers the truth", "share"),
    "without_zero": ("interval without zero", "share"),
    "power": ("the same, where there is an effect (power)", "share"),
    "power_at_10_to_15": ("… where the true lift is 10 to 15 %", "share"),
    "detectable": ("effect found in four of five cases, over baseline, median", "share"),
    "width": ("median width of intervals ÷ the oracle's", "ratio"),
    "oracle_coverage": ("the oracle's interval around the same estimate covers the truth", "share"),
    "bias": ("bias", "share"),
    "bias_attributed": ("bias of attributed revenue", "share"),
    "bias_organic_projection": ("bias of the legacy method", "share"),
    "coverage_campaign": ("**Campaigns**, calibrated: 90 % interval covers the truth", "share"),
    "rmse_over_better": ("RMSE ÷ that of the better of the next two", "ratio"),
    "rmse_over_experiment": ("RMSE ÷ that of the own experiment alone", "ratio"),
    "rmse_over_attributed": ("RMSE ÷ that of attributed revenue alone", "ratio"),
    "rmse_over_legacy": ("RMSE ÷ that of the legacy method", "ratio"),
    "rmse_over_oracle": ("RMSE ÷ that of an oracle that shrinks", "ratio"),
    "rmse_over_weighing_oracle": ("RMSE ÷ that of one that weighs campaigns by size", "ratio"),
    "coverage_influencer": ("**Influencers**, calibrated: 90 % interval covers the truth", "share"),
    "not_measurable_influencer": ("influencers without a figure", "share"),
    "best_by_lower_bound": (
        f"of the {SHOWN_AS_BEST} best by lower bound of iROAS, truly in the top quarter", "number"
    ),
    "best_by_probability": ("… by probability of break-even", "number"),
    "best_by_attributed": ("… by attributed ROAS", "number"),
    "best_by_chance": ("… by chance", "number"),
    "raise_right": ("**Decisions**: of those to raise, truly above the break-even", "share"),
    "stop_right": ("of those to stop, truly below it", "share"),
    "gain_by_decisions": ("true profit of raising and stopping so, per rupee of spend", "ratio"),
    "gain_by_iroas": ("… of all who are measurable, by iROAS against the break-even", "ratio"),
    "gain_by_attributed": ("… of everybody, by attributed ROAS against the break-even", "ratio"),
    "coverage_persona": ("**Personas**, calibrated: 90 % interval covers the truth", "share"),
}  # fmt: skip
COVERS = "90 % interval covers the truth"


def _rows_of_total(total: str, text: str) -> dict[str, tuple[str, str]]:
    return {
        f"worlds_{total}": (f"**{text}**: worlds with an interval", "count"),
        f"bias_{total}": (f"{text}: bias", "share"),
        f"covered_{total}": (f"{text}: {COVERS}", "share"),
        f"half_width_{total}": (f"{text}: half width of intervals ÷ truth", "share"),
        f"spread_{total}": (f"{text}: standard deviation of z", "ratio"),
    }


@dataclass(frozen=True)
class PooledTable:
    """A table with a column of each kind of world and one of all together.

    Attributes:
        title: Sentences above it.
        figures: Figures by name, of results.
        rows: As in ROWS.
    """

    title: str
    figures: Callable[[Results], dict[str, Figure]]
    rows: dict[str, tuple[str, str]]


POOLED_TABLES = (
    PooledTable(
        "**Given what a reader sees** of an experiment, by its default method:",
        figures_given,
        {
            "given_experiments": ("experiments with an interval", "count"),
            "covered_quarter_1": (
                f"**By own width** ÷ baseline, narrowest quarter: {COVERS}", "share"
            ),
            "covered_quarter_2": ("… second quarter", "share"),
            "covered_quarter_3": ("… third quarter", "share"),
            "covered_quarter_4": ("… widest quarter", "share"),
            "given_profitable": ("**Verdict profitable**: experiments", "count"),
            "covered_profitable": (f"of these, {COVERS}", "share"),
            "wrong_profitable": ("of these, truly not above the break-even", "share"),
            "inflation_profitable": ("of these, sum of estimates ÷ sum of true effects", "ratio"),
            "given_unprofitable": ("**Verdict unprofitable**: experiments", "count"),
            "covered_unprofitable": (f"of those, {COVERS}", "share"),
            "wrong_unprofitable": ("of those, truly not below the break-even", "share"),
            "covered_highest": (
                f"**{HIGHEST} highest iROAS** of each world: {COVERS}", "share"
            ),
        },
    ),
    PooledTable(
        "**Totals**, calibrated, one of each world:",
        figures_of_totals,
        _rows_of_total("portfolio", "Portfolio")
        | _rows_of_total("campaigns", "All campaigns")
        | _rows_of_total("outside campaigns", "Outside campaigns"),
    ),
    PooledTable(
        "**Influencers where a reader looks**, calibrated:",
        figures_of_influencers,
        {
            "covered_smallest": (
                f"quarter with the least attributed revenue of each world: {COVERS}", "share"
            ),
            "covered_best": (f"{SHOWN_AS_BEST} highest iROAS of each world: {COVERS}", "share"),
            "covered_worst": (f"{SHOWN_AS_BEST} lowest iROAS of each world: {COVERS}", "share"),
            "spread_influencers": ("all influencers: standard deviation of z", "ratio"),
        },
    ),
    PooledTable(
        "**Ranking by money**: true incremental revenue per rupee of the first and of the last"
        " quarter of spend, by the order of influencers:",
        figures_of_money,
        {
            "keep_truth": ("**Keep** the first quarter of spend, by the truth", "ratio"),
            "keep_iroas": ("keep by iROAS", "ratio"),
            "keep_probability": ("keep by probability of break-even (default order)", "ratio"),
            "keep_lower_bound": ("keep by lower bound of iROAS", "ratio"),
            "keep_attributed": ("keep by attributed ROAS", "ratio"),
            "keep_probability_over_attributed": (
                "kept by probability ÷ kept by attributed ROAS", "share"
            ),
            "cut_truth": ("**Cut** the last quarter of spend, by the truth", "ratio"),
            "cut_iroas": ("cut by iROAS", "ratio"),
            "cut_probability": ("cut by probability of break-even (default order)", "ratio"),
            "cut_lower_bound": ("cut by lower bound of iROAS", "ratio"),
            "cut_upper_bound": ("cut by upper bound of iROAS", "ratio"),
            "cut_attributed": ("cut by attributed ROAS", "ratio"),
            "cut_probability_less_attributed": (
                "cut by probability less cut by attributed ROAS", "ratio"
            ),
        },
    ),
)  # fmt: skip
METHOD_COLUMNS = {
    "measured": ("experiments", "count"),
    "coverage": ("90 % interval covers the truth", "share"),
    "bias": ("bias", "share"),
    "rmse": ("RMSE, thousand rupees", "thousand"),
    "width": ("median width ÷ the oracle's", "ratio"),
}


def documents(results: Results, worlds: list[str]) -> tuple[str, str]:
    """What is written into the docs; the same for the same results.

    Args:
        results: Results of all worlds.
        worlds: Names of the worlds, in the order in which they are shown.

    Returns:
        The block with the tables between their markers, in Markdown, and the plot as SVG.
    """
    figures = {world: figures_of_world(results.world(world)) for world in worlds}
    return _block(results, figures), coverage_plot(figures)


def _block(results: Results, figures: dict[str, dict[str, Figure]]) -> str:
    first = next(iter(figures))
    made = int(sum(found["worlds"].value for found in figures.values()))
    experiments = int(sum(found["experiments"].value for found in figures.values()))
    lines = [
        BEGIN,
        f"Over {made:,} worlds with {experiments:,} experiments. ± is one Monte Carlo error, seeds"
        " drawn again with all of their worlds. ✓ holds the bar, ✗ misses it, ≈ misses it by at"
        " most two errors.",
        "",
        "![Share of 90 % intervals that cover the truth, by world and level](calibration.svg)",
        "",
        *table_of_worlds(ROWS, figures),
        "",
        *_pooled_tables(results, list(figures)),
        f"Every method of experiments in the world `{first}`, where there is a default method:",
        "",
        *_table_of_methods(figures_of_methods(results.world(first))),
        END,
    ]
    return "\n".join(lines) + "\n"


def put(page: str, made: str, begin: str = BEGIN, end: str = END) -> str:
    """A page with the block in place of the one that it had.

    Args:
        page: The page, with both markers.
        made: The new block, markers and all.
        begin: The marker before it, a line of its own.
        end: The marker after it.

    Returns:
        The page.

    Raises:
        ValueError: If the page lacks a marker.
    """
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(f"{end}\n")
    if not found_begin or not found_end:
        raise ValueError(f"the page has no lines {begin} and {end}")
    return before + made + after


def write(folder: Path, made: str, plot: str) -> None:
    """Put block and plot into the docs.

    Args:
        folder: Folder with `method.md`.
        made: The block.
        plot: The plot, as SVG.
    """
    page = folder / "method.md"
    page.write_text(put(page.read_text(encoding="utf-8"), made), encoding="utf-8")
    (folder / "calibration.svg").write_text(plot, encoding="utf-8")


def _pooled_tables(results: Results, worlds: list[str]) -> list[str]:
    lines = []
    for table in POOLED_TABLES:
        figures = {world: table.figures(results.world(world)) for world in worlds}
        if len(worlds) > 1:
            figures[ALL] = table.figures(results)
        lines += [table.title, "", *table_of_worlds(table.rows, figures), ""]
    return lines


def table_of_worlds(
    rows: dict[str, tuple[str, str]], figures: dict[str, dict[str, Figure]]
) -> list[str]:
    """A table with a column for each world, in Markdown.

    Args:
        rows: By name of a figure what is said of it, and how it is written.
        figures: Figures by name, by world.
    """
    titles = [world if world == ALL else f"`{world}`" for world in figures]
    lines = [f"| | bar | {' | '.join(titles)} |", "|---|---|" + "---|" * len(figures)]
    for name, (text, kind) in rows.items():
        cells = [_cell(name, world, found, kind) for world, found in figures.items()]
        lines.append(f"| {text} | {bar_in_words(name, kind)} | {' | '.join(cells)} |")
    return lines


def _cell(name: str, world: str, found: dict[str, Figure], kind: str) -> str:
    """A figure with its sign; nothing where a world has no such figure."""
    if name not in found:
        return ""
    return written(found[name], kind) + SIGNS[verdict(name, world, found[name])]


def _table_of_methods(methods: dict[str, dict[str, Figure]]) -> list[str]:
    titles = [title for title, _ in METHOD_COLUMNS.values()]
    lines = [f"| method | {' | '.join(titles)} |", "|---|" + "---|" * len(titles)]
    for method, found in methods.items():
        cells = [written(found[name], kind) for name, (_, kind) in METHOD_COLUMNS.items()]
        lines.append(f"| `{method}` | {' | '.join(cells)} |")
    return lines


def bar_in_words(name: str, kind: str) -> str:
    """The bars of a figure, with the worlds that they hold for.

    Args:
        name: Name of the figure.
        kind: How it is written, as in ROWS.
    """
    bars = BARS.get(name, ())
    return ", ".join(
        _one_bar(bar, kind)
        + (f" (`{'`, `'.join(bar.worlds)}`)" if bar.worlds else " else" if len(bars) > 1 else "")
        for bar in bars
    )


def _one_bar(bar: Bar, kind: str) -> str:
    scale, unit = (100, " %") if kind == "share" else (1, "")
    low, high = bar.low * scale, bar.high * scale
    if low == -high:
        return f"±{high:g}{unit}"
    if high == inf:
        return f"≥ {low:.4g}{unit}"
    if low in (0, -inf):
        return f"≤ {high:.4g}{unit}"
    return f"{low:.4g}–{high:.4g}{unit}"


def written(found: Figure, kind: str) -> str:
    """A figure with its Monte Carlo error, as a cell of a table.

    Args:
        found: The figure.
        kind: How it is written: count, share, points, ratio, number or thousand.
    """
    if not np.isfinite(found.value):
        return "–"
    if kind == "count":
        return f"{found.value:,.0f}"
    scale, digits, unit = {
        "share": (100, 1, " %"),
        "points": (100, 1, ""),
        "ratio": (1, 2, ""),
        "number": (1, 1, ""),
        "thousand": (1e-3, 0, ""),
    }[kind]
    error = f" ±{found.error * scale:.{digits}f}" if found.error > 0 else ""
    return f"{found.value * scale:,.{digits}f}{error}{unit}"
