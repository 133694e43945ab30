"""The estimators as their papers define them, in fifty digits and with matrices.

Written from the papers, not from the SQL: where a model uses a closed form of sums, this solves the
least-squares problem and takes the variance of the sum from the full covariance of its parts.

- TBR: Kerman, Wang, Vaver (2017), Estimating ad effectiveness using geo experiments in a
  time-based regression framework. Ratio of two TBRs: Fieller (1954).
- GBR: Vaver, Koehler (2011), Measuring ad effectiveness using geo experiments.
- Difference in differences: Welch (1947), Satterthwaite (1946).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from tests.python.incrementality import student_t
from tests.python.incrementality.panels import GeoTest
from tests.python.incrementality.student_t import DIGITS

Vector = list[Decimal]
Matrix = list[Vector]

ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Estimate:
    """A location with a Student-t error."""

    location: Decimal
    se: Decimal
    df: Decimal

    def interval(self, level: Decimal) -> tuple[Decimal, Decimal]:
        """The two-sided interval at a level."""
        half_width = student_t.quantile((1 + level) / 2, self.df) * self.se
        return self.location - half_width, self.location + half_width

    def probability_above(self, value: Decimal) -> Decimal:
        with localcontext(DIGITS):
            return student_t.cdf((self.location - value) / self.se, self.df)

    def times(self, factor: Decimal) -> Estimate:
        return Estimate(self.location * factor, self.se * abs(factor), self.df)


@dataclass(frozen=True)
class Result:
    """What a method says about an experiment, by the names of fct_incremental_roas."""

    incremental_revenue: Decimal
    se: Decimal
    df: Decimal
    ci_low: Decimal
    ci_high: Decimal
    spend: Decimal
    iroas: Decimal | None = None
    iroas_low: Decimal | None = None
    iroas_high: Decimal | None = None
    prob_positive: Decimal | None = None
    prob_profitable: Decimal | None = None

    def figures(self) -> dict[str, Decimal]:
        return {name: value for name, value in vars(self).items() if value is not None}


def _result(test: GeoTest, effect: Estimate, spend: Decimal, break_even: Decimal) -> Result:
    """The figures of an effect that was bought at a known price."""
    low, high = effect.interval(test.ci_level)
    return Result(
        incremental_revenue=effect.location,
        se=effect.se,
        df=effect.df,
        ci_low=low,
        ci_high=high,
        spend=spend,
        iroas=effect.location / spend if spend else None,
        iroas_low=low / spend if spend else None,
        iroas_high=high / spend if spend else None,
        prob_positive=effect.probability_above(ZERO),
        prob_profitable=effect.probability_above(break_even * spend) if spend else None,
    )


# Least squares


def inverted(matrix: Matrix) -> Matrix:
    """By Gauss-Jordan elimination with pivots."""
    size = len(matrix)
    rows = [[*row, *(ONE if i == j else ZERO for j in range(size))] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda i: abs(rows[i][column]))
        if abs(rows[pivot][column]) <= Decimal("1e-40") * max(abs(x) for x in matrix[column]):
            raise ZeroDivisionError("the columns are collinear")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for i in range(size):
            if i != column:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return [row[size:] for row in rows]


def dot(a: Vector, b: Vector) -> Decimal:
    """The scalar product."""
    return sum((x * y for x, y in zip(a, b, strict=True)), ZERO)


@dataclass(frozen=True)
class Fit:
    """A least-squares fit: coefficients, the inverse of X'WX, and the residual variance."""

    coefficients: Vector
    inverse: Matrix
    variance: Decimal
    df: Decimal


def least_squares(x: Matrix, y: Vector, weights: Vector | None = None) -> Fit:
    """Ordinary or weighted least squares of y on the columns of x, given by row."""
    w = weights or [ONE] * len(y)
    size = len(x[0])
    gram = [
        [
            sum((wi * row[i] * row[j] for wi, row in zip(w, x, strict=True)), ZERO)
            for j in range(size)
        ]
        for i in range(size)
    ]
    moment = [
        sum((wi * row[i] * yi for wi, row, yi in zip(w, x, y, strict=True)), ZERO)
        for i in range(size)
    ]
    inverse = inverted(gram)
    coefficients = [dot(row, moment) for row in inverse]
    df = len(y) - size
    residuals = [yi - dot(row, coefficients) for row, yi in zip(x, y, strict=True)]
    squares = sum((wi * e * e for wi, e in zip(w, residuals, strict=True)), ZERO)
    return Fit(coefficients, inverse, squares / df if df > 0 else ZERO, Decimal(df))


