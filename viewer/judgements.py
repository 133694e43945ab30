"""What an experiment says, in words: its verdict, its method, and how far it can be trusted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from viewer.format import count, is_missing, money, names, percent, plain, ratio

Mark = Literal["good", "watch", "note"]
Figures = Mapping[str, Any]

GEO_TEST = "geo test"
ATTRIBUTION = ("attributed", "organic_projection")
# Methods that go by the relation of the two arms, and so by how well one explains the other.
FORECASTS = ("tbr",)
GOOD_R2 = 0.5
FEWEST_REGIONS = 2
# From so many pairs on the interval of trimmed match covers what it says.
ENOUGH_PAIRS = 10
# Fewer placebo windows tell nothing.
FEWEST_WINDOWS = 3
# What would make an experiment measurable, by how the reason begins.
ADVICE = {
    "overlaps": "While a campaign is measured, keep other campaigns of the brand out of its"
    " regions, or let them run in all of them.",
    "the campaign is not over": "Build again when it is over.",
    "no treated region": "List the regions that it runs in as treatment in campaign_regions.",
    "no control region": "Keep some regions free of it, and list them as control.",
    "control regions have no revenue": "Keep regions free of it that buy the brand.",
    "fewer than 3 pretest dates": "Start it when there are some weeks of data to learn from.",
    "nothing was spent": "Add what was paid for it, and it has an iROAS.",
    "spend did not rise": "Spend more in treated regions than in control regions.",
    "an error over regions": "Two or more regions in each arm would do.",
}

# What the verdict of money that was not spent comes to.
SAVINGS = {
    "profitable": "It should have been spent.",
    "unprofitable": "Saving it was right.",
    "inconclusive": "Whether it should have been spent is open.",
}


@dataclass(frozen=True)
class Diagnostic:
    """Something that tells how far a figure can be trusted.

    Attributes:
        mark: Whether it is as it should be, should be watched, or is only worth knowing.
        text: The sentence, in plain text.
        column: Column of fct_incremental_roas that it comes from.
    """

    mark: Mark
    text: str
    column: str


def verdict(figures: Figures, campaign_names: Mapping[str, str]) -> str:
    """The verdict of an experiment for whoever pays for it, in Markdown.

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
        # The verdict is about the money that was saved.
        yield SAVINGS[figures["verdict"]]
        yield f"Spend was {money(-figures['spend'])} lower in treated regions."
    what = "saved cost" if is_saving else "of spend generated"
    yield f"Each {money(1)} {what} {money(figures['iroas'])} of incremental revenue"
    yield f"({figures['ci_level'] * 100:g} % CI {money(figures['iroas_low'])} to"
    yield f"{money(figures['iroas_high'])}, break-even {money(figures['break_even'])})."
    yield f"The probability of break-even is {percent(figures['prob_profitable'])}."
    if figures["verdict"] == "inconclusive" and not is_missing(
        figures["minimum_detectable_revenue"]
    ):
        yield "The minimum detectable effect (at 80 % power) is"
        yield f"{money(figures['minimum_detectable_revenue'])}; more regions or a longer test"
        yield "detect smaller effects."


def _not_measurable(figures: Figures, campaign_names: Mapping[str, str]) -> Iterator[str]:
    why = figures["verdict_reason"]
    if figures["method"] in ATTRIBUTION:
        yield "Not a measurement."
        yield f"{_sentence(why)} Choose another method for a verdict."
        return
    yield "Not measurable."
    yield _sentence(reason(why, campaign_names))
    if not is_missing(figures["ci_low"]):
        yield f"Incremental revenue is known: {money(figures['incremental_revenue'])}"
        yield f"({figures['ci_level'] * 100:g} % CI {money(figures['ci_low'])} to"
        yield f"{money(figures['ci_high'])})."
    yield from (advice for start, advice in ADVICE.items() if why.startswith(start))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def reason(text: str, campaign_names: Mapping[str, str]) -> str:
    """A reason of the marts with campaigns by their names instead of their ids.

    Args:
        text: A verdict_reason.
        campaign_names: Name of each campaign by its id.

    Returns:
        What has to be watched first.
    """
    found = re.match(r"(overlaps: )(.+)( treats? some .+)", text) or re.match(
        r"(overlaps: .+ treated by )(.+)()", text
    )
    if not found:
        return text
    start, ids, end = found.groups()
    return start + ", ".join(campaign_names.get(key, key) for key in ids.split(", ")) + end


