"""Starts bqemulator with the patches of :mod:`rehearsal.emulator_patches`. Its options are environment variables
(``BQEMU_*``).
"""

from __future__ import annotations

from bqemulator.cli import main

from rehearsal.emulator_patches import patch

if __name__ == "__main__":
    patch()
    main(["start"])