# Time-based regression


@dataclass(frozen=True)
class TbrDay:
    """A day of test or cooldown: itself and all days of the test up to it."""

    day: date
    actual: Decimal
    baseline: Decimal
    pointwise: Estimate
    cumulative: Estimate


def tbr_days(test: GeoTest, figure: str = "response", *, cooldown: bool = True) -> list[TbrDay]:
    """The treated total against its prediction from the control total, day by day."""
    total = test.response if figure == "response" else test.cost
    with localcontext(DIGITS):
        pretest = test.pretest_dates
        x = [total(test.control, [day]) for day in pretest]
        y = [total(test.treatment, [day]) for day in pretest]
        has_slope = len(set(x)) > 1
        fit = least_squares([[ONE, value] if has_slope else [ONE] for value in x], y)
        result: list[TbrDay] = []
        design: Matrix = []
        effects: Vector = []
        for day in test.response_dates if cooldown else test.test_dates:
            control = total(test.control, [day])
            row = [ONE, control] if has_slope else [ONE]
            actual = total(test.treatment, [day])
            baseline = dot(row, fit.coefficients)
            design.append(row)
            effects.append(actual - baseline)
            result.append(
                TbrDay(
                    day,
                    actual,
                    baseline,
                    _sum_of_predictions(fit, [row], effects[-1:]),
                    _sum_of_predictions(fit, design, effects),
                )
            )
        return result


def _sum_of_predictions(fit: Fit, design: Matrix, effects: Vector) -> Estimate:
    """1' s^2 (I + X (X'X)^-1 X') 1: noise of new days, and what they share of the fit's errors."""
    projected = [[dot(row, column) for column in fit.inverse] for row in design]
    variance = sum(
        (
            fit.variance * ((ONE if i == j else ZERO) + dot(projected[i], design[j]))
            for i in range(len(design))
            for j in range(len(design))
        ),
        ZERO,
    )
    return Estimate(sum(effects, ZERO), variance.sqrt(), fit.df)


def has_fixed_cost(test: GeoTest) -> bool:
    """Nothing was spent but in the treatment group during the test."""
    pretest = test.cost((*test.treatment, *test.control), test.pretest_dates)
    return pretest == 0 and test.cost(test.control, test.test_dates) == 0


def tbr(test: GeoTest, break_even: Decimal = ONE) -> Result:
    """Cost counts while it is spent, the response until the end of the cooldown."""
    with localcontext(DIGITS):
        effect = tbr_days(test)[-1].cumulative
        if has_fixed_cost(test):
            return _result(test, effect, test.cost(test.treatment, test.test_dates), break_even)
        cost = tbr_days(test, "cost", cooldown=False)[-1].cumulative
        low, high = effect.interval(test.ci_level)
        iroas_low, iroas_high = fieller(effect, cost, test.ci_level)
        return Result(
            incremental_revenue=effect.location,
            se=effect.se,
            df=effect.df,
            ci_low=low,
            ci_high=high,
            spend=cost.location,
            iroas=effect.location / cost.location,
            iroas_low=iroas_low,
            iroas_high=iroas_high,
            prob_positive=effect.probability_above(ZERO),
            prob_profitable=_difference(effect, cost.times(break_even)).probability_above(ZERO),
        )


def _difference(a: Estimate, b: Estimate) -> Estimate:
    return Estimate(a.location - b.location, (a.se**2 + b.se**2).sqrt(), a.df)


def fieller(a: Estimate, b: Estimate, level: Decimal) -> tuple[Decimal, Decimal]:
    """All q for which a - q b is not told from 0, where b itself is told from 0."""
    t = student_t.quantile((1 + level) / 2, a.df)
    quadratic = b.location**2 - t * t * b.se**2
    if quadratic <= 0:
        raise ZeroDivisionError("the change in cost is not told from 0")
    middle = a.location * b.location
    root = (middle**2 - quadratic * (a.location**2 - t * t * a.se**2)).sqrt()
    return (middle - root) / quadratic, (middle + root) / quadratic


