"""Failures that are told to a person in one line, each with the process's exit code."""


class JobError(Exception):
    """A failure with a message of one line that names what is wrong and the remedy."""

    exit_code = 1


class ConfigurationError(JobError):
    """Wrong arguments or configuration: nothing was read."""

    exit_code = 2


class InputRefused(JobError):
    """The input cannot be loaded as it is: the tables are as they were."""

    exit_code = 3
