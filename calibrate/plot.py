"""The plot of coverage, as SVG: it looks the same everywhere and needs no library."""

from calibrate.bars import CALIBRATED_LEVELS, bar_of, verdict
from calibrate.rows import LEVEL
from calibrate.uncertainty import Figure

PANELS = {
    "coverage": "Experiments, default method",
    **{f"coverage_{level}": f"{level.capitalize()}s, calibrated" for level in CALIBRATED_LEVELS},
}
LEFT, TOP, PANEL, GAP, ROW, BOTTOM = 96, 58, 184, 36, 26, 44
LOWEST, HIGHEST = 0.70, 1.0
TICKS = (0.7, 0.8, 0.9, 1.0)
# Greys that read on white and on black; the scheme of the page sharpens them.
STYLE = """
    text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #6e7781; }
    .title { font-weight: 600; }
    .grid { stroke: #8c959f; stroke-opacity: 0.25; }
    .level { stroke: #8c959f; stroke-dasharray: 3 3; }
    .band { fill: #2da44e; fill-opacity: 0.16; }
    .error { stroke-width: 2; }
    .hold { fill: #2da44e; stroke: #2da44e; }
    .close { fill: #bf8700; stroke: #bf8700; }
    .miss { fill: #cf222e; stroke: #cf222e; }
    @media (prefers-color-scheme: dark) {
        text { fill: #9da7b3; }
        .hold { fill: #3fb950; stroke: #3fb950; }
        .close { fill: #d29922; stroke: #d29922; }
        .miss { fill: #f85149; stroke: #f85149; }
    }
"""


def coverage_plot(figures: dict[str, dict[str, Figure]]) -> str:
    """Coverage by world and level, with the band that it should be in.

    Args:
        figures: Figures by name, by world, in the order of the rows.

    Returns:
        An SVG document; whiskers are two Monte Carlo errors to either side.
    """
    width = LEFT + len(PANELS) * (PANEL + GAP)
    bottom = TOP + ROW * len(figures)
    height = bottom + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img">',
        "<title>Share of 90 % intervals that cover the truth, by world and level</title>",
        f"<style>{STYLE}</style>",
        f'<text class="title" x="0" y="16">Share of {100 * LEVEL:g} % intervals that hold the'
        " truth, in per cent</text>",
    ]
    for row, world in enumerate(figures):
        middle = TOP + ROW * (row + 0.5)
        parts.append(f'<text x="{LEFT - 12}" y="{middle + 4:g}" text-anchor="end">{world}</text>')
    for number, (name, title) in enumerate(PANELS.items()):
        parts += _panel(LEFT + number * (PANEL + GAP), bottom, name, title, figures)
    parts.append(
        f'<text x="{LEFT}" y="{height - 6}">Green band: where it should be. Whiskers: two Monte'
        " Carlo errors.</text>"
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(
    left: int, bottom: int, name: str, title: str, figures: dict[str, dict[str, Figure]]
) -> list[str]:
    def x(share: float) -> float:
        inside = min(max(share, LOWEST), HIGHEST)
        return round(left + (inside - LOWEST) / (HIGHEST - LOWEST) * PANEL, 1)

    parts = [
        f'<text class="title" x="{left}" y="{TOP - 12}">{title}</text>',
    ]
    for row, world in enumerate(figures):
        if bar := bar_of(name, world):
            parts.append(
                f'<rect class="band" x="{x(bar.low)}" y="{TOP + ROW * row}"'
                f' width="{x(bar.high) - x(bar.low):.1f}" height="{ROW}"/>'
            )
    for tick in TICKS:
        kind = "level" if tick == LEVEL else "grid"
        parts += [
            f'<line class="{kind}" x1="{x(tick)}" y1="{TOP}" x2="{x(tick)}" y2="{bottom}"/>',
            f'<text x="{x(tick)}" y="{bottom + 16}" text-anchor="middle">{tick * 100:g}</text>',
        ]
    for row, (world, found) in enumerate(figures.items()):
        judged = verdict(name, world, found[name])
        if judged is None:
            continue
        value, error = found[name].value, 2 * found[name].error
        middle = TOP + ROW * (row + 0.5)
        parts += [
            f'<line class="error {judged}" x1="{x(value - error)}" y1="{middle:g}"'
            f' x2="{x(value + error)}" y2="{middle:g}"/>',
            f'<circle class="{judged}" cx="{x(value)}" cy="{middle:g}" r="4">'
            f"<title>{world}: {100 * value:.1f} %</title></circle>",
        ]
    return parts