def truth(figures: Figures) -> str:
    """What the experiment really brought, in plain text; empty where that is not known.

    Args:
        figures: A row of `data.experiment_methods`.
    """
    if is_missing(figures["true_incremental_revenue"]):
        return ""
    text = f"In this simulated world it really brought {money(figures['true_incremental_revenue'])}"
    if not is_missing(figures["true_iroas"]):
        text += f", an iROAS of {ratio(figures['true_iroas'])}"
    if not is_missing(figures["ci_low"]):
        text += f": the interval {'holds' if figures['holds_truth'] else 'misses'} it"
    if figures["spilled_into_control_revenue"]:
        leaked = money(figures["spilled_into_control_revenue"])
        text += f". {leaked} more went to control regions, which no method can see"
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
        return f"No method could measure it; shown is {name}."
    why = re.sub(
        r"\w+_\w+",
        lambda word: method_names.get(word[0], word[0]),
        str(default["default_reason"]),
    )
    if figures["is_default"]:
        return f"By {name}, the default method here: {why}."
    return f"By {name}, as the method filter says. The default method here is {usual}: {why}."


# --- Diagnostics -------------------------------------------------------------------------------


def diagnostics(
    figures: Figures, left_out: list[str], campaign_names: Mapping[str, str]
) -> list[Diagnostic]:
    """How far the figures of a method can be trusted.

    Args:
        figures: A row of `data.experiment_methods`.
        left_out: Regions that do not count since another campaign disturbs them.
        campaign_names: Name of each campaign by its id.

    Returns:
        What has to be watched first.
    """
    found = [
        _pretest(figures),
        _regions(figures, left_out),
        *_pairs(figures),
        *_explained(figures),
        _overlaps(figures, campaign_names),
        _placebo(figures),
        _spend_in_control(figures),
        _missing_days(figures),
        *_convergence(figures),
    ]
    order: tuple[Mark, ...] = ("watch", "good", "note")
    return sorted(found, key=lambda diagnostic: order.index(diagnostic.mark))


def _pretest(figures: Figures) -> Diagnostic:
    pretest, tested = figures["pretest_days"], figures["test_days"] + figures["cooldown_days"]
    is_long = pretest >= tested
    text = f"{_dates(pretest)} of pretest to learn from, for {_dates(tested)} of test and cooldown"
    return Diagnostic(
        "good" if is_long else "watch",
        f"{text}." if is_long else f"{text}: a longer pretest makes a better forecast.",
        "pretest_days",
    )


def _dates(number: int) -> str:
    return f"{count(number)} {'date' if number == 1 else 'dates'}"


def _regions(figures: Figures, left_out: list[str]) -> Diagnostic:
    treated, control = figures["geos_treated"], figures["geos_control"]
    text = f"{count(treated)} treated and {count(control)} control regions"
    if left_out:
        text += f"; left out, since another campaign runs there: {names(left_out)}"
    if min(treated, control) >= FEWEST_REGIONS:
        return Diagnostic("good", f"{text}.", "geos_control")
    problem = (
        "there is nothing to compare with"
        if control == 0
        else "how regions differ cannot be told from one"
    )
    return Diagnostic("watch", f"{text}: {problem}.", "geos_control")


def _pairs(figures: Figures) -> Iterator[Diagnostic]:
    pairs = figures["pairs"]
    if not pairs:
        return
    text = f"{count(pairs)} {'pair' if pairs == 1 else 'pairs'} of alike regions"
    if figures["source"] != GEO_TEST:
        more = f"{text}; trimmed match, which compares them, needs cost by region."
        yield Diagnostic("note", more, "pairs")
    elif pairs >= ENOUGH_PAIRS:
        yield Diagnostic("good", f"{text}.", "pairs")
    else:
        more = f"{text}: from {ENOUGH_PAIRS} on the interval of trimmed match can be trusted."
        is_shown = figures["method"] == "trimmed_match"
        yield Diagnostic("watch" if is_shown else "note", more, "pairs")


