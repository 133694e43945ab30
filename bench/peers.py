"""The same estimates in Python, one experiment at a time, vectorised within it.

What an analyst would write with numpy, SciPy and statsmodels. Peers of bench/experiments.py, not
tested references: those are in tests/python/incrementality.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import optimize, stats

Floats = NDArray[np.float64]
LEVEL, BREAK_EVEN, HIGHEST_TRIM_RATE = 0.90, 1.0, 0.25
PRETEST_DAYS = 90


@dataclass(frozen=True)
class Panel:
    """Arrays of one experiment, regions x days; even regions are treated, paired with the next."""

    response: Floats
    cost: Floats

    @property
    def treated(self) -> Floats:
        """Revenue of treated regions, regions x days."""
        return self.response[::2]

    @property
    def control(self) -> Floats:
        """Revenue of control regions, regions x days."""
        return self.response[1::2]


def panels_of(table: pd.DataFrame) -> Iterator[Panel]:
    """The experiments of a long table with the columns of geo_panel, one after the other."""
    for _, rows in table.groupby("experiment_id", observed=True):
        wide = rows.pivot(index="geo", columns="date", values=["response", "cost"])
        yield Panel(wide["response"].to_numpy(), wide["cost"].to_numpy())


def closed_form(table: pd.DataFrame) -> None:
    """The six methods with a t interval."""
    for panel in panels_of(table):
        start, end = PRETEST_DAYS, panel.response.shape[1]
        time_based_regression(panel, start, end)
        differences(panel, start, end)
        robust_ratio(panel, start, end)
        geo_based_regression(panel, start, end)
        pre_period(panel, start, end)


def time_based_regression(panel: Panel, start: int, end: int) -> list[tuple[float, float]]:
    """Effect and error, added up day by day."""
    x, y = panel.control.sum(axis=0), panel.treated.sum(axis=0)
    fit = sm.OLS(y[:start], sm.add_constant(x[:start])).fit()
    design = np.cumsum(sm.add_constant(x[start:end], has_constant="add"), axis=0)
    effect = np.cumsum(y[start:end]) - design @ fit.params
    shared = np.einsum("ij,jk,ik->i", design, fit.cov_params(), design)
    error = np.sqrt(np.arange(1, end - start + 1) * fit.mse_resid + shared)
    quantile = stats.t.ppf((1 + LEVEL) / 2, fit.df_resid)
    return list(zip(effect - quantile * error, effect + quantile * error, strict=True))


def differences(panel: Panel, start: int, end: int) -> list[float]:
    """Difference in differences, in levels and in logarithms of growth."""
    results: list[float] = []
    growth = [
        arm[:, start:end].mean(axis=1) - arm[:, :start].mean(axis=1)
        for arm in (panel.treated, panel.control)
    ]
    test = stats.ttest_ind(*growth, equal_var=False)
    results += test.confidence_interval(LEVEL)
    logs, variances = [], []
    for arm in (panel.treated, panel.control):
        before, after = arm[:, :start].sum(axis=1), arm[:, start:end].sum(axis=1)
        ratio = after.sum() / before.sum()
        n = len(arm)
        logs.append(np.log(ratio))
        residuals = after - ratio * before
        variances.append(n / (n - 1) * (residuals**2).sum() / after.sum() ** 2)
    df = sum(variances) ** 2 / sum(v**2 / (len(panel.treated) - 1) for v in variances)
    quantile = stats.t.ppf((1 + LEVEL) / 2, df)
    error = np.sqrt(sum(variances))
    return [*results, logs[0] - logs[1] - quantile * error, logs[0] - logs[1] + quantile * error]


def robust_ratio(panel: Panel, start: int, end: int) -> tuple[float, float]:
    """Revenue beyond the pretest ratio of the arms, with an error from weeks and from regions."""
    before, after = panel.response[:, :start].sum(axis=1), panel.response[:, start:end].sum(axis=1)
    ratio = before[::2].sum() / before[1::2].sum()
    growth = after[1::2].sum() / before[1::2].sum()
    test_days = end - start
    residuals = (panel.treated.sum(axis=0) - ratio * panel.control.sum(axis=0))[:start]
    weeks = residuals[start % 7 :].reshape(-1, 7).sum(axis=1)
    scale = (growth * start / test_days) ** 2 * (test_days + test_days**2 / start)
    over_weeks = weeks.var(ddof=1) / 7 * scale
    size, share = before**1.4, before[1::2] / before[1::2].sum()
    control = size[1::2].sum()
    misses = ((after - growth * before)[1::2] ** 2 / size[1::2]).sum()
    expected = (1 - 2 * share + share**2 * control / size[1::2]).sum()
    over_regions = misses / expected * (size[::2].sum() + ratio**2 * control)
    df = np.array([len(weeks) - 1, len(share) - 1])
    error = np.sqrt(df @ [over_weeks, over_regions] / df.sum())
    effect = after[::2].sum() - ratio * after[1::2].sum()
    quantile = stats.t.ppf((1 + LEVEL) / 2, df.sum())
    return effect - quantile * error, effect + quantile * error


def geo_based_regression(panel: Panel, start: int, end: int) -> Floats:
    """Interval of the coefficient of cost, by weighted least squares."""
    before = panel.response[:, :start].sum(axis=1)
    after = panel.response[:, start:end].sum(axis=1)
    design = sm.add_constant(np.column_stack([before, panel.cost.sum(axis=1)]))
    fit = sm.WLS(after, design, weights=before**-2).fit()
    interval: Floats = fit.conf_int(1 - LEVEL)[2]
    return interval


def pre_period(panel: Panel, start: int, end: int) -> tuple[float, float]:
    """Interval of revenue beyond the pretest mean of the same weekday."""
    total = panel.treated.sum(axis=0)
    weekday = np.arange(len(total)) % 7
    design = np.eye(7)[weekday]
    fit = sm.OLS(total[:start], design[:start]).fit()
    needed = design[start:end].sum(axis=0)
    effect = total[start:end].sum() - needed @ fit.params
    error = np.sqrt((end - start) * fit.mse_resid + needed @ fit.cov_params() @ needed)
    quantile = stats.t.ppf((1 + LEVEL) / 2, fit.df_resid)
    return effect - quantile * error, effect + quantile * error


def trimmed_match(table: pd.DataFrame) -> None:
    """Trimmed Match (Chen and Au 2022)."""
    for panel in panels_of(table):
        response = panel.response[:, PRETEST_DAYS:].sum(axis=1)
        cost = panel.cost[:, PRETEST_DAYS:].sum(axis=1)
        match_pairs(cost[::2] - cost[1::2], response[::2] - response[1::2])


def match_pairs(x: Floats, y: Floats) -> tuple[float, float, float]:
    """The iROAS and its interval from differences in cost and response.

    All pairs are ranked at once on every segment of iROAS between two crossings of residuals.
    """
    n = len(x)
    first, second = np.triu_indices(n, 1)
    differ = x[first] != x[second]
    slopes = (y[first] - y[second])[differ] / (x[first] - x[second])[differ]
    crossings = np.unique(slopes)
    low, high = np.append(-np.inf, crossings), np.append(crossings, np.inf)
    middle = np.concatenate(
        [[crossings[0] - 1], (crossings[1:] + crossings[:-1]) / 2, [crossings[-1] + 1]]
    )
    ranked = np.argsort(y - middle[:, None] * x, axis=1)
    xs, ys = x[ranked], y[ranked]
    chosen = choose_trimming(x, y, xs, ys, low, high)
    interval = studentised_interval(xs, ys, low, high, middle, chosen[0])
    return chosen[1], *interval


def choose_trimming(
    x: Floats, y: Floats, xs: Floats, ys: Floats, low: Floats, high: Floats
) -> tuple[int, float]:
    """Pairs to trim at each end, and the iROAS with them."""
    n = len(x)
    candidates = []
    for trimmed in range(int(HIGHEST_TRIM_RATE * n) + 1):
        sums_x = xs[:, trimmed : n - trimmed].sum(axis=1)
        roots = ys[:, trimmed : n - trimmed].sum(axis=1) / sums_x
        inside = (roots >= low) & (roots <= high)
        residuals = np.sort(y - roots[inside, None] * x, axis=1)[:, trimmed : n - trimmed]
        best = np.abs(residuals + residuals[:, ::-1]).mean(axis=1).argmin()
        kept = residuals[best]
        squares = (kept**2).sum() + trimmed * (kept[0] ** 2 + kept[-1] ** 2)
        error = np.sqrt(squares) / abs(sums_x[inside][best])
        candidates.append((trimmed, roots[inside][best], error))
    least = min(error for _, _, error in candidates)
    limit = (1 + 0.25 / np.sqrt(n)) * least
    return next((trimmed, iroas) for trimmed, iroas, error in candidates if error <= limit)


def studentised_interval(
    xs: Floats, ys: Floats, low: Floats, high: Floats, middle: Floats, trimmed: int
) -> tuple[float, float]:
    """Every iROAS whose studentised trimmed mean is within the normal quantile."""
    n = xs.shape[1]
    kept = n - 2 * trimmed
    factor = stats.norm.ppf((1 + LEVEL) / 2) ** 2 * kept / (kept - 1)
    residuals = ys - middle[:, None] * xs
    winsorised = np.clip(np.arange(n), trimmed, n - trimmed - 1)
    wx, we = xs[:, winsorised], residuals[:, winsorised]
    sum_x = xs[:, trimmed : n - trimmed].sum(axis=1)
    sum_e = residuals[:, trimmed : n - trimmed].sum(axis=1)
    wx -= wx.mean(axis=1, keepdims=True)
    we -= we.mean(axis=1, keepdims=True)
    a = factor * (wx * wx).sum(axis=1) - sum_x**2
    b = factor * (wx * we).sum(axis=1) - sum_x * sum_e
    c = factor * (we * we).sum(axis=1) - sum_e**2
    with np.errstate(all="ignore"):
        root = np.sqrt(b * b - a * c)
        ends = np.stack([low - middle, high - middle])
        accepted = np.where(a * ends**2 - 2 * b * ends + c >= 0, ends, np.nan)
        points = np.concatenate([accepted, [(b - root) / a, (b + root) / a]])
        inside = (points >= ends[0]) & (points <= ends[1]) & np.isfinite(points)
    values = (points + middle)[inside]
    return float(values.min()), float(values.max())


def synthetic_control(table: pd.DataFrame) -> None:
    """Synthetic control (Abadie, Diamond and Hainmueller 2010) with conformal interval.

    The interval of Chernozhukov, Wuethrich and Zhu (2021) is bracketed and bisected to about one
    per cent of its width, with a new fit for each effect that is tried.
    """
    for panel in panels_of(table):
        scale = panel.response.max()
        y, donors = panel.treated.mean(axis=0) / scale, panel.control.T / scale
        before = slice(0, PRETEST_DAYS)
        weights = fit_simplex(
            donors[before] - donors[before].mean(axis=0), y[before] - y[before].mean()
        )
        gaps = y - donors @ weights
        gaps -= gaps[before].mean()
        effect, noise = gaps[PRETEST_DAYS:].mean(), np.abs(gaps[before]).mean()
        conformal_p(y, donors, 0.0)
        for side in (-1, 1):
            conformal_limit(y, donors, effect, side * noise)


def fit_simplex(donors: Floats, y: Floats) -> Floats:
    """Weights that are not negative, add up to 1 and come closest to `y`."""
    gram, target = donors.T @ donors, donors.T @ y
    n = len(target)
    fit = optimize.minimize(
        lambda w: w @ gram @ w / 2 - target @ w,
        np.full(n, 1 / n),
        jac=lambda w: gram @ w - target,
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(n)},
        method="SLSQP",
        options={"ftol": 1e-10, "maxiter": 300},
    )
    weights: Floats = fit.x
    return weights


def conformal_p(y: Floats, donors: Floats, effect: float) -> float:
    """Share of shifts of the test along the dates whose misses add up to as much as the test's."""
    without = y.copy()
    without[PRETEST_DAYS:] -= effect
    without -= without.mean()
    centred = donors - donors.mean(axis=0)
    misses = without - centred @ fit_simplex(centred, without)
    days = len(y)
    shifted = (np.arange(PRETEST_DAYS, days)[None, :] + np.arange(days)[:, None]) % days
    sums = np.abs(misses[shifted].sum(axis=1))
    return float((sums >= sums[0] - 1e-12).mean())


def conformal_limit(y: Floats, donors: Floats, effect: float, step: float) -> float:
    """The effect on one side of the estimate from which on effects are rejected."""
    while conformal_p(y, donors, effect + step) > 1 - LEVEL:
        step *= 2
    low, high = step / 2, step
    for _ in range(6):
        middle = (low + high) / 2
        if conformal_p(y, donors, effect + middle) > 1 - LEVEL:
            low = middle
        else:
            high = middle
    return effect + high


PEERS: dict[str, Callable[[pd.DataFrame], None]] = {
    "closed-form methods": closed_form,
    "trimmed match": trimmed_match,
    "synthetic control": synthetic_control,
}