def pretest_r2(test: GeoTest) -> Decimal:
    """The share of the treated total's pretest variance that the control total explains."""
    with localcontext(DIGITS):
        x = [test.response(test.control, [day]) for day in test.pretest_dates]
        y = [test.response(test.treatment, [day]) for day in test.pretest_dates]
        fit = least_squares([[ONE, value] for value in x], y)
        mean = sum(y, ZERO) / len(y)
        return 1 - fit.variance * fit.df / sum(((value - mean) ** 2 for value in y), ZERO)


# Geo-based regression


def gbr(test: GeoTest, break_even: Decimal = ONE) -> Result:
    """Response of test and cooldown on the pretest's and on incremental cost, one row per geo."""
    power = Decimal(str(test.settings.get("gbr_weight_power", 2)))
    with localcontext(DIGITS):
        treated = set(test.treatment)
        geos = [
            geo
            for geo in (*test.treatment, *test.control)
            if test.response([geo], test.pretest_dates) != 0
        ]
        expected_cost = _expected_cost(test, power)
        before = [test.response([geo], test.pretest_dates) for geo in geos]
        extra_cost = [
            test.cost([geo], test.response_dates) - expected_cost[geo] if geo in treated else ZERO
            for geo in geos
        ]
        fit = least_squares(
            [[ONE, p, z] for p, z in zip(before, extra_cost, strict=True)],
            [test.response([geo], test.response_dates) for geo in geos],
            [ONE / p**power for p in before],
        )
        iroas = Estimate(fit.coefficients[2], (fit.variance * fit.inverse[2][2]).sqrt(), fit.df)
        spend = sum(extra_cost, ZERO)
        result = _result(test, iroas.times(spend), spend, break_even)
        return result


def _expected_cost(test: GeoTest, power: Decimal) -> dict[str, Decimal]:
    """What treated geos would have cost anyway, learned from control geos that cost something."""
    points = [
        (test.cost([geo], test.pretest_dates), test.cost([geo], test.response_dates))
        for geo in test.control
    ]
    points = [(before, after) for before, after in points if before > 0]
    own = {geo: test.cost([geo], test.pretest_dates) for geo in test.treatment}
    if len({before for before, _ in points}) < 2:
        return own
    fit = least_squares(
        [[ONE, before] for before, _ in points],
        [after for _, after in points],
        [ONE / before**power for before, _ in points],
    )
    return {geo: dot([ONE, before], fit.coefficients) for geo, before in own.items()}


# Difference in differences


