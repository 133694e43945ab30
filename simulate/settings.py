"""What a user can choose about the simulated world."""

from dataclasses import dataclass
from datetime import date, timedelta

DEFAULT_LAST_DAY = date(2026, 9, 30)  # fixed, so that the same seed gives the same files tomorrow


@dataclass(frozen=True)
class Settings:
    """Size, period and seed of the world.

    Attributes:
        seed: Root of all randomness; the same settings give the same bytes.
        days: Length of the period in days.
        influencers: Number of influencers.
        orders: Number of order lines, of all sources together.
        start: First day; None ends the period on 2026-09-30.

    Raises:
        ValueError: If a value is out of range; the message is one line for the user.
    """

    seed: int = 42
    days: int = 180
    influencers: int = 200
    orders: int = 20_000
    start: date | None = None

    def __post_init__(self) -> None:
        """Check every range, so that no other module has to."""
        _check_range("seed", self.seed, 0, 2**63 - 1)
        _check_range("days", self.days, 7, 3_660)
        _check_range("influencers", self.influencers, 1, 100_000)
        _check_range("orders", self.orders, 1, 50_000_000)
        if self.start is not None and not date(2000, 1, 1) <= self.start <= date(2099, 12, 31):
            raise ValueError(f"start must be from 2000-01-01 to 2099-12-31, got {self.start}")

    @property
    def first_day(self) -> date:
        """First day of the period."""
        return self.start or DEFAULT_LAST_DAY - timedelta(days=self.days - 1)

    @property
    def last_day(self) -> date:
        """Last day of the period, also the day on which the exports are taken."""
        return self.first_day + timedelta(days=self.days - 1)


def _check_range(name: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise ValueError(f"{name} must be from {lowest} to {highest}, got {value}")