def _explained(figures: Figures) -> Iterator[Diagnostic]:
    share = figures["pre_period_r2"]
    if is_missing(share):
        return
    text = (
        f"Control regions explain {percent(share)} of how treated regions went up and down in the"
        " pretest"
    )
    if share >= GOOD_R2:
        yield Diagnostic("good", f"{text}.", "pre_period_r2")
    elif figures["method"] in FORECASTS:
        more = f"{text}: this method forecasts by it, and its interval is then too narrow."
        yield Diagnostic("watch", more, "pre_period_r2")
    else:
        more = f"{text}: time-based regression would need more; this method does not."
        yield Diagnostic("note", more, "pre_period_r2")


def _overlaps(figures: Figures, campaign_names: Mapping[str, str]) -> Diagnostic:
    column = "overlapping_campaigns"
    others = figures[column]
    if figures["source"] == GEO_TEST:
        return Diagnostic("note", "Which campaigns overlap is not known of geo tests.", column)
    if not others:
        return Diagnostic("good", "No other campaign of the brand ran meanwhile.", column)
    ids = [campaign.strip() for campaign in others.split(",")]
    listed = names([campaign_names.get(campaign, campaign) for campaign in ids])
    days = f"{count(figures['overlap_days'])} {'day' if figures['overlap_days'] == 1 else 'days'}"
    text = f"Other campaigns of the brand ran in its regions on {days}, pretest included: {listed}."
    return Diagnostic("watch", text, column)


def _placebo(figures: Figures) -> Diagnostic:
    windows, coverage = figures["placebo_windows"], figures["placebo_coverage"]
    column = "placebo_coverage"
    if is_missing(windows) or not windows or is_missing(coverage):
        text = "Not tried on windows of the pretest: this method has none, or the pretest is short."
        return Diagnostic("note", text, column)
    hits = round(windows * coverage)
    text = (
        f"In {count(hits)} of {count(windows)} windows of the pretest, in which nothing happened,"
        " the interval rightly held zero"
    )
    if windows < FEWEST_WINDOWS:
        return Diagnostic("note", f"{text}; so few tell little.", column)
    # Misses that chance alone explains: their expectation and two standard deviations.
    level = figures["ci_level"]
    misses = windows * (1 - level) + 2 * sqrt(windows * level * (1 - level))
    if windows - hits <= misses:
        return Diagnostic("good", f"{text}.", column)
    return Diagnostic("watch", f"{text}: the interval may be too narrow.", column)


def _spend_in_control(figures: Figures) -> Diagnostic:
    column = "spend_in_control"
    spent = figures[column]
    if is_missing(spent):
        text = "Spend in control regions is not known: what a campaign cost has no region."
        return Diagnostic("note", text, column)
    if not spent:
        return Diagnostic("good", "Nothing was spent in control regions.", column)
    text = f"{money(spent)} was spent in control regions: the effect is understated."
    return Diagnostic("watch", text, column)


def _missing_days(figures: Figures) -> Diagnostic:
    column = "missing_geo_days"
    missing = figures[column]
    if figures["source"] != GEO_TEST:
        text = "No date is missing: of a campaign, no order is no revenue."
        return Diagnostic("good", text, column)
    if not missing:
        return Diagnostic("good", "No region lacks a date.", column)
    dates = figures["pretest_days"] + figures["test_days"] + figures["cooldown_days"]
    everything = dates * (figures["geos_treated"] + figures["geos_control"])
    text = f"{_dates(missing)} of regions have no row and count as zero"
    if everything:
        text += f", {percent(missing / everything)} of all"
    return Diagnostic("watch", f"{text}: many of them are a fault of the data.", column)


def _convergence(figures: Figures) -> Iterator[Diagnostic]:
    # Only synthetic control takes steps; for the others it is null.
    if figures["is_converged"] is None:
        return
    if figures["is_converged"]:
        steps = count(figures["iterations"])
        yield Diagnostic("good", f"Its weights came to rest after {steps} steps.", "is_converged")
    else:
        text = "Its weights did not come to rest: the figures are not to be trusted."
        yield Diagnostic("watch", text, "is_converged")
