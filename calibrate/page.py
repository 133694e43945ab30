"""The block of `docs/method.md` that says how far figures were from the truth."""

from pathlib import Path

import numpy as np

from calibrate.figures import (
    BARS,
    SHOWN_AS_BEST,
    figures_of_methods,
    figures_of_world,
    verdict,
)
from calibrate.plot import coverage_plot
from calibrate.results import Results
from calibrate.uncertainty import Figure

BEGIN, END = "<!-- calibration:begin -->", "<!-- calibration:end -->"
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
    "detectable": ("effect found in four of five cases, over baseline, median", "share"),
    "width": ("median width of intervals ÷ the oracle's", "ratio"),
    "oracle_coverage": ("the oracle's interval around the same estimate covers the truth", "share"),
    "bias_beyond_spill_over": ("bias beyond what spill-over explains", "share"),
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
        f"Over {made:,} worlds with {experiments:,} experiments. ± is one Monte Carlo error, worlds"
        " drawn again as a whole. ✓ holds the bar, ✗ misses it, ≈ misses it by at most two errors.",
        "",
        "![Share of 90 % intervals that cover the truth, by world and level](calibration.svg)",
        "",
        *_table_of_worlds(figures),
        "",
        f"Every method of experiments in the world `{first}`, where there is a default method:",
        "",
        *_table_of_methods(figures_of_methods(results.world(first))),
        END,
    ]
    return "\n".join(lines) + "\n"


def put(page: str, made: str) -> str:
    """A page with the block in place of the one that it had.

    Args:
        page: The page, with both markers.
        made: The new block.

    Returns:
        The page.

    Raises:
        ValueError: If the page lacks a marker.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(f"{END}\n")
    if not begin or not end:
        raise ValueError(f"the page has no lines {BEGIN} and {END}")
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


def _table_of_worlds(figures: dict[str, dict[str, Figure]]) -> list[str]:
    lines = [
        f"| | bar | {' | '.join(f'`{world}`' for world in figures)} |",
        "|---|---|" + "---|" * len(figures),
    ]
    for name, (text, kind) in ROWS.items():
        cells = [
            _written(found[name], kind) + SIGNS[verdict(name, world, found[name])]
            for world, found in figures.items()
        ]
        lines.append(f"| {text} | {_bar(name, kind)} | {' | '.join(cells)} |")
    return lines


def _table_of_methods(methods: dict[str, dict[str, Figure]]) -> list[str]:
    titles = [title for title, _ in METHOD_COLUMNS.values()]
    lines = [f"| method | {' | '.join(titles)} |", "|---|" + "---|" * len(titles)]
    for method, found in methods.items():
        cells = [_written(found[name], kind) for name, (_, kind) in METHOD_COLUMNS.items()]
        lines.append(f"| `{method}` | {' | '.join(cells)} |")
    return lines


def _bar(name: str, kind: str) -> str:
    if name not in BARS:
        return ""
    bar = BARS[name]
    scale, unit = (100, " %") if kind == "share" else (1, "")
    low, high = bar.low * scale, bar.high * scale
    if low == -high:
        text = f"±{high:g}{unit}"
    elif low == 0:
        text = f"≤ {high:.4g}{unit}"
    else:
        text = f"{low:g}–{high:g}{unit}"
    return text + (f" (`{'`, `'.join(bar.worlds)}`)" if bar.worlds else "")


def _written(found: Figure, kind: str) -> str:
    if not np.isfinite(found.value):
        return "–"
    if kind == "count":
        return f"{found.value:,.0f}"
    scale, digits, unit = {
        "share": (100, 1, " %"),
        "ratio": (1, 2, ""),
        "number": (1, 1, ""),
        "thousand": (1e-3, 0, ""),
    }[kind]
    error = f" ±{found.error * scale:.{digits}f}" if found.error > 0 else ""
    return f"{found.value * scale:,.{digits}f}{error}{unit}"
