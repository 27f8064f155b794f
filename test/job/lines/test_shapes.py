"""Lakes of unkind shapes, held against plain Python: skew, many products, many small files, days without lines."""

import csv
import random
from collections import Counter

from against_oracle import assert_counts, assert_equal
from harness import Sandbox
from oracle import compute

from sales_job.base.sales_columns import SALES_COLUMNS


def lines(number: int, seed: int, days: int) -> list[str]:
    """Lines of which half are of store S1, and a tenth of product P1."""
    rng = random.Random(seed)
    return [
        f"T{rng.randrange(number)},P{rng.choice([1, *rng.choices(range(0, 100_000, 40), k=9)])},"
        f"S{rng.choice([1, rng.randrange(200)])},{rng.randrange(1, 9)},{rng.randrange(10_000) / 100:.2f},"
        f"2026-01-{rng.randrange(1, days + 1):02},{rng.choice(['', f'C{rng.randrange(5000)}'])}"
        for _ in range(number)
    ]


def test_one_store_with_half_of_all_lines_and_a_hundred_thousand_products(sandbox: Sandbox) -> None:
    sandbox.products([(f"P{n}", f"Product {n}", f"Kind {n % 50}", f"{n % 90}.{n % 7}") for n in range(100_000)])
    sandbox.stores([(f"S{n}", f"Store {n}", "Austin, TX") for n in range(150)])
    sandbox.sales("dt=2026-01-03/a.csv", lines(20_000, seed=1, days=3))
    sandbox.sales("dt=2026-01-04/b.csv.gz", lines(10_000, seed=2, days=3))
    expected = compute(sandbox.lake)
    assert_counts(sandbox.run(), expected)
    stores = Counter(line.store_id for line in expected.lines)
    assert stores["S1"] > len(expected.lines) / 2
    assert_equal(sandbox, expected)


def test_a_thousand_files_some_with_a_header_alone_and_days_without_any(sandbox: Sandbox) -> None:
    rows = lines(3000, seed=3, days=20)
    for number in range(1000):
        # Every tenth file has its columns the other way round, every seventh has no line.
        header = SALES_COLUMNS if number % 10 else SALES_COLUMNS[::-1]
        chosen = rows[3 * number : 3 * number + 3] if number % 7 else []
        fields = [dict(zip(SALES_COLUMNS, next(csv.reader([row])), strict=True)) for row in chosen]
        name = f"dt=2026-01-{1 + number % 20:02}/{number}.csv"
        sandbox.sales(name, [",".join(row[column] for column in header) for row in fields], ",".join(header))
    (sandbox.lake / "sales_data/dt=2026-01-25").mkdir()
    sandbox.sales("dt=2026-01-26/header.csv", [])
    expected = compute(sandbox.lake)
    done = sandbox.run()
    assert done["rows_read"] > 2000
    assert_counts(done, expected)
    assert_equal(sandbox, expected)
    for day in ("2026-01-25", "2026-01-26", "2026-01-27"):
        assert sandbox.day(day)["rows_read"] == 0
    assert_equal(sandbox, expected)
