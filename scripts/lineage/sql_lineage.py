"""Column lineage of a query: which columns of its tables each column of its result depends on, and how.

A column depends on another where changing values of the other, in rows that stay, changes its values. How is a subtype
of OpenLineage (https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet): IDENTITY, TRANSFORMATION
and AGGREGATION are direct, the others are not. What decides which rows there are concerns all columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp, parse_one
from sqlglot.optimizer.qualify import qualify

from sales_job.base.plausible_days import FIRST_DAY, LAST_DAY

Dependencies = dict[str, frozenset[str]]
"""Subtypes by ``table.column``."""

IDENTITY, TRANSFORMATION, AGGREGATION, MASKED = "IDENTITY", "TRANSFORMATION", "AGGREGATION", "MASKED"
DIRECT = {IDENTITY, TRANSFORMATION, AGGREGATION, MASKED}
JOIN, GROUP_BY, FILTER, WINDOW, CONDITIONAL = "JOIN", "GROUP_BY", "FILTER", "WINDOW", "CONDITIONAL"

MASKING_FUNCTION = "KEYED"
"""A function that hides its argument."""


@dataclass(frozen=True)
class Column:
    """A column of a relation. ``additive``: a sum over rows; the sum of such sums does not depend on their groups."""

    depends: Dependencies
    additive: bool = True


@dataclass(frozen=True)
class Relation:
    """A table, or the result of a query. Which rows it has depends on ``keys``, by which rows are grouped, and on
    ``filters``.
    """

    columns: Mapping[str, Column]
    keys: Dependencies = field(default_factory=dict)
    filters: Dependencies = field(default_factory=dict)

    @property
    def rows(self) -> Dependencies:
        """What decides which rows there are."""
        return merged(self.keys, self.filters)


def table(name: str, columns: Iterable[str]) -> Relation:
    """A table that queries read: its rows stay, whatever its values."""
    return Relation({column: Column({f"{name}.{column}": frozenset({IDENTITY})}) for column in columns})


def merged(*each: Dependencies) -> Dependencies:
    """All dependencies of several."""
    result: Dependencies = {}
    for one in each:
        for name, subtypes in one.items():
            result[name] = result.get(name, frozenset()) | subtypes
    return result


def analyze(sql: str, tables: Mapping[str, Relation]) -> Relation:
    """The lineage of a query of BigQuery's SQL.

    Args:
        tables: the tables and views that it reads, by name.
    """
    return of_query(parse_one(sql, read="bigquery"), tables)


def of_query(query: exp.Expr, tables: Mapping[str, Relation]) -> Relation:
    """The same of a parsed query."""
    schema: dict[str, object] = {name: dict.fromkeys(relation.columns, "STRING") for name, relation in tables.items()}
    qualified = qualify(
        query.copy(), schema=schema, dialect="bigquery", validate_qualify_columns=True, quote_identifiers=False
    )
    return _query(qualified, dict(tables))


def _query(node: exp.Expr, tables: Mapping[str, Relation]) -> Relation:
    if isinstance(node, exp.Subquery):
        return _query(node.this, tables)
    known = dict(tables)
    for common in node.ctes if isinstance(node, exp.Query) else ():
        known[common.alias] = _query(common.this, known)
    if isinstance(node, exp.SetOperation):
        return _union(_query(node.left, known), _query(node.right, known))
    assert isinstance(node, exp.Select), node.sql()
    return _Select(node, known).relation()


def _union(left: Relation, right: Relation) -> Relation:
    pairs = zip(left.columns.items(), right.columns.values(), strict=True)
    columns = {
        name: Column(merged(one.depends, other.depends), one.additive and other.additive)
        for (name, one), other in pairs
    }
    return Relation(columns, merged(left.keys, right.keys), merged(left.filters, right.filters))


class _Select:
    """One SELECT of a qualified query."""

    def __init__(self, node: exp.Select, tables: Mapping[str, Relation]) -> None:
        self._node, self._tables = node, tables
        self._sources: dict[str, Relation] = {}
        self._filters: Dependencies = {}
        self._keys: Dependencies = {}
        self._equal: set[tuple[str, str]] = set()
        if source := node.args.get("from_"):
            self._add(source.this)
        for join in node.args.get("joins") or ():
            self._join(join)
        if where := node.args.get("where"):
            conditions = where.this.flatten() if isinstance(where.this, exp.And) else [where.this]
            for condition in conditions:
                if not _holds_always(condition):
                    self._filters = merged(self._filters, self._indirect(condition, FILTER))

    def _add(self, node: exp.Expr, on: Dependencies | None = None, optional: bool = False) -> None:
        relation = _query(node, self._tables) if isinstance(node, exp.Subquery) else self._tables[node.name]
        if optional:
            # Without a matching row, the columns are NULL.
            found = merged(on or {}, _as(relation.filters, JOIN))
            columns = {name: Column(merged(one.depends, found), False) for name, one in relation.columns.items()}
            relation = Relation(columns, relation.keys, relation.filters)
        else:
            self._keys = merged(self._keys, relation.keys)
            self._filters = merged(self._filters, relation.filters)
        self._sources[node.alias_or_name] = relation

    def _join(self, join: exp.Join) -> None:
        side = join.side
        self._sources[join.this.alias_or_name] = (
            _query(join.this, self._tables) if isinstance(join.this, exp.Subquery) else self._tables[join.this.name]
        )
        on = self._indirect(join.args["on"], JOIN) if join.args.get("on") else {}
        if side == "FULL":
            for name, relation in self._sources.items():
                columns = {key: Column(merged(one.depends, on), False) for key, one in relation.columns.items()}
                self._sources[name] = Relation(columns, relation.keys, relation.filters)
            self._keys = merged(self._keys, self._sources[join.this.alias_or_name].keys, on)
            return
        for pair in join.args["on"].find_all(exp.EQ) if on else ():
            self._equal.add((pair.left.sql(), pair.right.sql()))
        self._add(join.this, on, optional=side == "LEFT")
        if side != "LEFT":
            self._filters = merged(self._filters, on)

    def relation(self) -> Relation:
        outputs = {one.alias_or_name: self._column(one.unalias()) for one in self._node.selects}
        group = self._node.args.get("group")
        aggregated = group is not None or any(self._aggregates(one) for one in self._node.selects)
        filters, keys = self._filters, self._keys
        if group is not None:
            keys = merged(*[self._indirect(self._named(one), GROUP_BY) for one in group.expressions])
        elif aggregated:
            keys, filters = {}, {}
        if self._node.args.get("distinct"):
            keys = merged(*[_as(one.depends, GROUP_BY) for one in outputs.values()])
        if having := self._node.args.get("having"):
            filters = merged(filters, self._indirect(having.this, FILTER))
        return Relation(outputs, keys, filters)

    def _named(self, node: exp.Expr) -> exp.Expr:
        """What GROUP BY names: a position or the name of a result stands for its expression."""
        if isinstance(node, exp.Literal):
            return self._node.selects[int(node.name) - 1].unalias()
        if isinstance(node, exp.Identifier):
            return next(one.unalias() for one in self._node.selects if one.alias_or_name == node.name)
        return node

    def _aggregates(self, node: exp.Expr) -> bool:
        return any(not isinstance(one.parent, exp.Window) for one in node.find_all(exp.AggFunc))

    def _column(self, node: exp.Expr) -> Column:
        additive = False
        bare = node.this if isinstance(node, exp.Paren) else node
        if isinstance(bare, exp.Column):
            additive = self._sources[bare.table].columns[bare.name].additive
        elif isinstance(bare, exp.Sum | exp.Count | exp.CountIf):
            additive = not bare.find(exp.Distinct) and all(self._is_additive(one) for one in bare.find_all(exp.Column))
        elif isinstance(bare, exp.If | exp.Case | exp.Coalesce):
            additive = all(self._is_additive(one) for one in bare.find_all(exp.Column))
        return Column(self._depends(node), additive)

    def _is_additive(self, column: exp.Column) -> bool:
        return self._sources[column.table].columns[column.name].additive

    def _indirect(self, node: exp.Expr, subtype: str) -> Dependencies:
        return _as(self._depends(node), subtype)

    def _depends(self, node: exp.Expr) -> Dependencies:
        if isinstance(node, exp.Column):
            return self._sources[node.table].columns[node.name].depends
        if isinstance(node, exp.Paren | exp.Alias):
            return self._depends(node.this)
        if isinstance(node, exp.Window):
            return self._window(node)
        if isinstance(node, exp.AggFunc) and not isinstance(node, exp.HavingMax):
            return self._aggregate(node)
        if isinstance(node, exp.If):
            return self._choice([node.this], [node.args.get("true"), node.args.get("false")])
        if isinstance(node, exp.Coalesce) and (node.this.sql(), node.expressions[0].sql()) in self._equal:
            # What USING stands for: where a row on the left is always there, its value.
            return self._depends(node.this)
        if isinstance(node, exp.Case):
            branches = node.args["ifs"]
            tests = [node.this, *[one.this for one in branches]]
            return self._choice(tests, [*[one.args["true"] for one in branches], node.args.get("default")])
        return self._function(node)

    def _choice(self, tests: Iterable[exp.Expr | None], values: Iterable[exp.Expr | None]) -> Dependencies:
        return merged(
            *[self._indirect(one, CONDITIONAL) for one in tests if one is not None],
            *[_transformed(self._depends(one), TRANSFORMATION) for one in values if one is not None],
        )

    def _function(self, node: exp.Expr) -> Dependencies:
        masks = isinstance(node, exp.Anonymous) and node.name.upper() == MASKING_FUNCTION
        parts = [one for one in node.iter_expressions() if not isinstance(one, exp.Identifier | exp.DataType)]
        return merged(*[_transformed(self._depends(one), MASKED if masks else TRANSFORMATION) for one in parts])

    def _aggregate(self, node: exp.AggFunc) -> Dependencies:
        """What an aggregate adds up, and what decides over which rows."""
        argument = node.this
        extra: Dependencies = {}
        if isinstance(argument, exp.HavingMax):
            extra, argument = self._indirect(argument.expression, WINDOW), argument.this
        distinct = isinstance(argument, exp.Distinct)
        arguments = argument.expressions if distinct else [argument]
        own = merged(*[_transformed(self._depends(one), AGGREGATION) for one in arguments if one is not None])
        if isinstance(node, exp.CountIf):
            own = _as(own, CONDITIONAL)
        keys = _as(self._keys, GROUP_BY) if self._counts_groups(node) else {}
        return merged(own, extra, keys, self._filters)

    def _counts_groups(self, node: exp.AggFunc) -> bool:
        """Whether a result depends on how the rows below were grouped."""
        if isinstance(node, exp.CountIf) or (isinstance(node, exp.Count) and not node.find(exp.Distinct)):
            return True
        return isinstance(node, exp.Sum) and not all(self._is_additive(one) for one in node.find_all(exp.Column))

    def _window(self, node: exp.Window) -> Dependencies:
        over = list(node.args.get("partition_by") or ())
        if order := node.args.get("order"):
            over += [one.this for one in order.expressions]
        ranks = isinstance(node.this, exp.RowNumber | exp.Rank)
        inner = self._filters if ranks else self._depends(node.this)
        return merged(inner, *[self._indirect(one, WINDOW) for one in over])


def _as(depends: Dependencies, subtype: str) -> Dependencies:
    """Dependencies of what decides about a value: the direct ones become indirect."""
    return {name: frozenset(subtype if one in DIRECT else one for one in kinds) for name, kinds in depends.items()}


def _transformed(depends: Dependencies, subtype: str) -> Dependencies:
    """Dependencies of a value made of another: the strongest of the two changes."""
    order = (IDENTITY, TRANSFORMATION, MASKED, AGGREGATION)

    def stronger(one: str) -> str:
        return max(one, subtype, key=order.index) if one in DIRECT else one

    return {name: frozenset(map(stronger, kinds)) for name, kinds in depends.items()}


def _holds_always(condition: exp.Expr) -> bool:
    """Whether a condition is only the filter on partitions that BigQuery asks for: no line has another day."""
    if not isinstance(condition, exp.Between):
        return False
    bounds = [condition.args[name].find(exp.Literal) for name in ("low", "high")]
    return [bound and bound.name for bound in bounds] == [str(FIRST_DAY), str(LAST_DAY)]
