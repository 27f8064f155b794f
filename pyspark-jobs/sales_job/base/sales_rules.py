"""The rules of a good sales line that the job and the views of the stream share: patterns, bounds and the words of the
reasons, declared in ``sales_rules.json``. The stack reads the same file. Standard library only, as the catalog.
"""

from __future__ import annotations

import json
import re
from importlib import resources

RULES: dict[str, str] = json.loads((resources.files("sales_job.base") / "sales_rules.json").read_text("utf-8"))

_RANGE = re.compile(r"\\x\{(\w+)\}(?:-\\x\{(\w+)\})?")

BLANKS = "".join(
    chr(code)
    for first, last in _RANGE.findall(RULES["blanks"])
    for code in range(int(first, 16), int(last or first, 16) + 1)
)
"""Unicode's white space, trimmed from both ends of every field; in the file as a class of a regular expression."""
