"""Student's t in fifty digits, from the incomplete beta function (Abramowitz & Stegun 26.5, 26.7).

Decimal arithmetic, so that what the warehouse computes in doubles is compared with more digits than
it has.
"""

from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from math import comb

DIGITS = Context(prec=50, Emin=-9_999_999, Emax=9_999_999)
HALF = Decimal("0.5")


@cache
def bernoulli(n: int) -> Fraction:
    """The Bernoulli number B_n, with B_1 = -1/2."""
    if n == 0:
        return Fraction(1)
    return -sum((comb(n + 1, k) * bernoulli(k) for k in range(n)), Fraction(0)) / (n + 1)


@cache
def pi() -> Decimal:
    """By Machin's formula."""
    with localcontext(DIGITS):
        return 4 * (4 * _arctan_of_inverse(5) - _arctan_of_inverse(239))


def _arctan_of_inverse(n: int) -> Decimal:
    total = power = Decimal(1) / n
    k = 1
    while abs(power) > Decimal("1e-55"):
        power /= -n * n
        k += 2
        total += power / k
    return total


@cache
def log_gamma(x: Decimal) -> Decimal:
    """Stirling's series, after the argument is raised to where it converges."""
    with localcontext(DIGITS):
        factor = Decimal(1)
        while x < 60:
            factor *= x
            x += 1
        series = (x - HALF) * x.ln() - x + (2 * pi()).ln() / 2
        for k in range(1, 26):
            b = bernoulli(2 * k)
            series += (
                Decimal(b.numerator)
                / Decimal(b.denominator)
                / (2 * k * (2 * k - 1) * x ** (2 * k - 1))
            )
        return series - factor.ln()


def _continued_fraction(x: Decimal, a: Decimal, b: Decimal) -> Decimal:
    """Of the incomplete beta function, by Lentz's algorithm."""
    tiny = Decimal("1e-200")
    c = Decimal(1)
    d = 1 / ((1 - (a + b) * x / (a + 1)) or tiny)
    value = d
    m = 0
    while True:
        m += 1
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + numerator * d) or tiny)
            c = (1 + numerator / c) or tiny
            value *= c * d
        if abs(c * d - 1) < Decimal("1e-45"):
            return value


def _incomplete_beta(x: Decimal, y: Decimal, a: Decimal, b: Decimal) -> Decimal:
    """The regularised incomplete beta function of x, where y = 1 - x is known without rounding."""
    if x == 0:
        return Decimal(0)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(y, x, b, a)
    log_front = log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * x.ln() + b * y.ln()
    return log_front.exp() * _continued_fraction(x, a, b) / a


def upper_tail(t: Decimal, df: Decimal) -> Decimal:
    """P(T > t)."""
    with localcontext(DIGITS):
        square = t * t
        x, y = df / (df + square), square / (df + square)
        tail = _incomplete_beta(x, y, df / 2, HALF) / 2
        return tail if t >= 0 else 1 - tail


def cdf(t: Decimal, df: Decimal) -> Decimal:
    """P(T <= t)."""
    return upper_tail(-t, df)


@cache
def quantile(p: Decimal, df: Decimal) -> Decimal:
    """The t with P(T <= t) = p, by Newton's method from 0, which is monotone on either side."""
    with localcontext(DIGITS):
        if p < HALF:
            return -quantile(1 - p, df)
        log_density = log_gamma((df + 1) / 2) - log_gamma(df / 2) - (df * pi()).ln() / 2
        t = Decimal(0)
        while True:
            density = (log_density - (df + 1) / 2 * (1 + t * t / df).ln()).exp()
            step = (upper_tail(t, df) - (1 - p)) / density
            t += step
            if abs(step) <= Decimal("1e-35") * t:
                return t
