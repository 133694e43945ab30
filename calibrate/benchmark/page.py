"""The block of `docs/benchmark.md`, and the same figures as CSV."""

from pathlib import Path

import pandas as pd

from calibrate.bars import verdict
from calibrate.benchmark.figures import ALL, FORESIGHT, Figures
from calibrate.benchmark.oracle import ORACLE
from calibrate.benchmark.process import SCENARIOS
from calibrate.page import BEGIN, END, SIGNS, bar_in_words, put, written
from calibrate.uncertainty import Figure

PAGE, TABLE = "benchmark.md", "benchmark.csv"
DEFAULT = "did_ratio_robust"  # of a test in one city; that it is, is among the figures
COLUMNS = {
    "coverage": ("95 % interval covers the truth", "share"),
    "power": ("power at 7.5 %", "share"),
    "false_positives": ("false positives", "share"),
    "bias": ("bias, points of lift", "points"),
    "width": ("width of intervals, points of lift", "points"),
}
FORESIGHT_ROWS = {
    "planned": ("tests", "count"),
    "rms_over_foreseen": ("root mean square of error ÷ foreseen error", "ratio"),
    "covered_foreseen": ("foreseen 90 % interval covers the truth", "share"),
}
# As the study states them; coverage and power.
PUBLISHED = {
    "GeoLift": {"coverage": 0.958, "power": 0.08},
    "matched_markets": {"coverage": 0.83, "power": 0.44},
    "CausalPy": {"coverage": 0.80, "power": 0.36},
    "CausalImpact": {"coverage": 0.71, "power": 0.61},
}


def block(figures: Figures) -> str:
    """The tables of the page, between its markers; the same for the same figures.

    Args:
        figures: All figures of the study.
    """
    panels = int(figures[SCENARIOS[0].name, DEFAULT]["panels"].value)
    methods = _methods(figures)
    lines = [
        BEGIN,
        f"{panels:,} panels of each scenario, each with and without effect:"
        f" {2 * panels * len(SCENARIOS):,} tests. ± is one Monte Carlo error, panels drawn again."
        " The default method is bold.",
        "",
        "**All four scenarios together**",
        "",
        *_table(ALL, methods, figures),
        *(_published(tool, known) for tool, known in PUBLISHED.items()),
        "",
    ]
    for scenario in SCENARIOS:
        lines += [f"**{scenario.name}, {scenario.title}**", ""]
        lines += [*_table(scenario.name, methods, figures), ""]
    lines += [
        f"No interval in any test: {', '.join(f'`{name}`' for name in _unmeasured(figures))}.",
        "",
        "**Foreseen errors**",
        "",
        *_table_of_foresight(figures),
        END,
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path, figures: Figures) -> None:
    """Put block and figures into the docs.

    Args:
        folder: Folder with `benchmark.md`.
        figures: All figures of the study.
    """
    page = folder / PAGE
    page.write_text(put(page.read_text(encoding="utf-8"), block(figures)), encoding="utf-8")
    to_table(figures).to_csv(folder / TABLE, index=False, lineterminator="\n")


def to_table(figures: Figures) -> pd.DataFrame:
    """Figures as rows: scenario, method, figure, value and error."""
    return pd.DataFrame(
        [
            (scenario, method, name, found.value, found.error)
            for (scenario, method), own in figures.items()
            for name, found in own.items()
        ],
        columns=["scenario", "method", "figure", "value", "error"],
    )


def from_table(table: pd.DataFrame) -> Figures:
    """Figures from their rows."""
    figures: Figures = {}
    for scenario, method, name, value, error in table.itertuples(index=False):
        figures.setdefault((scenario, method), {})[name] = Figure(value, error)
    return figures


def _methods(figures: Figures) -> list[str]:
    """Methods that measured a test, the default one first and the oracle last."""
    found = {
        method for _, method in figures if method != FORESIGHT and _is_measured(method, figures)
    }
    return sorted(found, key=lambda method: (method == ORACLE, method != DEFAULT, method))


def _unmeasured(figures: Figures) -> list[str]:
    methods = {method for _, method in figures} - {FORESIGHT}
    return sorted(method for method in methods if not _is_measured(method, figures))


def _is_measured(method: str, figures: Figures) -> bool:
    return figures[ALL, method]["measured"].value > 0


def _table(scenario: str, methods: list[str], figures: Figures) -> list[str]:
    titles = ["share measured", *(title for title, _ in COLUMNS.values())]
    lines = [f"| method | {' | '.join(titles)} |", "|---|" + "---|" * len(titles)]
    for method in methods:
        found = figures[scenario, method]
        cells = [written(Figure(found["measured"].value, 0), "share")]
        cells += [written(found[name], kind) for name, (_, kind) in COLUMNS.items()]
        lines.append(f"| {_name(method)} | {' | '.join(cells)} |")
    return lines


def _name(method: str) -> str:
    if method == ORACLE:
        return "the oracle"
    return f"**`{method}`**" if method == DEFAULT else f"`{method}`"


def _published(tool: str, known: dict[str, float]) -> str:
    cells = [f"{100 * known[name]:g} %" if name in known else "–" for name in COLUMNS]
    return f"| {tool}, as published | – | {' | '.join(cells)} |"


def _table_of_foresight(figures: Figures) -> list[str]:
    scenarios = [*(scenario.name for scenario in SCENARIOS), ALL]
    lines = [f"| | bar | {' | '.join(scenarios)} |", "|---|---|" + "---|" * len(scenarios)]
    for name, (text, kind) in FORESIGHT_ROWS.items():
        cells = []
        for scenario in scenarios:
            found = figures[scenario, FORESIGHT][name]
            cells.append(written(found, kind) + SIGNS[verdict(name, scenario, found)])
        lines.append(f"| {text} | {bar_in_words(name, kind)} | {' | '.join(cells)} |")
    return lines
