"""The quality gate: checks of the published tables, as SQL that both BigQuery and DuckDB understand.

The job has made its own checks before it published. These are made by another program, on what readers see.
"""

from __future__ import annotations

from dataclasses import dataclass

from sales_job.base.plausible_days import FIRST_DAY
from sales_job.tables import catalog
from sales_job.tables.catalog import Table


@dataclass(frozen=True)
class GateCheck:
    """One check.

    Args:
        rule: what must be true, in words.
        query: one boolean; a template.
    """

    name: str
    rule: str
    query: str

    def statement(self) -> str:
        """A query that fails with the name and the rule unless the check holds; a template."""
        return f"SELECT IF(({self.query}), 1, ERROR('{self.name}: does not hold: {self.rule}'))"


def _rows(table: Table) -> str:
    """All rows of a table. A table that requires a filter on its partitions gets one that every row passes."""
    return f"{table.name} WHERE {table.partition_by} >= DATE '{FIRST_DAY}'" if table.filter_required else table.name


def _keys_are_unique() -> GateCheck:
    tables = [table for table in catalog.published() if table.key]
    repeated = (f"SELECT 1 FROM {_rows(table)} GROUP BY {', '.join(table.key)} HAVING COUNT(*) > 1" for table in tables)
    return GateCheck(
        "keys_are_unique",
        f"no two rows have the same key in {', '.join(table.name for table in tables)}",
        " AND ".join(f"NOT EXISTS ({query})" for query in repeated),
    )


def _total(table: str, *columns: str) -> str:
    return f"SELECT {', '.join(f'SUM({column})' for column in columns)} FROM {_rows(catalog.table('published', table))}"


RETURNED = ("returned_quantity", "returned_revenue")

VIEWS = ("daily_revenue", "weekly_sales", "monthly_sales")
"""The views that add up the daily table, each with the columns of the total below. Where the DAGs run, the catalog has
no SQL of views.
"""

VIEWS_AGREE = GateCheck(
    "views_agree",
    f"each of the views {', '.join(VIEWS)} has the revenue, quantity, profit and returns of the tables",
    "SELECT COUNT(*) = 1 FROM ("
    + " UNION DISTINCT ".join(
        (
            # A table that no filter on days is needed for: a filter that drops rows is what a view may have wrong.
            _total("product_performance", "total_revenue", "total_quantity_sold", "gross_profit", *RETURNED),
            *(
                f"SELECT SUM(revenue), SUM(quantity), SUM(gross_profit), {', '.join(map('SUM({})'.format, RETURNED))} "
                f"FROM {view}"
                for view in VIEWS
            ),
        )
    )
    + ")",
)
"""Made when the materialized view was refreshed. BigQuery reads what a refresh has not seen from the table itself, so
that the check never meets a view that lags behind; after a refresh it reads the view's own rows.
"""

(_RULE_OF_RUNS,) = catalog.table("published", "etl_runs").rules

CHECKS = (
    GateCheck(
        "lines_are_accounted_for",
        "every line that the run read is loaded, a duplicate or quarantined",
        "SELECT COUNT(*) = 1 FROM ("
        "SELECT * FROM etl_runs WHERE run_id = '{{ job_run_id(dag_run) }}' ORDER BY started_at DESC LIMIT 1) "
        f"WHERE status = 'done' AND NOT ({_RULE_OF_RUNS.violated})",
    ),
    GateCheck(
        "totals_agree",
        "products, stores and days add up to the same revenue, quantity, profit and returns",
        "SELECT COUNT(*) = 1 FROM ("
        + " UNION DISTINCT ".join(
            (
                _total("product_performance", "total_revenue", "total_quantity_sold", "gross_profit", *RETURNED),
                _total("store_performance", "total_revenue", "total_items_sold", "gross_profit", *RETURNED),
                _total("daily_sales_summary", "daily_revenue", "daily_quantity", "gross_profit", *RETURNED),
            )
        )
        + ")",
    ),
    _keys_are_unique(),
)
