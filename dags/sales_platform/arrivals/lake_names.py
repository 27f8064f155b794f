"""What is an arrival in a lake, by the names of files alone: the job's own rule, as the DAGs use it."""

from __future__ import annotations

from collections.abc import Mapping

from sales_job.base.errors import ConfigurationError
from sales_job.lake import data_package
from sales_job.lake.data_package import Resource
from sales_platform.daily_sales.job_outcome import WRONG_ARGUMENTS, JobRefused

DESCRIPTOR = data_package.NAME

Package = Mapping[str, Resource]
"""The resources of a lake's descriptor; none where it has no descriptor."""


def package_of(descriptor: bytes | None) -> Package:
    """The resources that a descriptor describes.

    Args:
        descriptor: the content of ``datapackage.json``; None: the lake has none.

    Raises:
        JobRefused: it is not understood, or no file of it belongs to a day.
    """
    if descriptor is None:
        return {}
    try:
        package = data_package.parse(descriptor)
    except ConfigurationError as error:
        raise JobRefused(str(error), WRONG_ARGUMENTS) from None
    if package["sales"].arrival is None:
        raise JobRefused(
            f"{DESCRIPTOR}: resource sales has no arrival, so no day has files: give it a pattern of their names, such "
            "as sales_{yyyy}-{MM}-{dd}.csv",
            WRONG_ARGUMENTS,
        )
    return package
