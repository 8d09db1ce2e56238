"""Data written past the service: the seed first, then many rows at once, into no log, with the indexes last."""

import contextlib
import csv
import io
import os
import shutil
import sqlite3
import subprocess
import time
import uuid

from .services import Dataset, Failed


class Seeded(Dataset):
    """The Compact and the institutions of the seed, as a country begins."""

    def load(self):
        began = time.monotonic()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self.engine == "postgres":
            self.postgres.sql(f"DROP DATABASE IF EXISTS {self.database}")
            self.postgres.sql(f"CREATE DATABASE {self.database}")
        self.command("migrate")
        self.command("seed")
        self.accounts()
        return time.monotonic() - began


def key(number, space=0):
    """An id of version 7 as it stands in JSON; rows of different kinds come from different spaces."""
    return f"01920000-0000-7{space:03x}-8000-{number:012x}"


class Stock:
    """Writes and reads rows of a data set while nothing serves it."""

    def __init__(self, dataset):
        self.dataset, self.sqlite = dataset, dataset.engine == "sqlite"
        self.now = self.rows("SELECT created_at FROM organization LIMIT 1")[0][0]

    def institutions(self, count, kinds="kind <> 'un_entity'"):
        wanted = f"SELECT id FROM organization WHERE {kinds} AND valid_to IS NULL ORDER BY created_at, id LIMIT {count}"
        return [row[0] for row in self.rows(wanted)]

    def key(self, number, space=0):
        """An id as the engine keeps it."""
        return bytes.fromhex(key(number, space).replace("-", "")) if self.sqlite else key(number, space)

    def text_of(self, kept):
        """Such an id as it stands in JSON."""
        return str(uuid.UUID(bytes=kept)) if self.sqlite else kept

    @contextlib.contextmanager
    def connected(self):
        db = sqlite3.connect(self.dataset.file)
        try:
            # A load that is cut off is thrown away: nothing waits for the disk.
            db.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;")
            with db:
                yield db
        finally:
            db.close()

    def rows(self, query):
        if self.sqlite:
            with self.connected() as db:
                return db.execute(query).fetchall()
        return list(csv.reader(io.StringIO(self.psql(f"COPY ({query}) TO STDOUT (FORMAT csv)"))))

    def psql(self, statement, text=None):
        postgres = self.dataset.postgres
        command = [postgres.programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", postgres.folder, "-U", "postgres", "-d", self.dataset.database, "-c", statement]
        # What is written here refers to what is there: nobody needs to look after each row.
        env = dict(os.environ, PGOPTIONS="-c session_replication_role=replica -c maintenance_work_mem=512MB")
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd="/", env=env, **postgres.as_user())
        if done.returncode != 0:
            raise Failed(f"{statement}: {done.stderr}")
        return done.stdout

    def insert(self, table, columns, rows):
        if self.sqlite:
            with self.connected() as db:
                db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
            return
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        self.psql(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)", text.getvalue())

    def run(self, statements):
        if self.sqlite:
            with self.connected() as db:
                for statement in statements:
                    db.execute(statement)
            return
        for statement in statements:
            self.psql(statement)

    @contextlib.contextmanager
    def unindexed(self, tables):
        """Without the indexes of these tables, which are made again in one go: that takes a fraction of the time."""
        named = ", ".join(f"'{table}'" for table in tables)
        if self.sqlite:
            indexes = self.rows(f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({named})")
        else:
            indexes = self.rows(f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({named}) AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'")
        self.run(f"DROP INDEX {name}" for name, _ in indexes)
        yield
        self.run(sql for _, sql in indexes)

    def settle(self):
        """PostgreSQL does this by itself sooner or later; the service does nothing of the kind on SQLite."""
        if not self.sqlite:
            self.psql("VACUUM (ANALYZE)")
