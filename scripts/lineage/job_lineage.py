"""Column lineage of the job, step by step: from files to the line store, to the published tables, to the views.

Spark's part is written here as SQL that means the same; the rest is read from the SQL that publishes and from views.
``test/job/lineage/test_column_lineage_of_tables.py`` and ``..._of_views.py`` change each column and compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sql_lineage import FILTER, GROUP_BY, Dependencies, Relation, analyze, merged, of_query, table
from sqlglot import exp, parse_one

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY
from sales_job.base.sales_columns import READ_COLUMNS, SALES_COLUMNS
from sales_job.publication import line_figures, publish_sql
from sales_job.publication.sql_naming import SqlNaming
from sales_job.tables import catalog, reference_columns
from sales_job.tables.view_catalog import views

SALES, LINES = "sales_data", "lines"
"""The sales files of all arrivals, with the arrival day ``dt`` as a column; the line store."""

LINE_SQL = """
SELECT
  TRIM(s.transaction_id) AS transaction_id,
  TRIM(s.product_id) AS product_id,
  TRIM(s.store_id) AS store_id,
  CAST(s.quantity AS NUMERIC) * 1000 AS quantity_units,
  CAST(s.unit_price AS NUMERIC) * 10000 AS price_units,
  TRIM(s.customer_id) AS customer_id,
  TRIM(s.line_number) AS line_number,
  CAST(s.transaction_date AS DATE) AS transaction_date,
  DATE_DIFF(s.dt, s.transaction_date, DAY) AS first_arrival,
  TRUNC(p.cost_price) AS cost_whole,
  MOD(p.cost_price, 1) AS cost_millionths,
  p.product_id IS NOT NULL AS product_known
FROM sales_data AS s
LEFT JOIN products AS p ON TRIM(p.product_id) = TRIM(s.product_id)
"""
"""The good lines of the line store (sales_job/lines/rules.py, merge_lines.py)."""

BAD_LINE_SQL = f"""
SELECT
  {", ".join(f"{name} AS bad_{name}" for name in SALES_COLUMNS)},
  IF({" OR ".join(f"{name} IS NULL" for name in READ_COLUMNS)}, '', NULL) AS bad_reason,
  CONCAT(dt) AS bad_source,
  dt AS bad_arrival
FROM sales_data
"""
"""The bad lines there (rules.py, merge_lines.BAD_LINE)."""

STAGED_SQL = {
    "sales_lines": """
SELECT transaction_date, transaction_id, line_number, product_id, store_id, KEYED(customer_id) AS customer_key,
  quantity_units, price_units, cost_whole, cost_millionths, product_known,
  IF(first_arrival IS NULL, FALSE, TRUE) AS is_loaded, IF(first_arrival > 1, TRUE, FALSE) AS is_late
FROM lines
""",
    "quarantined_sales": f"""
SELECT
  {", ".join(f"bad_{name} AS {name}" for name in SALES_COLUMNS)},
  bad_reason AS reason,
  bad_source AS source_file,
  '' AS run_id,
  CURRENT_TIMESTAMP() AS quarantined_at,
  bad_arrival AS arrival
FROM lines
""",
}
"""What Spark stages (sales_job/lines/figures.py, merge_lines.quarantined)."""

DAILY_PROFILE_SQL = """
WITH by_day AS (
  SELECT
    transaction_date,
    COUNT(*) AS line_count,
    COUNT(CASE WHEN customer_key IS NULL THEN 1 END) AS guest_lines,
    STRING_AGG(p.category) AS lines_by_category
  FROM staged_sales_lines AS l LEFT JOIN staged_products AS p ON p.product_id = l.product_id
  GROUP BY transaction_date
),
by_store AS (
  SELECT
    transaction_date,
    SUM(daily_revenue) AS revenue,
    SUM(late_lines) AS late_lines,
    STRING_AGG(CONCAT(store_id, daily_transactions)) AS transactions_by_store
  FROM staged_daily_figures
  GROUP BY transaction_date
)
SELECT
  by_day.transaction_date, line_count, revenue, guest_lines, late_lines, transactions_by_store, lines_by_category
