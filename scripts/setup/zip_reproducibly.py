"""Zips a folder so that equal files give equal bytes: sorted names, one fixed time, no bytecode."""

import sys
import zipfile
from pathlib import Path


def main(folder: Path, target: Path) -> None:
    """Writes every file under ``folder`` into the zip file ``target``, replacing it at once."""
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            # RECORD and INSTALLER differ by installer; bin/ holds scripts with this machine's interpreter path.
            # METADATA stays: packages ask for their own version when they are imported.
            if path.is_dir() or "__pycache__" in name or name.startswith("bin/"):
                continue
            if ".dist-info/" in name and path.name != "METADATA":
                continue
            entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    part.replace(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
