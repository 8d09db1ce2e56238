"""What is counted over many rows: coverage of a stock-taking that grows, and the results of a large round; reckoned each time, and kept."""

import csv
import functools
import io
import json
import random
import shutil
import sqlite3
import statistics
import subprocess
import time
import uuid

from .measurements import once
from .services import COORDINATOR, READERS, Dataset, Failed, product
from .wrk import Load

COVERAGE = {"by organization": "?by=organization", "by cluster": "?by=cluster", "by SDG target": "?by=sdg_target", "in a cycle": "?by=organization&cycle_id={cycle}"}
INSTITUTIONS, OBJECTIVES = 30, 23
TARGETS = ["8.8", "10.7", "3.8", "4.3", "16.9", "5.2", "10.c", "17.18"]
IMPLEMENTATIONS = ["planned", "ongoing", "ongoing", "ongoing", "completed", "discontinued"]
EFFORT = ["id", "revision", "audience", "owner_id", "created_at", "updated_at", "provenance", "external_ids", "organization_id", "partner_ids",
          "title", "sort_title", "kind", "objective_numbers", "action_codes", "sdg_target_codes", "implementation", "starts_on", "ends_on",
          "provinces", "funder_ids", "links", "state"]


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


class Stock:
    """Efforts of thirty institutions, nine of ten of them accepted; more of them each time. They are written past the service, and into no log."""

    def __init__(self, dataset):
        self.dataset, self.count, self.chance = dataset, 0, random.Random(7)
        wanted = f"SELECT id FROM organization WHERE kind <> 'un_entity' AND valid_to IS NULL ORDER BY created_at, id LIMIT {INSTITUTIONS}"
        self.institutions = [row[0] for row in self.rows(wanted)]
        self.now = self.rows("SELECT created_at FROM organization LIMIT 1")[0][0]

    def rows(self, query):
        if self.dataset.engine == "sqlite":
            with sqlite3.connect(self.dataset.file) as db:
                return db.execute(query).fetchall()
        return list(csv.reader(io.StringIO(self.psql(f"COPY ({query}) TO STDOUT (FORMAT csv)"))))

    def psql(self, statement, text=None):
        postgres = self.dataset.postgres
        command = [postgres.programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", postgres.folder, "-U", "postgres", "-d", self.dataset.database, "-c", statement]
        return subprocess.run(command, check=True, input=text, capture_output=True, text=True, cwd="/", **postgres.as_user()).stdout

    def grow(self, count):
        efforts, objectives, targets = [], [], []
        for number in range(self.count, count):
            row, its_objectives, its_targets = self.effort(number)
            efforts.append(row)
            objectives += [(row[0], each) for each in its_objectives]
            targets += [(row[0], each) for each in its_targets]
        self.insert("effort", EFFORT, efforts)
        self.insert("effort_objective", ["effort_id", "number"], objectives)
        self.insert("effort_sdg_target", ["effort_id", "code"], targets)
        if self.dataset.engine == "postgres":
            self.psql("VACUUM (ANALYZE)")
        self.count = count

    def effort(self, number):
        chance = self.chance
        key = uuid.UUID(int=(0x0192 << 112) | (7 << 76) | (2 << 62) | number)
        key = key.bytes if self.dataset.engine == "sqlite" else str(key)
        of, state = chance.choice(self.institutions), "accepted" if number % 10 else "draft"
        objectives = sorted(chance.sample(range(1, OBJECTIVES + 1), chance.choice([1, 1, 2, 3])))
        targets = sorted(chance.sample(TARGETS, chance.choice([0, 1, 2])))
        year = chance.choice([None, 2018, 2020, 2022, 2024, 2026])
        starts, ends = (f"{year}-01-01", f"{year + 1}-06-30") if year else (None, None)
        title = f"Effort {number:07}"
        row = (key, 1, "everyone" if state == "accepted" else "organization", of, self.now, self.now, "entered", "[]", of, "[]",
               json.dumps({"en": title}), title.lower(), "service", json.dumps(objectives), "[]", json.dumps(targets), chance.choice(IMPLEMENTATIONS),
               starts, ends, "[]", "[]", "[]", state)
        return row, objectives, targets

    def insert(self, table, columns, rows):
        if self.dataset.engine == "sqlite":
            with sqlite3.connect(self.dataset.file) as db:
                db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", rows)
            return
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        self.psql(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)", text.getvalue())


def measured(bench, engine, data, postgres, sizes):
    """Coverage at each of these sizes, then the results of a round; what was found, by name."""
    dataset, found = Seeded(engine, 0, 0, data, postgres), {}
    stock = Stock(dataset)
    print(f"\n{engine}, insights", flush=True)
    for size in sizes:
        stock.grow(size)
        kept, reckoned = product(dataset), product(dataset, GCM_CACHE_BYTES="0") if engine == "postgres" else None
        try:
            cycle = json.loads(kept.get("/v1/review-cycles?code=imrf-2026")[2])["data"][0]["id"]
            paths = {name: "/v1/insights/coverage" + query.format(cycle=cycle) for name, query in COVERAGE.items()}
            for name, path in paths.items():
                found[f"coverage {name}, {size:,} efforts"] = kept_rate(bench, kept, path) if once(kept, path)[1] == 200 else {}
            if reckoned is None:
                kept.stop()
                kept = reckoned = product(dataset, GCM_CACHE_BYTES="0")
            for name, path in paths.items():
                entry = found[f"coverage {name}, {size:,} efforts"]
                asked = [once(reckoned, path) for _ in range(5)]
                entry |= {"first_ms": round(asked[0][0], 1), "reckoned_ms": round(statistics.median(took for took, _ in asked), 1), "status": asked[0][1],
                          "kib": len(reckoned.get(path)[2]) // 1024}
                print(f"  {f'coverage {name}, {size:,} efforts':44} {entry}", flush=True)
            if size == sizes[-1]:
                found |= results(bench, dataset, reckoned, engine)
        finally:
            for server in {kept, reckoned} - {None}:
                server.stop()
    return found


def kept_rate(bench, server, path, account=READERS[0]):
    """How often a second, once somebody has asked: else all would reckon it at the same time."""
    for each in READERS:
        server.token(each)
    try:
        Load("first", server, path, account=account, connections=1).run(1, 0)
    except Failed:
        # Too broad this time: nothing is kept.
        return {}
    run = bench.compare(Load("gcm-api", server, path, account=account), seconds=max(1, bench.seconds // 3))["gcm-api"]
    return {"kept_per_second": run["rps"], "kept_p99_ms": run["p99_us"] / 1000}


def post(server, path, body):
    headers = {"Authorization": f"Bearer {server.token(COORDINATOR)}", "Content-Type": "application/json", "If-Match": "*"}
    status, _, text = server.ask("POST", path, headers, json.dumps(body))
    if status not in (200, 201):
        raise Failed(f"POST {path}: {status} {text[:300]}")
    return json.loads(text)


def results(bench, dataset, reckoned, engine):
    """Thirty institutions score every objective by nine criteria."""
    send = functools.partial(post, reckoned)
    criteria = [each["code"] for each in json.loads(reckoned.get("/v1/vocabularies/prioritization_criteria")[2])["data"]]
    there = json.loads(reckoned.get("/v1/organizations?active=true&limit=200")[2])["data"]
    # What the lead ministry gives for itself it does not enter on behalf.
    members = [row["id"] for row in there if row["kind"] != "un_entity" and row["code"] != "mofa"][:INSTITUTIONS]
    for number in range(len(members), INSTITUTIONS):
        members.append(send("/v1/organizations", {"kind": "academia", "code": f"bench-{number}", "name": {"en": f"Institute {number}"}})["id"])
    round_of = send("/v1/prioritizations", {"title": {"en": "Large"}, "electorate_ids": members, "criteria": [{"code": code, "weight": 1 + at / 2} for at, code in enumerate(criteria)]})
    path = f"/v1/prioritizations/{round_of['id']}"
    send(f"{path}/transitions", {"to": "open"})
    chance = random.Random(11)
    for member in members:
        for objective in range(1, OBJECTIVES + 1):
            send("/v1/nominations", {"prioritization_id": round_of["id"], "organization_id": member, "objective_number": objective,
                                     "scores": {code: chance.randint(1, 5) for code in criteria}, "on_behalf_note": "Entered by the benchmark"})
    send(f"{path}/transitions", {"to": "closed"})
    asked = [ask(reckoned, f"{path}/results") for _ in range(5)]
    kept = product(dataset) if engine == "postgres" else None
    if kept is None:
        reckoned.stop()
        kept = product(dataset)
    try:
        entry = kept_rate(bench, kept, f"{path}/results", COORDINATOR)
    finally:
        kept.stop()
    entry |= {"first_ms": round(asked[0], 1), "reckoned_ms": round(statistics.median(asked), 1)}
    name = f"results, {len(members)} x {OBJECTIVES} x {len(criteria)}"
    print(f"  {name:44} {entry}", flush=True)
    return {name: entry}


def ask(server, path):
    took, status = once(server, path, account=COORDINATOR)
    if status != 200:
        raise Failed(f"{path}: {status}")
    return took
