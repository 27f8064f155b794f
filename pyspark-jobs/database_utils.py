"""PostgreSQL: a bounded pool, retries on transient errors, upserts, and reads by Spark.

Statements go through SQLAlchemy; Spark reads tables itself, through JDBC.
"""

from __future__ import annotations

import io
import logging
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pg8000.dbapi
import sqlalchemy as sa
from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame, SparkSession
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from sales_job.base.errors import JobError
from sales_job.base.explain_failure import explain, sql_state

Result = TypeVar("Result")

# The pool logs a stack trace for each dead connection; the errors that matter are raised.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)

POOL_SIZE = 2
"""Connections of a run, at most: all clients of an instance share its limit."""

RETRY_SECONDS = 90
"""How long to retry transient failures, up to 5 s apart, with jitter: a restart of a Cloud SQL instance takes about a
minute.
"""


class DatabaseUnavailable(JobError):
    """PostgreSQL cannot be reached, or refused a statement."""


@dataclass(frozen=True)
class DatabaseAddress:
    """The address of a PostgreSQL database, and the login."""

    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    authority: str | None = field(repr=False)
    """The certificate, in PEM, of the authority that signs the server's; None for a server without TLS."""

    @property
    def jdbc_url(self) -> str:
        """The URL for Spark, without what is in :attr:`jdbc_properties`."""
        return f"jdbc:postgresql://{self.host}:{self.port}/{self.database}"

    @property
    def jdbc_properties(self) -> dict[str, str]:
        """Login and TLS. The authority is a value and not a file: the executors connect too, and have no such file."""
        login = {"user": self.user, "password": self.password}
        if self.authority is None:
            return {**login, "sslmode": "disable"}
        factory = "org.postgresql.ssl.SingleCertValidatingFactory"
        return {**login, "sslmode": "verify-ca", "sslfactory": factory, "sslfactoryarg": self.authority.strip()}


def is_transient(error: BaseException) -> bool:
    """Whether a retry may help: the connection failed or was cut, or the server is starting or full."""
    if isinstance(error, sa.exc.DBAPIError):
        return error.connection_invalidated or (error.orig is not None and is_transient(error.orig))
    if isinstance(error, pg8000.dbapi.InterfaceError):
        return True
    if isinstance(error, pg8000.dbapi.Error):
        details = error.args[0] if error.args else None
        return _is_transient_state(str(details.get("C", "")) if isinstance(details, dict) else "")
    if isinstance(error, Py4JJavaError):
        return _is_transient_state(sql_state(error) or "")
    # A certificate of another authority does not become right by waiting.
    return isinstance(error, OSError) and not isinstance(error, ssl.SSLCertVerificationError)


def _is_transient_state(code: str) -> bool:
    # Connection failures, serialization rollbacks, too many connections, a server that starts or stops.
    return code[:2] in {"08", "40"} or code in {"53300", "57P01", "57P02", "57P03"}


