"""Writes, reads and removes the object of the lock on Cloud Storage's emulator; prints what came of it. Run by the
emulators' Python.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "pyspark-jobs")]

from rehearsal.emulators import cloud_storage  # noqa: E402


def main(folder: Path) -> None:
    objects = folder / "objects"
    (objects / "lake").mkdir(parents=True)
    with cloud_storage(objects, folder / "storage.log") as url:
        os.environ["STORAGE_EMULATOR_HOST"] = url
        from sales_job.base.google_api import GoogleApi
        from sales_job.targets.gcs_object import GcsObject

        target = GcsObject(GoogleApi(lambda: "token"), "gs://lake/production_data/processed/_lock")
        before = target.read()
        first = target.write("one", 0)
        result: dict[str, Any] = {"first": [before, bool(first)]}
        content, generation = target.read() or ("", 0)
        result["read"] = [content, generation == first]
        result["a second that saw nothing"] = target.write("lost", 0)
        second = target.write("two", generation)
        result["a second that saw it"] = bool(second)
        content, generation = target.read() or ("", 0)
        result["read again"] = [content, generation == second]
        target.delete(generation)
        result["removed"] = target.read()
        print(json.dumps(result))


main(Path(sys.argv[1]))
