"""Waiting for a state that another service reaches by itself."""

from __future__ import annotations

from collections.abc import Callable

from airflow.exceptions import AirflowException
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_exponential

PAUSE = wait_exponential(multiplier=0.5, max=10)
"""Seconds between two looks: half a second at first, ten at most."""


def wait_until(reached: Callable[[], bool], what: str, seconds: float) -> None:
    """Calls ``reached`` again and again until it returns true; what it raises ends the wait.

    Args:
        what: names the state in the error message.
        seconds: how long to wait.

    Raises:
        AirflowException: the time is up.
    """
    looks = Retrying(retry=retry_if_result(lambda done: not done), stop=stop_after_delay(seconds), wait=PAUSE)
    try:
        looks(reached)
    except RetryError:
        raise AirflowException(f"waited {seconds:.0f} s for {what}") from None
