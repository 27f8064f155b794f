"""Runs PostgreSQL for a rehearsal, with the job's packages: prints its address as one line of JSON, and stops when its
standard input ends.

Arguments: a folder for its data, the name of the database, the name of the user. The first line of standard input is
the user's password. The user has the rights of Cloud SQL's own group of administrators.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pyspark-jobs"))

import pg8000.native

from sales_job.targets.local_postgres import running

ADMINISTRATORS = "cloudsqlsuperuser"


def main(folder: str, database: str, user: str) -> None:
    """Serves until standard input ends."""
    password = sys.stdin.readline().strip()
    with running(Path(folder)) as server:
        admin = pg8000.native.Connection(
            server.user, host=server.host, port=server.port, password=server.password, database=server.database
        )
        name, owner = pg8000.native.identifier(user), pg8000.native.identifier(ADMINISTRATORS)
        admin.run(f"CREATE ROLE {owner} CREATEDB CREATEROLE")
        admin.run(f"CREATE ROLE {name} LOGIN PASSWORD {pg8000.native.literal(password)} IN ROLE {owner}")
        admin.run(f"CREATE DATABASE {pg8000.native.identifier(database)} OWNER {owner}")
        admin.close()
        print(json.dumps({"host": server.host, "port": server.port}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
