"""An experiment in words: its verdict, its method, and the diagnostics of its figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from viewer import data, reasons
from viewer.format import count, is_missing, money, names, percent, plain, ratio

Figures = Mapping[str, Any]

GEO_TEST = "geo test"
ATTRIBUTION = ("attributed", "organic_projection")
# One model of all campaigns and regions: it has no pretest and no control regions of its own.
JOINT_PANEL = "joint_panel"
# Methods that rely on how well one arm explains the other.
FORECASTS = ("tbr",)
GOOD_R2 = 0.5
FEWEST_REGIONS = 2
# From this many pairs on, the interval of trimmed match has its nominal coverage.
ENOUGH_PAIRS = 10
# What a verdict means where spend was reduced.
SAVINGS = {
    "profitable": "The spend would have paid off.",
    "unprofitable": "Reducing spend paid off.",
    "inconclusive": "Whether the spend would have paid off is open.",
}


@dataclass(frozen=True)
class Diagnostic:
    """One check of how reliable a figure is.

    Attributes:
        code: Its reason, which has the sentence and the severity.
        column: Column of fct_incremental_roas that it comes from.
        arguments: What the placeholders of its sentence stand for.
    """

    code: str
    column: str
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        """Review where it needs a look, pass where it is as expected, or info."""
        return reasons.severity(self.code)

    @property
    def text(self) -> str:
        """The sentence, in plain text."""
        return reasons.in_words(self.code, self.arguments)


def verdict(figures: Figures, campaign_names: Mapping[str, str]) -> str:
    """The verdict of an experiment, in Markdown.

    Args:
        figures: A row of `data.experiment_methods`.
        campaign_names: Name of each campaign by its id.
    """
    headline, *sentences = _verdict(figures, campaign_names)
    return f"**{plain(headline)}** {plain(' '.join(sentences), longest=1000)}"


def _verdict(figures: Figures, campaign_names: Mapping[str, str]) -> Iterator[str]:
    if figures["verdict"] == "not measurable":
        yield from _not_measurable(figures, campaign_names)
        return
    is_saving = figures["spend"] < 0
    yield f"{figures['verdict'].capitalize()}."
    if is_saving:
        yield SAVINGS[figures["verdict"]]
        yield f"Spend was {money(-figures['spend'])} lower in treated regions."
    what = "of reduced spend lost" if is_saving else "of spend generated"
    yield f"Each {money(1)} {what} {money(figures['iroas'])} of incremental revenue"
    yield f"({figures['ci_level'] * 100:g} % CI {money(figures['iroas_low'])} to"
    if figures["break_even"] > data.OUT_OF_REACH:
        against = reasons.break_even(figures["break_even"], figures["break_even_basis"])
    else:
        against = f"{money(figures['break_even'])} {reasons.BASES[figures['break_even_basis']]}"
    yield f"{money(figures['iroas_high'])}, break-even {against})."
    yield f"The probability of break-even is {percent(figures['prob_profitable'])}."
    if figures["verdict"] == "inconclusive" and not is_missing(
        figures["minimum_detectable_revenue"]
    ):
        yield "The minimum detectable effect (at 80 % power) is"
        yield f"{money(figures['minimum_detectable_revenue'])}; more regions or a longer test"
        yield "detect smaller effects."


def _not_measurable(figures: Figures, campaign_names: Mapping[str, str]) -> Iterator[str]:
    is_attribution = figures["method"] in ATTRIBUTION
    yield "Not a measurement." if is_attribution else "Not measurable."
    yield reasons.of_verdict(figures, campaign_names)
    if not is_missing(figures["ci_low"]):
        yield f"Incremental revenue is known: {money(figures['incremental_revenue'])}"
        yield f"({figures['ci_level'] * 100:g} % CI {money(figures['ci_low'])} to"
        yield f"{money(figures['ci_high'])})."
    yield reasons.remedy(figures["reason_code"])


def truth(figures: Figures) -> str:
    """The true effect of the experiment, in plain text; empty where it is not known.

    Args:
        figures: A row of `data.experiment_methods`.
    """
    if is_missing(figures["true_incremental_revenue"]):
        return ""
    brought = money(figures["true_incremental_revenue"])
    text = f"The true incremental revenue in this simulated world is {brought}"
    if not is_missing(figures["true_iroas"]):
        text += f" (iROAS {ratio(figures['true_iroas'])})"
    if not is_missing(figures["ci_low"]):
        text += f": the interval {'covers' if figures['holds_truth'] else 'misses'} it"
    if figures["spilled_into_control_revenue"]:
        leaked = money(figures["spilled_into_control_revenue"])
        text += f". A further {leaked} spilled into control regions"
        text += (
            ", of which the estimate makes up for what other brands show"
            if figures["method"] == JOINT_PANEL
            else ", which this method cannot see"
        )
    return f"{text}."


def method(figures: Figures, default: Figures, method_names: Mapping[str, str]) -> str:
    """By which method an experiment is shown, and why, in plain text.

    Args:
        figures: The row of `data.experiment_methods` that is shown.
        default: The row of its default method.
        method_names: Name of each method.
    """
    name, usual = (method_names.get(row["method"], row["method"]) for row in (figures, default))
    if is_missing(default["incremental_revenue"]):
        return f"No method could measure this experiment; {name} is shown."
    why = reasons.in_words(default["default_reason_code"], method_names)
    if figures["is_default"]:
        return f"Method: {name}, the default for this experiment. {why}"
    return f"Method: {name}, set by the filter. The default for this experiment is {usual}. {why}"


# --- Diagnostics -------------------------------------------------------------------------------


def diagnostics(
    figures: Figures, left_out: list[str], campaign_names: Mapping[str, str]
) -> list[Diagnostic]:
    """The diagnostics of the figures of a method.

    Args:
        figures: A row of `data.experiment_methods`.
        left_out: Regions that are excluded because another campaign runs there.
        campaign_names: Name of each campaign by its id.

    Returns:
        Those to review first.
    """
    found = (
        [_untreated(figures), _overlaps(figures, campaign_names), _missing_days(figures)]
        if figures["method"] == JOINT_PANEL
        else [
            _pretest(figures),
            *_regions(figures, left_out),
            *_pairs(figures),
            *_explained(figures),
            _overlaps(figures, campaign_names),
            _spend_in_control(figures),
            _missing_days(figures),
            *_convergence(figures),
        ]
    )
    order = ("review", "pass", "info")
    return sorted(found, key=lambda diagnostic: order.index(diagnostic.severity))


def _pretest(figures: Figures) -> Diagnostic:
    pretest, tested = figures["pretest_days"], figures["test_days"] + figures["cooldown_days"]
    return Diagnostic(
        "pretest_long_enough" if pretest >= tested else "pretest_shorter_than_test",
        "pretest_days",
        {"pretest": _counted(pretest, "date"), "tested": _counted(tested, "date")},
    )


def _counted(number: int, thing: str) -> str:
    return f"{count(number)} {thing if number == 1 else f'{thing}s'}"


def _regions(figures: Figures, left_out: list[str]) -> Iterator[Diagnostic]:
    treated, control = figures["geos_treated"], figures["geos_control"]
    code = (
        "regions_enough"
        if min(treated, control) >= FEWEST_REGIONS
        else "regions_single"
        if control
        else "regions_without_control"
    )
    yield Diagnostic(code, "geos_control", {"treated": count(treated), "control": count(control)})
    if left_out:
        yield Diagnostic("regions_left_out", "geos_control", {"regions": names(left_out)})


def _untreated(figures: Figures) -> Diagnostic:
    treated = count(figures["geos_treated"])
    return Diagnostic("regions_untreated", "geos_treated", {"treated": treated})


def _pairs(figures: Figures) -> Iterator[Diagnostic]:
    pairs = figures["pairs"]
    if not pairs:
        return
    if figures["source"] != GEO_TEST:
        code = "pairs_without_cost"
    elif pairs >= ENOUGH_PAIRS:
        code = "pairs_enough"
    else:
        code = "pairs_too_few" if figures["method"] == "trimmed_match" else "pairs_few"
    arguments = {"pairs": _counted(pairs, "pair"), "enough": count(ENOUGH_PAIRS)}
    yield Diagnostic(code, "pairs", arguments)


def _explained(figures: Figures) -> Iterator[Diagnostic]:
    share = figures["pre_period_r2"]
    if is_missing(share):
        return
    if share >= GOOD_R2:
        code = "control_explains_treated"
    elif figures["method"] in FORECASTS:
        code = "control_explains_too_little"
    else:
        code = "control_explains_little"
    yield Diagnostic(code, "pre_period_r2", {"share": percent(share)})


def _overlaps(figures: Figures, campaign_names: Mapping[str, str]) -> Diagnostic:
    column = "overlapping_campaigns"
    others = figures[column]
    if figures["source"] == GEO_TEST:
        return Diagnostic("overlaps_unknown", column)
    if not others:
        return Diagnostic("overlaps_none", column)
    ids = [campaign.strip() for campaign in others.split(",")]
    listed = names([campaign_names.get(campaign, campaign) for campaign in ids])
    days = _counted(figures["overlap_days"], "day")
    code = "overlaps_measured" if figures["method"] == JOINT_PANEL else "overlaps_some"
    return Diagnostic(code, column, {"days": days, "campaigns": listed})


def _spend_in_control(figures: Figures) -> Diagnostic:
    column = "spend_in_control"
    spent = figures[column]
    if is_missing(spent):
        return Diagnostic("control_spend_unknown", column)
    if not spent:
        return Diagnostic("control_spend_none", column)
    return Diagnostic("control_spend_some", column, {"spend": money(spent)})


def _missing_days(figures: Figures) -> Diagnostic:
    column = "missing_geo_days"
    missing = figures[column]
    if figures["source"] != GEO_TEST:
        return Diagnostic("dates_not_needed", column)
    if not missing:
        return Diagnostic("dates_complete", column)
    dates = figures["pretest_days"] + figures["test_days"] + figures["cooldown_days"]
    everything = dates * (figures["geos_treated"] + figures["geos_control"])
    arguments = {
        "dates": _counted(missing, "date"),
        "share": percent(missing / everything if everything else None),
    }
    return Diagnostic("dates_missing", column, arguments)


def _convergence(figures: Figures) -> Iterator[Diagnostic]:
    # Only synthetic control takes steps; for the others it is null.
    if figures["is_converged"] is None:
        return
    if figures["is_converged"]:
        arguments = {"steps": count(figures["iterations"])}
        yield Diagnostic("weights_converged", "is_converged", arguments)
    else:
        yield Diagnostic("weights_moving", "is_converged")
