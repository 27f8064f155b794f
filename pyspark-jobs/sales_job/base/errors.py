"""Failures with a message of one line for the user, and the exit code of the process."""


class JobError(Exception):
    """A failure with a message of one line that names what is wrong and the remedy."""

    exit_code = 1


class ConfigurationError(JobError):
    """Wrong arguments or configuration: nothing was read."""

    exit_code = 2


class InputRefused(JobError):
    """The input cannot be loaded: the tables are as they were."""

    exit_code = 3
