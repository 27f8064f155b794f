"""Log lines that metrics and alerts match, see docs/platform/log-events.md."""

from __future__ import annotations

import json
import logging
from typing import Any

log = logging.getLogger(__name__)


def emit(event: dict[str, Any]) -> None:
    """Writes one line of compact JSON; the first key of ``event`` must be ``event``."""
    log.info("%s", json.dumps(event, separators=(",", ":")))
