"""The local forecast: the backtest and its tables on figures worked out by hand, and the model on stores whose weeks
are known.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal as D
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT)]

from forecast import __main__ as program  # noqa: E402
from forecast.backtest import Score, backtest, reason_against  # noqa: E402
from forecast.model import DAYS, MODEL, Forecast  # noqa: E402
from sales_job.warehouse.duckdb import DuckDbWarehouse  # noqa: E402

LAST = dt.date(2026, 3, 31)
WEEK = [100, 100, 100, 100, 150, 300, 200]


def flat(value: float) -> Forecast:
    return Forecast([value] * DAYS, [value - 1] * DAYS, [value + 1] * DAYS)


def test_a_score_by_hand() -> None:
    """28 days of 10 follow on 28 of 5; the model says 9, from 8 to 10: 28 x 1 of 280 is missed, and every day is
    inside. The naive forecast is 5 too low for a week, then right.
    """
    seen = []

    def model(history: Any) -> Forecast:
        seen.append(list(history))
        return flat(9)

    score = backtest([5.0] * 28 + [10.0] * 28, model)
    assert seen == [[5.0] * 28]
    assert score == Score(days=28, revenue=280.0, error=28.0, naive_error=35.0, covered=28)
    assert backtest([5.0] * 28 + [10.5] * 28, model).covered == 0
    assert score + score == Score(56, 560.0, 56.0, 70.0, 56)


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([1.0] * 56, None),
        ([1.0] * 55, "55 days of history, 56 are needed"),
        ([1.0] * 60 + [0.0] * 28, "no revenue in the last 28 days"),
        ([1.0] * 60 + [0.0] * 27, None),
    ],
)
def test_why_a_store_has_no_forecast(history: list[float], reason: str | None) -> None:
    assert reason_against(history) == reason


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    made = DuckDbWarehouse(tmp_path)
    made.prepare(made.changes())
    return tmp_path


def sell(warehouse: Path, store: str, days: dict[dt.date, float], transactions: int = 1) -> None:
    values = ", ".join(
        f"(DATE '{day}', '{store}', {revenue}, 1, {transactions}, 0, 0, 0, 0)" for day, revenue in days.items()
    )
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        connection.execute(
            "INSERT INTO daily_sales_summary (transaction_date, store_id, daily_revenue, daily_quantity, "
            f"daily_transactions, unique_customers, gross_profit, returned_quantity, returned_revenue) VALUES {values}"
        )


def every_day(count: int, last: dt.date = LAST) -> list[dt.date]:
    return [last - dt.timedelta(back) for back in range(count - 1, -1, -1)]


def rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_the_tables_of_two_stores(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(warehouse, "S1", dict.fromkeys(every_day(60), 10.0))
    # A store that opened ten days ago; a day without a line has no revenue.
    sell(warehouse, "S2", {LAST - dt.timedelta(9): 7.0, LAST: 3.0})
    # A return after the last sale is no sale.
    sell(warehouse, "S2", {LAST + dt.timedelta(1): -1.0}, transactions=0)
    monkeypatch.setattr(program, "forecast", lambda history: flat(8))
    program.main(["--warehouse", str(warehouse)])
    found = rows(warehouse, "FROM revenue_forecast ORDER BY forecast_date")
    assert len(found) == 28
    assert found[0] == ("S1", LAST + dt.timedelta(1), 8, 7, 9, MODEL, LAST)
    assert found[-1][1] == LAST + dt.timedelta(28)
    assert rows(warehouse, "FROM forecast_accuracy ORDER BY store_id = '*', store_id") == [
        ("S1", 28, D("0.2"), D(0), D(0), MODEL, LAST, 60, D(600), None),
        ("S2", 0, None, None, None, MODEL, LAST, 10, D(10), "10 days of history, 56 are needed"),
        ("*", 28, D("0.2"), D(0), D(0), MODEL, LAST, 60, D(610), None),
    ]


def test_a_forecast_is_made_again_when_its_history_changes(
    warehouse: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = []

    def counted(history: Any) -> Forecast:
        calls.append(len(history))
        return flat(8)

    monkeypatch.setattr(program, "forecast", counted)
    sell(warehouse, "S1", dict.fromkeys(every_day(60)[:-2], 10.0))
    sell(warehouse, "S1", {LAST: 10.0})
    for expected in (2, 2):
        program.main(["--warehouse", str(warehouse)])
        assert len(calls) == expected
    assert capsys.readouterr().err.splitlines()[-1] == "forecast: already made of the days up to 2026-03-31"
    # A late line of the day before.
    sell(warehouse, "S1", {LAST - dt.timedelta(1): 5.0})
    program.main(["--warehouse", str(warehouse)])
    assert len(calls) == 4
    # A new day.
    sell(warehouse, "S1", {LAST + dt.timedelta(1): 10.0})
    program.main(["--warehouse", str(warehouse)])
    assert rows(warehouse, "SELECT DISTINCT trained_through FROM revenue_forecast") == [(LAST + dt.timedelta(1),)]


def test_a_warehouse_without_sales_has_no_forecast(warehouse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.main(["--warehouse", str(warehouse)])
    assert capsys.readouterr().err == "forecast: no store has days enough\n"
    assert rows(warehouse, "FROM revenue_forecast") == rows(warehouse, "FROM forecast_accuracy") == []


@pytest.mark.processes
def test_the_model_knows_the_week(warehouse: Path) -> None:
    """The same week again and again, and a week with noise of a tenth: errors are below those of the naive forecast,
    whose error has the noise of two days.
    """
    subprocess.run(["node", str(ROOT / "scripts/setup.mjs"), "forecast"], check=True, capture_output=True)
    random = Random(3)
    days = every_day(120)
    sell(warehouse, "exact", {day: WEEK[day.weekday()] for day in days})
    sell(warehouse, "noisy", {day: round(WEEK[day.weekday()] * random.gauss(1, 0.1), 2) for day in days})
    sell(warehouse, "constant", dict.fromkeys(days, 5.0))
    command = [str(ROOT / ".venv/forecast/bin/python"), "-m", "forecast", "--warehouse", str(warehouse)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("forecast: 3 of 3 stores, 28 days from 2026-04-01; error over the last 28 days ")
    forecasts = rows(
        warehouse, "SELECT forecast_date, revenue, lower, upper FROM revenue_forecast WHERE store_id = 'exact'"
    )
    assert len(forecasts) == 28
    for day, revenue, *_ in forecasts:
        assert abs(revenue - WEEK[day.weekday()]) < D("0.5")
    scores = dict(
        (store, (error, naive, coverage))
        for store, error, naive, coverage in rows(
            warehouse, "SELECT store_id, model_error, naive_error, coverage FROM forecast_accuracy"
        )
    )
    assert scores["constant"] == (0, 0, 1)
    error, naive, coverage = scores["noisy"]
    assert D("0.05") < error < D("0.1") < naive
    assert coverage >= D("0.6")
    bounds = rows(
        warehouse, "SELECT lower < revenue AND revenue < upper FROM revenue_forecast WHERE store_id = 'noisy'"
    )
    assert bounds == [(True,)] * 28
