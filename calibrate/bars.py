"""The bars that figures have to hold."""

from dataclasses import dataclass
from math import inf

import numpy as np

from calibrate.uncertainty import Figure

# Levels whose calibrated figures have many members in a world, and those of one member.
CALIBRATED_LEVELS = ("campaign", "influencer", "persona")
TOTALS = ("portfolio", "campaigns", "outside campaigns")
NATIONAL = ("national", "national-drift")  # without an experiment


@dataclass(frozen=True)
class Bar:
    """What a figure has to be.

    Attributes:
        low: Least value.
        high: Greatest value.
        worlds: Worlds that it holds for; None for all that have no bar of their own.
    """

    low: float
    high: float
    worlds: tuple[str, ...] | None = None

    def judge(self, found: Figure) -> str:
        """Hold, miss, or too close to tell: outside by less than two Monte Carlo errors."""
        if self.low <= found.value <= self.high:
            return "hold"
        missed_by = max(self.low - found.value, found.value - self.high)
        return "miss" if missed_by > 2 * found.error else "close"


# Of several bars the first one counts that holds for the world.
BARS: dict[str, tuple[Bar, ...]] = {
    "coverage": (Bar(0.88, 0.92, ("default",)), Bar(0.86, 0.94)),
    "without_zero": (Bar(0.07, 0.13, ("null",)),),
    "not_measurable": (Bar(0, 0.02),),
    "not_measurable_influencer": (Bar(0, 0.2, ("no-codes",)),),
    "power_at_10_to_15": (Bar(0.8, inf, ("default",)),),
    "width": (Bar(0, 1.3),),
    "bias": (Bar(-0.03, 0.03),),
    "coverage_campaign": (Bar(0.85, 0.95),),
    "coverage_influencer": (Bar(0.86, 0.95, ("halo", "different-influencers")), Bar(0.85, 0.95)),
    "coverage_persona": (Bar(0.85, 0.95),),
    "rmse_over_better": (Bar(0, 1.0),),
    "rmse_over_oracle": (Bar(0, 1.1),),
    **{f"covered_quarter_{quarter}": (Bar(0.86, 0.95),) for quarter in (1, 2, 3, 4)},
    "covered_profitable": (Bar(0.86, inf),),
    "inflation_profitable": (Bar(-inf, 1.06),),
    **{
        f"bias_{total}": (
            Bar(-0.05, 0.05, ("default",)),
            Bar(-0.10, 0.10, ("stockpiling",)),
            Bar(-0.15, 0.15),
        )
        for total in TOTALS
    },
    **{f"covered_{total}": (Bar(0.80, 0.95),) for total in TOTALS[1:]},
    "covered_portfolio": (Bar(0.87, inf, NATIONAL), Bar(0.80, 0.95)),
    "half_width_portfolio": (Bar(0, 0.5, NATIONAL),),
    **{f"covered_{part}": (Bar(0.83, inf),) for part in ("smallest", "best", "worst")},
    "spread_influencers": (Bar(0.5, inf, ("null",)),),
    "rms_over_foreseen": (Bar(0.9, 1.1),),
    "covered_foreseen": (Bar(0.87, 0.93),),
    "promised_less_found": (Bar(-0.05, 0.05),),
    "brier_over_constant": (Bar(-inf, 1.0),),
    "regret_helios": (Bar(-inf, 1.0),),
    "regret_90_helios": (Bar(-inf, 1.0),),
    "regret_less_attributed": (Bar(-inf, 0.0),),
    "promised_less_found_better": (Bar(-0.05, 0.05),),
    "covered_elasticity": (Bar(0.85, 0.95),),
    "refused": (Bar(1.0, 1.0, ("one-level",)),),
    "keep_probability_over_attributed": (Bar(0.98, inf),),
    "cut_probability_less_attributed": (Bar(-inf, 0.05),),
}


def bar_of(name: str, world: str) -> Bar | None:
    """The bar of a figure in a world.

    Args:
        name: Name of the figure.
        world: Name of the world.

    Returns:
        The bar; None where there is none.
    """
    bars = BARS.get(name, ())
    return next((bar for bar in bars if bar.worlds is None or world in bar.worlds), None)


def verdict(name: str, world: str, found: Figure) -> str | None:
    """What a figure's bar says of it.

    Args:
        name: Name of the figure.
        world: Name of the world.
        found: The figure.

    Returns:
        hold, close or miss; None where there is no bar or nothing to hold against it.
    """
    bar = bar_of(name, world)
    return bar.judge(found) if bar is not None and np.isfinite(found.value) else None
