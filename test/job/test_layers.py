"""Imports in the job run down: a layer uses those below it, never one above."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from harness import JOB

LAYERS = (
    ("sales_analytics_direct",),
    ("sales_job.pipeline", "sales_job.targets"),
    ("sales_job.warehouse", "sales_job.reference", "sales_job.report", "sales_job.forecast", "sales_job.lineage"),
    ("sales_job.publication",),
    ("sales_job.lines",),
    ("sales_job.lake", "database_utils"),
    ("sales_job.tables",),
    ("sales_job.base",),
)
"""From the top to the bottom; packages of one row do not import each other."""


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(JOB.rglob("*.py")):
        yield ".".join(path.relative_to(JOB).with_suffix("").parts), path


def imported(path: Path) -> Iterator[str]:
    """The modules of the job that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{name.name}" for name in node.names]
        else:
            continue
        yield from (name for name in names if layer_of(name))


def layer_of(module: str) -> str:
    """The entry of :data:`LAYERS` that a module belongs to; "" for other libraries."""
    return next((name for row in LAYERS for name in row if f"{module}.".startswith(f"{name}.")), "")


def height(layer: str) -> int:
    return next(number for number, row in enumerate(reversed(LAYERS)) if layer in row)


def test_every_module_has_a_layer() -> None:
    assert [name for name, path in modules() if not layer_of(name) and path.stat().st_size] == []


def test_no_import_runs_up() -> None:
    wrong = []
    for name, path in modules():
        here = layer_of(name)
        for target in imported(path):
            there = layer_of(target)
            if there != here and height(there) >= height(here):
                wrong.append(f"{name} imports {target}")
    assert wrong == []


def test_packages_are_small_and_their_init_modules_empty() -> None:
    for folder in {path.parent for _, path in modules()}:
        files = [path for path in folder.iterdir() if path.is_file()]
        assert len(files) <= 12, folder
    assert [path for _, path in modules() if path.name == "__init__.py" and path.read_text()] == []
