"""A customer's key: HMAC-SHA-256 (RFC 2104) of the customer_id under the warehouse's own key. Tables hold it instead of
the id: without the key nobody can find an id by trying all of them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from pyspark.sql import DataFrame, SparkSession

KEY_BYTES = 32

BLOCK_BYTES = 64
"""SHA-256 works on blocks of this size; HMAC begins each of its two hashes with one."""

BLOCKS = "customer_key_blocks"
"""The temporary view of one row that holds the two blocks."""


class CustomerKey:
    """The key of a warehouse. Neither its text nor what it logs shows it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def new(cls) -> CustomerKey:
        """A random key."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> CustomerKey:
        """The key of a text of :attr:`digits`.

        Raises:
            ValueError: it is none; the message does not repeat it.
        """
        if not re.fullmatch(rf"[0-9a-f]{{{2 * KEY_BYTES}}}\n?", text):
            raise ValueError(f"holds no {2 * KEY_BYTES} hexadecimal digits in lower case")
        return cls(bytes.fromhex(text))

    @property
    def digits(self) -> str:
        """The key in hexadecimal digits, as it is kept."""
        return self._key.hex()

    @property
    def id(self) -> str:
        """Names the key without telling it: days that carry another name were published with another key."""
        return hmac.digest(self._key, b"name of this key", "sha256").hex()[:16]

    @property
    def blocks(self) -> tuple[bytes, bytes]:
        """What the inner and the outer hash begin with."""
        return _block(self._key, 0x36), _block(self._key, 0x5C)

    def open(self, spark: SparkSession) -> None:
        """Makes the key known to a session, before :func:`keyed` is used in it.

        The blocks are rows of a view and no literals: plans are logged and shown, and Spark never writes out rows.
        """
        gateway = spark.sparkContext._gateway
        assert gateway is not None  # a session has one
        values = gateway.new_array(gateway.jvm.java.lang.Object, len(self.blocks))
        for number, block in enumerate(self.blocks):
            values[number] = bytearray(block)
        rows = gateway.jvm.java.util.ArrayList()
        rows.add(gateway.jvm.org.apache.spark.sql.RowFactory.create(values))
        kind = gateway.jvm.org.apache.spark.sql.types.StructType.fromDDL("inner_block binary, outer_block binary")
        frame = DataFrame(spark._jsparkSession.createDataFrame(rows, kind), spark)
        frame.createOrReplaceTempView(BLOCKS)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"


def _block(key: bytes, byte: int) -> bytes:
    short = key if len(key) <= BLOCK_BYTES else hashlib.sha256(key).digest()
    return bytes(one ^ byte for one in short.ljust(BLOCK_BYTES, b"\0"))


def keyed(text: str) -> str:
    """Spark's SQL of the key of an id, which is SQL of a text: 64 hexadecimal digits, NULL for NULL."""
    inner, outer = (f"(SELECT {name}_block FROM {BLOCKS})" for name in ("inner", "outer"))
    return f"sha2(concat({outer}, unhex(sha2(concat({inner}, CAST({text} AS BINARY)), 256))), 256)"
