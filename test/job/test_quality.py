"""What is checked before a run is published: somebody's hand in the tables, and the next run must not build on it."""

import duckdb
import pytest
from errors import JobError
from harness import Sandbox
from test_pipeline import expect, first_days

TAMPERED = {
    "UPDATE daily_sales_summary SET daily_revenue = daily_revenue + 1 WHERE store_id = 'S9'": (
        "revenue by day, product and store is the same sum"
    ),
    "DELETE FROM store_products WHERE store_id = 'S9'": "revenue by day, product and store is the same sum",
    "UPDATE store_products SET quantity = -1 WHERE store_id = 'S9'": "no revenue or count is negative",
    "INSERT INTO line_versions VALUES (DATE '2026-01-01', 'another')": "no day has two versions of its lines",
}


def test_a_check_that_fails_publishes_nothing(sandbox: Sandbox) -> None:
    first_days(sandbox)
    sandbox.day("2026-01-02")
    file = sandbox.folder / "warehouse/warehouse.duckdb"
    good = file.read_bytes()
    for statement, rule in TAMPERED.items():
        file.write_bytes(good)
        with duckdb.connect(str(file)) as connection:
            connection.execute(statement)
        before = sandbox.tables()
        # This arrival does not touch New Year, S9's only day.
        with pytest.raises(JobError) as error:
            sandbox.day("2026-01-03")
        assert str(error.value) == f"check failed, nothing is published: {rule}"
        assert sandbox.tables() == before
    sandbox.run("--rebuild")
    expect(sandbox)
