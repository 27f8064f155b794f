"""Forecasts one store: exponential smoothing with a weekly season, and an interval by simulation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MODEL = "Holt-Winters, additive week, no trend"
"""The name of the model in the tables."""

DAYS = 28
"""How many days are forecast, and how many the backtest forecasts again."""

WEEK = 7
CONFIDENCE = 0.8
PATHS = 1000
"""Simulated futures: enough for bounds that do not move in the second digit."""


class Forecast(NamedTuple):
    """Revenue of the days to come, and the bounds that it stays in with the probability :data:`CONFIDENCE`."""

    revenue: list[float]
    lower: list[float]
    upper: list[float]


def forecast(history: Sequence[float]) -> Forecast:
    """The next :data:`DAYS` days.

    Args:
        history: revenue by day without gaps, two weeks at least.
    """
    # Imported where a store is forecast: most runs without new days skip that, and statsmodels loads for seconds.
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    if min(history) == max(history):
        constant = [float(history[0])] * DAYS
        return Forecast(constant, constant, constant)
    with warnings.catch_warnings():
        # An optimum on the edge of its bounds is one too.
        warnings.simplefilter("ignore")
        model = ExponentialSmoothing(
            np.asarray(history, dtype=float),
            seasonal="add",
            seasonal_periods=WEEK,
            initialization_method="estimated",
        )
        fitted = model.fit()
        # Errors as they were, drawn at random with a fixed seed: two runs over one history give one forecast.
        paths = fitted.simulate(
            DAYS, repetitions=PATHS, error="add", random_errors="bootstrap", random_state=np.random.RandomState(1)
        )
    bounds = np.quantile(paths, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=1)
    # Nothing is sold for less than nothing.
    revenue, lower, upper = (np.maximum(values, 0.0).tolist() for values in (fitted.forecast(DAYS), *bounds))
    return Forecast(revenue, lower, upper)
