"""How well the model would have forecast the last 28 days, beside the same weekday a week before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forecast.model import DAYS, WEEK, Forecast

LEAST_DAYS = 2 * DAYS
"""Days of history below which a store has no forecast: half of them are left to learn from in the backtest."""


@dataclass(frozen=True)
class Score:
    """Sums over the days of a backtest. Scores of several stores add up."""

    days: int = 0
    revenue: float = 0.0
    error: float = 0.0
    naive_error: float = 0.0
    covered: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.days + other.days,
            self.revenue + other.revenue,
            self.error + other.error,
            self.naive_error + other.naive_error,
            self.covered + other.covered,
        )


def reason_against(history: Sequence[float]) -> str | None:
    """Why a store has no forecast; None where it has one.

    Args:
        history: revenue by day, from the store's first day to the last day with sales anywhere.
    """
    if len(history) < LEAST_DAYS:
        return f"{len(history)} days of history, {LEAST_DAYS} are needed"
    if not any(history[-DAYS:]):
        return f"no revenue in the last {DAYS} days"
    return None


def backtest(history: Sequence[float], model: Callable[[Sequence[float]], Forecast]) -> Score:
    """Forecasts the last 28 days from the days before.

    The naive forecast of a day is the revenue seven days before. It knows days that the model does not, so it is
    harder to beat than one that ends where the model's knowledge ends.
    """
    known, actual = history[:-DAYS], history[-DAYS:]
    week_before = history[-DAYS - WEEK : -WEEK]
    found = model(known)
    return Score(
        days=DAYS,
        revenue=sum(map(abs, actual)),
        error=sum(abs(real - guess) for real, guess in zip(actual, found.revenue, strict=True)),
        naive_error=sum(abs(real - guess) for real, guess in zip(actual, week_before, strict=True)),
        covered=sum(low <= real <= high for low, real, high in zip(found.lower, actual, found.upper, strict=True)),
    )