FROM by_day JOIN by_store ON by_store.transaction_date = by_day.transaction_date
"""
"""The profiles of days (sales_job/publication/day_profiles.py)."""

NAMING = SqlNaming(
    table=lambda name: name,
    staged=lambda name: f"staged_{name}",
    quoted=lambda name: f"`{name}`",
    numeric="NUMERIC",
    decimal=lambda column, places: f"CAST({column} AS NUMERIC) / {10**places}",
    folded=lambda text: f"LOWER({text})",
    number=lambda column, places, of: column,
    total=lambda total, places: total,
)


def steps() -> dict[str, Relation]:
    """What the job fills, by name: the line store from files, tables from the line store and reference files, views
    from tables and views.
    """
    return {LINES: line_store(), **published_tables(), **view_relations()}


def files() -> dict[str, Relation]:
    """The files that a run reads."""
    references = {one.name: [column.name for column in one.columns] for one in reference_columns.tables()}
    return {name: table(name, columns) for name, columns in {SALES: [*READ_COLUMNS, "dt"], **references}.items()}


@cache
def line_store() -> Relation:
    """The line store from sales files and products; which lines there are depends on the rules and on duplicates."""
    good, bad = analyze(LINE_SQL, files()), analyze(BAD_LINE_SQL, files())
    rules: Dependencies = {f"{SALES}.{name}": frozenset({FILTER}) for name in READ_COLUMNS}
    equal: Dependencies = {f"{SALES}.{name}": frozenset({GROUP_BY}) for name in READ_COLUMNS}
    return Relation({**good.columns, **bad.columns}, equal, rules)


@cache
def published_tables() -> dict[str, Relation]:
    """The tables that a run publishes, from the line store and reference files."""
    known = {**files(), LINES: table(LINES, line_store().columns)}
    added_up = {name: figures.query for name, figures in line_figures.statements(NAMING, ()).items()}
    for name, sql in {**STAGED_SQL, **added_up}.items():
        known[f"staged_{name}"] = analyze(sql, known)
    for reference in reference_columns.tables():
        known[f"staged_{reference.name}"] = known[reference.name]
    known["staged_daily_profile"] = analyze(DAILY_PROFILE_SQL, known)
    filled = {}
    for sql in publish_sql.statements(NAMING, [FIRST_DAY, LAST_DAY], rebuild=True):
        statement = parse_one(sql, read="bigquery")
        name = next(statement.find_all(exp.Table)).name
        if isinstance(statement, exp.Delete) or name in NOT_OF_LINES:
            continue
        relation = _filled(statement, known)
        known[name] = filled[name] = relation
    names = {one.name for one in catalog.published()}
    return {name: relation for name, relation in filled.items() if name in names}


NOT_OF_LINES = ("arrival_dates", "arrivals", "line_versions")
"""What is about arrivals and versions, not about lines."""


def _filled(statement: exp.Expr, known: Mapping[str, Relation]) -> Relation:
    """The table that an INSERT or a MERGE fills."""
    if isinstance(statement, exp.Merge):
        # What rows of changes add up to: the sums of all lines.
        using = statement.args["using"]
        return of_query(using.this, known) if isinstance(using, exp.Subquery) else known[using.name]
    relation = of_query(statement.expression, known)
    columns = [column.name for column in statement.this.expressions]
    return Relation(dict(zip(columns, relation.columns.values(), strict=True)), relation.keys, relation.filters)


@cache
def view_relations() -> dict[str, Relation]:
    """The views, from the tables and views that they read; not those of messages, which no run makes."""
    known = {one.name: table(one.name, one.column_names) for one in catalog.published()}
    found = {}
    messages = {one.name for one in catalog.streamed()}
    for view in views():
        if messages & set(view.sources):
            continue
        found[view.name] = analyze(view.query(), known)
        known[view.name] = table(view.name, view.types)
    return found


def depends(relation: Relation, column: str) -> Dependencies:
    """All that a column of a step depends on, with what decides which rows there are."""
    return merged(relation.columns[column].depends, relation.rows)