def _moments(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Mean, and the variance of the mean."""
    n = len(values)
    mean = sum(values, ZERO) / n
    return mean, sum(((value - mean) ** 2 for value in values), ZERO) / (n - 1) / n


def _welch_df(test: GeoTest, v_treatment: Decimal, v_control: Decimal) -> Decimal:
    n_treatment, n_control = len(test.treatment), len(test.control)
    return (v_treatment + v_control) ** 2 / (
        v_treatment**2 / (n_treatment - 1) + v_control**2 / (n_control - 1)
    )


def known_spend(test: GeoTest) -> Decimal:
    """What the experiment cost: as TBR has it, but without an error of its own."""
    if has_fixed_cost(test):
        return test.cost(test.treatment, test.test_dates)
    return tbr_days(test, "cost", cooldown=False)[-1].cumulative.location


def did_change(test: GeoTest) -> Estimate:
    """The treated geos' change of the daily mean beyond the control geos'."""
    with localcontext(DIGITS):
        changes = {
            geo: test.response([geo], test.response_dates) / len(test.response_dates)
            - test.response([geo], test.pretest_dates) / len(test.pretest_dates)
            for geo in (*test.treatment, *test.control)
        }
        mean_treatment, v_treatment = _moments([changes[geo] for geo in test.treatment])
        mean_control, v_control = _moments([changes[geo] for geo in test.control])
        return Estimate(
            mean_treatment - mean_control,
            (v_treatment + v_control).sqrt(),
            _welch_df(test, v_treatment, v_control),
        )


def did(test: GeoTest, break_even: Decimal = ONE) -> Result:
    """The change per geo and day, over all treated geos and days of test and cooldown."""
    with localcontext(DIGITS):
        geo_days = Decimal(len(test.treatment) * len(test.response_dates))
        return _result(test, did_change(test).times(geo_days), known_spend(test), break_even)


def log_growth_ratio(test: GeoTest) -> Estimate:
    """Growth of the treated geos' total over that of the control geos', in logs."""
    with localcontext(DIGITS):
        log_treatment, v_treatment = _log_growth(test, test.treatment)
        log_control, v_control = _log_growth(test, test.control)
        return Estimate(
            log_treatment - log_control,
            (v_treatment + v_control).sqrt(),
            _welch_df(test, v_treatment, v_control),
        )


def _log_growth(test: GeoTest, geos: Sequence[str]) -> tuple[Decimal, Decimal]:
    """Log of a ratio of sums over geos, and its variance by the delta method."""
    after = [test.response([geo], test.response_dates) for geo in geos]
    before = [test.response([geo], test.pretest_dates) for geo in geos]
    total = sum(after, ZERO)
    growth = total / sum(before, ZERO)
    n = len(geos)
    squares = sum(((a - growth * b) ** 2 for a, b in zip(after, before, strict=True)), ZERO)
    return growth.ln(), squares * n / (n - 1) / total**2


def did_ratio(test: GeoTest, break_even: Decimal = ONE) -> Result:
    """Everything about the log of the growth ratio, mapped to revenue."""
    with localcontext(DIGITS):
        ratio = log_growth_ratio(test)
        total = test.response(test.treatment, test.response_dates)
        spend = known_spend(test)

        def revenue(log_ratio: Decimal) -> Decimal:
            return total * (1 - (-log_ratio).exp())

        low, high = (revenue(bound) for bound in ratio.interval(test.ci_level))
        kept = 1 - break_even * spend / total
        return Result(
            incremental_revenue=revenue(ratio.location),
            se=total * (-ratio.location).exp() * ratio.se,
            df=ratio.df,
            ci_low=low,
            ci_high=high,
            spend=spend,
            iroas=revenue(ratio.location) / spend if spend else None,
            iroas_low=low / spend if spend else None,
            iroas_high=high / spend if spend else None,
            prob_positive=ratio.probability_above(ZERO),
            prob_profitable=(
                (ratio.probability_above(-kept.ln()) if kept > 0 else ZERO) if spend else None
            ),
        )


def did_ratio_robust(test: GeoTest, break_even: Decimal = ONE) -> Result:
    """The same forecast with an error from whole weeks and from control regions."""
    with localcontext(DIGITS):
        effect = robust_effect(test)
        if has_fixed_cost(test):
            return _result(test, effect, test.cost(test.treatment, test.test_dates), break_even)
        cost = tbr_days(test, "cost", cooldown=False)[-1].cumulative
        df = min(effect.df, cost.df, tbr_days(test)[-1].cumulative.df)
        both = Estimate(effect.location, effect.se, df)
        low, high = effect.interval(test.ci_level)
        iroas_low, iroas_high = fieller(both, cost, test.ci_level)
        return Result(
            incremental_revenue=effect.location,
            se=effect.se,
            df=effect.df,
            ci_low=low,
            ci_high=high,
            spend=cost.location,
            iroas=effect.location / cost.location,
            iroas_low=iroas_low,
            iroas_high=iroas_high,
            prob_positive=effect.probability_above(ZERO),
            prob_profitable=_difference(both, cost.times(break_even)).probability_above(ZERO),
        )


def robust_effect(test: GeoTest) -> Estimate:
    """Treated revenue beyond the pretest ratio times the control's, its variances pooled by df."""
    with localcontext(DIGITS):
        before, after = test.pretest_dates, test.response_dates
        ratio = test.response(test.treatment, before) / test.response(test.control, before)
        effect = test.response(test.treatment, after) - ratio * test.response(test.control, after)
        parts = [_over_weeks(test, ratio), _over_regions(test, ratio)]
        df = sum((df for df, _ in parts), ZERO)
        variance = sum((df * variance for df, variance in parts), ZERO) / df
        return Estimate(effect, variance.sqrt(), df)


def _over_weeks(test: GeoTest, ratio: Decimal) -> tuple[Decimal, Decimal]:
    """Weeks less one, and the variance of the effect if weeks are independent."""
    before, after = test.pretest_dates, test.response_dates
    dates = 1 if (before[-1] - before[0]).days >= 6 * (len(before) - 1) else 7
    residuals = [
        test.response(test.treatment, [day]) - ratio * test.response(test.control, [day])
        for day in reversed(before)
    ]
    weeks = [
        sum(residuals[start : start + dates], ZERO)
        for start in range(0, len(residuals) - dates + 1, dates)
    ]
    if len(weeks) < 2:
        return ZERO, ZERO
    variance_of_mean = _moments(weeks)[1]
    a_date = variance_of_mean * len(weeks) / dates
    growth = (test.response(test.control, after) / len(after)) / (
        test.response(test.control, before) / len(before)
    )
    n, m = Decimal(len(after)), Decimal(len(before))
    # A sum of n new dates less n means of m old ones.
    return Decimal(len(weeks) - 1), a_date * growth**2 * (n + n * n / m)


def _over_regions(test: GeoTest, ratio: Decimal) -> tuple[Decimal, Decimal]:
    """Control regions less one, and the variance of the effect if regions are independent."""
    before, after = test.pretest_dates, test.response_dates
    size = {geo: test.response([geo], before) for geo in (*test.treatment, *test.control)}
    control = [geo for geo in test.control if size[geo] > 0]
    if len(control) < 2:
        return ZERO, ZERO
    variance = {geo: value ** Decimal("1.4") for geo, value in size.items() if value > 0}
    total = sum((size[geo] for geo in test.control), ZERO)
    growth = test.response(test.control, after) / total
    squares = expected = ZERO
    for geo in control:
        residual = test.response([geo], after) - growth * size[geo]
        squares += residual**2 / variance[geo]
        # A residual is the region's own noise less its share of everybody's.
        expected += (
            sum(
                (((geo == other) - size[geo] / total) ** 2 * variance[other] for other in control),
                ZERO,
            )
            / variance[geo]
        )
    weights = {geo: -ratio if geo in test.control else ONE for geo in variance}
    spread = sum((weights[geo] ** 2 * variance[geo] for geo in variance), ZERO)
    return Decimal(len(control) - 1), squares / expected * spread


# Mean of the pretest


def pre_period(test: GeoTest, break_even: Decimal = ONE) -> Result:
    """Against the pretest mean of the same weekday, or of all days where weekdays are too few."""
    with localcontext(DIGITS):
        totals = {day: test.response(test.treatment, [day]) for day in test.dates}
        groups = _groups_of_days(test)
        seen = Counter(groups[day] for day in test.pretest_dates)
        wanted = Counter(groups[day] for day in test.response_dates)
        means = {
            group: sum((totals[day] for day in test.pretest_dates if groups[day] == group), ZERO)
            / n
            for group, n in seen.items()
        }
        df = len(test.pretest_dates) - len(seen)
        residuals = (totals[day] - means[groups[day]] for day in test.pretest_dates)
        variance = sum((e * e for e in residuals), ZERO) / df
        spread = sum((t + Decimal(t * t) / seen[group] for group, t in wanted.items()), ZERO)
        effects = (totals[day] - means[groups[day]] for day in test.response_dates)
        effect = Estimate(sum(effects, ZERO), (variance * spread).sqrt(), Decimal(df))
        return _result(test, effect, known_spend(test), break_even)


def _groups_of_days(test: GeoTest) -> dict[date, int]:
    """Each date's weekday; one group for all where the pretest tells too little of weekdays."""
    groups = {day: day.weekday() for day in test.dates}
    seen = {groups[day] for day in test.pretest_dates}
    wanted = {groups[day] for day in test.response_dates}
    if wanted <= seen and len(test.pretest_dates) > len(seen):
        return groups
    return dict.fromkeys(test.dates, 0)
