"""One line for any failure: what is wrong and, where it is known, the remedy."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator, Sequence
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError

from sales_job.base.errors import JobError

STORED_LINES = re.compile(r"\S*/processed/transaction_date=([0-9-]{10})/[^\s:,']+")
WRITE_FAILED = "TASK_WRITE_FAILED"
"""Spark's name for the error of a task that writes: its message names files too."""

NO_NATIVE_CODE = ("UnsatisfiedLinkError", "Could not initialize class org.xerial.snappy")
"""Signs that Java could not load the native part of a library, which it unpacks into its temporary folder first."""

DISK_FULL = ("No space left on device", "Disk quota exceeded")


def explain(error: BaseException) -> str:
    """The message for the user, whatever was raised."""
    if isinstance(error, JobError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "interrupted: the tables are as the last finished run left them, run again"
    messages = list(_messages(error))
    whole = "\n".join(messages)
    if (full := _with_sign(messages, DISK_FULL)) is not None:
        return f"the disk is full ({_line(full)}): free some space and run again"
    if (unloaded := _with_sign(messages, NO_NATIVE_CODE)) is not None:
        return (
            f"a Java library could not unpack its native code into the warehouse's folder tmp ({_line(unloaded)}): "
            "free some space there, and mount the disk without noexec"
        )
    if WRITE_FAILED not in whole and (stored := STORED_LINES.search(whole)):
        return (
            f"the stored lines of {stored[1]} cannot be read ({stored[0].rstrip('.')}): "
            "run with --rebuild, which makes them again from every arrival"
        )
    return _line(messages[-1])


def sql_state(error: BaseException) -> str | None:
    """The SQLSTATE of an error that PostgreSQL raised through JDBC; None for any other error."""
    for cause in _java_causes(error):
        if cause.getClass().getName() == "org.postgresql.util.PSQLException":
            return str(cause.getSQLState())
    return None


def _with_sign(messages: Sequence[str], signs: Sequence[str]) -> str | None:
    """The first message that has one of the signs."""
    return next((message for message in messages if any(sign in message for sign in signs)), None)


def _messages(error: BaseException) -> Iterator[str]:
    """The messages of an error and its causes, each with the name of its type."""
    text = str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        text = f"{DISK_FULL[0]}: {error.filename}" if error.filename else DISK_FULL[0]
    # The text of a Java error is its whole stack trace.
    yield f"{type(error).__name__}: {'' if isinstance(error, Py4JJavaError) else text}"
    for cause in _java_causes(error):
        name = cause.getClass().getSimpleName()
        yield f"{name}: {cause.getMessage() or ''}"


def _java_causes(error: BaseException) -> Iterator[Any]:
    # PySpark keeps the Java error in _origin where it raises an error of its own.
    cause = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    try:
        while cause is not None:
            yield cause
            cause = cause.getCause()
    except (Py4JError, OSError):
        return  # the Java process is gone; the messages so far must suffice


def _line(text: str) -> str:
    return text.strip().splitlines()[0]
