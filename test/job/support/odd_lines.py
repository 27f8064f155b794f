"""Texts of sales lines, good and bad, for every reader of them."""

from __future__ import annotations

import datetime as dt
from random import Random

from sales_job.base.sales_columns import READ_COLUMNS

Texts = tuple[str | None, ...]

GOOD = ("T1", "P1", "S1", "2", "2.50", "2026-01-02", "C1", None)


def but(**changes: str | None) -> tuple[str | None, ...]:
    """A good line with some texts changed."""
    return tuple(changes.get(name, text) for name, text in zip(READ_COLUMNS, GOOD, strict=True))


READ: list[tuple[dict[str, str | None], dict[str, object]]] = [
    ({"quantity": " 7\t"}, {"quantity_units": 7_000}),
    ({"quantity": "007"}, {"quantity_units": 7_000}),
    ({"quantity": "999999999999999"}, {"quantity_units": 999_999_999_999_999_000}),
    ({"quantity": "999999999999999.999"}, {"quantity_units": 999_999_999_999_999_999}),
    ({"quantity": "-999999999999999.999"}, {"quantity_units": -999_999_999_999_999_999}),
    ({"quantity": "-2"}, {"quantity_units": -2_000}),
    ({"quantity": "-002.50"}, {"quantity_units": -2_500}),
    ({"quantity": "0.250"}, {"quantity_units": 250}),
    ({"quantity": "0.001"}, {"quantity_units": 1}),
    ({"quantity": "1.5"}, {"quantity_units": 1_500}),
    ({"quantity": ".5"}, {"quantity_units": 500}),
    ({"quantity": "-.125"}, {"quantity_units": -125}),
    ({"quantity": "1.2340000000"}, {"quantity_units": 1_234}),
    ({"unit_price": "0"}, {"price_units": 0}),
    ({"unit_price": "0.1234"}, {"price_units": 1_234}),
    ({"unit_price": "00012.5"}, {"price_units": 125_000}),
    ({"unit_price": "1.05"}, {"price_units": 10_500}),
    ({"unit_price": "99999999999999.9999"}, {"price_units": 999_999_999_999_999_999}),
    ({"unit_price": f"{'0' * 40}7.5"}, {"price_units": 75_000}),
    ({"quantity": f"{'0' * 40}7"}, {"quantity_units": 7_000}),
    ({"quantity": f"{'0' * 40}7.25"}, {"quantity_units": 7_250}),
    ({"quantity": "5.0"}, {"quantity_units": 5_000}),
    ({"quantity": "+5."}, {"quantity_units": 5_000}),
    ({"unit_price": ".5"}, {"price_units": 5_000}),
    ({"unit_price": "+5."}, {"price_units": 50_000}),
    ({"unit_price": "12.50000000"}, {"price_units": 125_000}),
    ({"transaction_date": "2026-01-31 08:26:00"}, {"transaction_date": dt.date(2026, 1, 31)}),
    ({"transaction_date": "2026-01-31T8:26"}, {"transaction_date": dt.date(2026, 1, 31)}),
    ({"transaction_date": "2159-12-31 23:59:59.999"}, {"transaction_date": dt.date(2159, 12, 31)}),
    ({"transaction_date": "2024-02-29"}, {"transaction_date": dt.date(2024, 2, 29)}),
    ({"transaction_date": "1960-01-01"}, {"transaction_date": dt.date(1960, 1, 1)}),
    ({"transaction_date": "2159-12-31"}, {"transaction_date": dt.date(2159, 12, 31)}),
    ({"transaction_id": "\u00a0T 1\r"}, {"transaction_id": "T 1"}),
    ({"customer_id": "  "}, {"customer_id": None}),
    ({"customer_id": None}, {"customer_id": None}),
    ({"line_number": " 2\u00a0"}, {"line_number": "2"}),
    ({"line_number": "002"}, {"line_number": "002"}),
    ({"line_number": " "}, {"line_number": None}),
]
"""Changes of a good line, and what is read of them."""