class Database:
    """A PostgreSQL database behind a bounded pool. Close it when the run ends."""

    def __init__(self, address: DatabaseAddress, retry_seconds: float = RETRY_SECONDS) -> None:
        """
        Args:
            address: the database and the login.
            retry_seconds: how long to retry a transient failure, in seconds.
        """
        self.address = address
        self._retry_seconds = retry_seconds
        url = sa.URL.create(
            "postgresql+pg8000", address.user, address.password, address.host, address.port, address.database
        )
        self._engine = sa.create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=30,
            pool_pre_ping=True,
            connect_args={"timeout": 60, "ssl_context": _checked(address.authority)},
        )

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def transaction(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Runs ``work`` in one transaction, and again after a transient failure.

        Raises:
            DatabaseUnavailable: the failure is not transient, or lasts longer than the retries.
        """

        def once() -> Result:
            with self._engine.begin() as connection:
                return work(connection)

        return self._with_retries(once)

    def _with_retries(self, attempt: Callable[[], Result]) -> Result:
        retrying = Retrying(
            retry=retry_if_exception(is_transient),
            stop=stop_after_delay(self._retry_seconds),
            wait=wait_random_exponential(multiplier=0.2, max=5),
            reraise=True,
        )
        try:
            result: Result = retrying(attempt)
            return result
        except (sa.exc.SQLAlchemyError, pg8000.dbapi.Error, OSError, Py4JJavaError) as error:
            cause = (
                explain(error) if isinstance(error, Py4JJavaError) else _message(getattr(error, "orig", None) or error)
            )
            where = f"{self.address.host}:{self.address.port}/{self.address.database}"
            raise DatabaseUnavailable(f"PostgreSQL at {where}: {cause}") from error

    def check_health(self) -> None:
        """Checks that the server answers a query.

        Raises:
            DatabaseUnavailable: it does not.
        """
        self.transaction(lambda connection: connection.execute(sa.text("SELECT 1")))

    def upsert(self, delivered: Mapping[sa.Table, Iterable[Sequence[Any]]]) -> None:
        """Loads the rows that were delivered into their tables, all in one transaction.

        New keys are inserted and known ones updated; rows that are no longer delivered stay, with ``listed`` false.

        Args:
            delivered: by table the values of all columns but the last, ``listed``, in order. The tables exist.
        """
        copies = {
            table: "".join("\t".join(_copy_text(value) for value in row) + "\n" for row in rows).encode()
            for table, rows in delivered.items()
        }

        def work(connection: sa.Connection) -> None:
            for table, copy in copies.items():
                _upsert(connection, table, copy)

        self.transaction(work)

    def read(self, spark: SparkSession, query: str) -> DataFrame:
        """The result of a query as a DataFrame, read through JDBC. Spark reads the columns now and the rows later,
        in tasks, which a cluster retries itself.
        """
        reader = (
            spark.read.format("jdbc")
            .option("url", self.address.jdbc_url)
            .option("driver", "org.postgresql.Driver")
            .options(**self.address.jdbc_properties)
            .option("query", query)
            .option("fetchsize", 10_000)
        )
        return self._with_retries(reader.load)


def _upsert(connection: sa.Connection, table: sa.Table, copy: bytes) -> None:
    """Upserts rows in PostgreSQL's COPY text format."""
    new = f"delivered_{table.name}"
    connection.execute(sa.text(f"CREATE TEMPORARY TABLE {new} (LIKE {table.name} INCLUDING DEFAULTS) ON COMMIT DROP"))
    quoted = [f'"{column.name}"' for column in table.columns][:-1]
    (key,) = [f'"{column.name}"' for column in table.primary_key]
    cursor: Any = connection.connection.cursor()
    cursor.execute(f"COPY {new} ({', '.join(quoted)}) FROM STDIN", stream=io.BytesIO(copy))
    assignments = ", ".join(f"{name} = EXCLUDED.{name}" for name in [*quoted, "listed"] if name != key)
    connection.execute(
        sa.text(
            f"INSERT INTO {table.name} ({', '.join(quoted)}, listed) SELECT {', '.join(quoted)}, TRUE FROM {new} "
            f"ON CONFLICT ({key}) DO UPDATE SET {assignments}"
        )
    )
    connection.execute(
        sa.text(
            f"UPDATE {table.name} t SET listed = FALSE "
            f"WHERE listed AND NOT EXISTS (SELECT 1 FROM {new} d WHERE d.{key} = t.{key})"
        )
    )


def _checked(authority: str | None) -> ssl.SSLContext | None:
    """TLS as with JDBC's ``sslmode=verify-ca``: ``authority`` and no other has signed the server's certificate. The
    name in it is not checked: it is that of the instance, not the one by which the job finds it.
    """
    if authority is None:
        return None
    context = ssl.create_default_context(cadata=authority)
    context.check_hostname = False
    return context


def _message(error: BaseException) -> str:
    """The server's message, without the other fields of its error."""
    details = error.args[0] if error.args else None
    return str(details.get("M", details)) if isinstance(details, dict) else str(error)


def _copy_text(value: Any) -> str:
    """A value in PostgreSQL's COPY text format."""
    if value is None:
        return r"\N"
    text = str(value)
    return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