ODD: dict[str, list[str | None]] = {
    "quantity": [
        *(
            "1",
            "+1",
            "-1",
            "--1",
            "0",
            "-0",
            "0.000",
            "00",
            ".",
            "-.",
            "5.",
            ".5",
            "-.5",
            "+.125",
            "1.2345",
            "1.2340000",
        ),
        *("0" * 40 + "7", "0" * 40, "9" * 15, "9" * 16, "9" * 15 + ".999", "-" + "9" * 15 + ".9990", "1.00010", "1.5."),
        *(
            "1e3",
            "1,5",
            "1 000",
            "- 1",
            "\uff11",
            "1_0",
            "0x1",
            "Infinity",
            "NaN",
            "\u0661",
            "1\u00a0",
            "\u20031",
            "1\0",
        ),
        *("0." + "0" * 30, "1." + "0" * 60, "+", "-", "++1", "1-", "1+1", "\n1", "1\r", "\u200b1", "\ufeff1"),
    ],
    "unit_price": [
        *("0", "-0", "0.0001", "0.00001", "1.99999", "1.99990000", "9" * 14, "9" * 15, "9" * 14 + ".9999", "+5.", ".5"),
        *("-1", "$1", "1e2", "1,99", ".", "+", "1.2.3", "1. 5", "1.\uff15", " 7.5 ", "\t7", "0" * 40 + "7.5"),
    ],
    "transaction_date": [
        *(
            "2026-01-02",
            "2026-02-29",
            "2024-02-29",
            "1900-02-29",
            "2100-02-29",
            "2026-02-30",
            "2026-13-01",
            "2026-00-10",
        ),
        *("2026-01-00", "2026-1-2", "20260102", "02.01.2026", "1959-12-31", "1960-01-01", "2159-12-31", "2160-01-01"),
        *(
            "0000-01-01",
            "+026-01-01",
            "-026-01-01",
            "2026-01- 1",
            "2026-01-1T",
            "2026-01-011",
            "2026-01-0a",
            "2026/01/02",
        ),
        *("2026-01-02 08:26", "2026-01-02T8:26", "2026-01-02  8:26:59", "2026-01-02T08:26Z", "2026-01-02T24:00"),
        *("2026-01-02T23:59:60", "2026-01-02T08:26:00.123456789", "2026-01-02T08:26:00,1", "2026-01-02T08:26:00."),
        *(
            "2026-01-02T08:26:00+01:00",
            "2026-01-0208:26",
            "2026-01-02T",
            "2026-01-02 ",
            "\u00a02026-01-02\u3000",
            "today",
        ),
        *(
            "2026-01-02T" + " " * 99 + "10:00",
            "2026-01-02T" + " " * 94 + "10:00" + "x" * 9,
            "2\uff1026-01-02",
            "2026-01-\u0660\u0662",
        ),
        *("2026-01-02\n", "2026-01-02T08:26\n", "2026-01-02\nx", "2026-01-02T08:26:00.1234567890"),
    ],
    **{
        name: [
            None,
            "",
            " ",
            "\u2003\u00a0",
            "a",
            " a ",
            "a b",
            "a\nb",
            "a\r",
            "\na",
            "\u0085a\u0085",
            "\x1fa",
            "\u200ba",
            "~",
            "!",
            "\u00e9",
            "\U0001f600",
            "'",
            '"',
            "a;b",
            "a\u2028b",
            "\x7f",
            "\x00",
            "-- x",
            "${x}",
            "\\n",
            "0",
            "NULL",
            "null",
        ]
        for name in ("transaction_id", "product_id", "store_id", "customer_id", "line_number")
    },
}
"""Texts of each column, good and bad."""

ALPHABET = "0123456789" * 2 + "+-. .:T,eZ\u00a0\n\uff11"


def corpus() -> list[Texts]:
    random = Random(5)
    lines = [but(**changes) for changes, _ in READ]
    lines += [but(**{name: text}) for name, texts in ODD.items() for text in texts]
    lines += [but(**{name: None}) for name in READ_COLUMNS]
    for _ in range(600):
        name = random.choice(("quantity", "unit_price", "transaction_date"))
        if name == "transaction_date":
            text = list("2026-01-02" + random.choice(("", " 08:26", "T8:26:30", "T23:59:59.5")))
            for _ in range(random.choice((0, 1, 1, 2))):
                text[random.randrange(len(text))] = random.choice(ALPHABET)
        else:
            text = random.choices(ALPHABET[:24], k=random.randint(1, 8))
        lines.append(but(**{name: "".join(text)}))
    # Several broken rules in one line: the reasons stand in one order.
    lines += [tuple(random.choice(ODD[name]) for name in READ_COLUMNS) for _ in range(400)]
    return lines


def messages() -> list[Texts]:
    """Lines of the corpus, and lines of the random tables' days, for both warehouses."""
    random = Random(11)
    more = [
        (
            f"T{random.randrange(9)}",
            random.choice(("P1", "P2", "P7")),
            random.choice(("S1", "S5", " S4")),
            random.choice(("1", "2.0", "-1", "0.250")),
            random.choice(("1", "2.50")),
            f"2026-03-{random.randrange(10, 29)}",
            random.choice((None, "C1", "C2")),
            random.choice((None, "1")),
        )
        for _ in range(200)
    ]
    # A third of the corpus: the emulator is slow. It reads no literal of these two characters.
    found = (*corpus()[::3], *more)
    return [texts for texts in found if not any({"\0", "\x1f"} & set(text) for text in texts if text)]
