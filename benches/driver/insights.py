"""What is counted over many rows: coverage of a stock-taking that grows, and the results of a large round; reckoned each time, and kept."""

import functools
import json
import random
import statistics

from .measurements import once
from .services import COORDINATOR, READERS, Failed, product
from .stock import Seeded, Stock
from .wrk import Load

COVERAGE = {"by organization": "?by=organization", "by cluster": "?by=cluster", "by SDG target": "?by=sdg_target", "in a cycle": "?by=organization&cycle_id={cycle}"}
INSTITUTIONS, OBJECTIVES = 30, 23
TARGETS = ["8.8", "10.7", "3.8", "4.3", "16.9", "5.2", "10.c", "17.18"]
IMPLEMENTATIONS = ["planned", "ongoing", "ongoing", "ongoing", "completed", "discontinued"]
EFFORT = ["id", "revision", "audience", "owner_id", "created_at", "updated_at", "provenance", "external_ids", "organization_id", "partner_ids",
          "title", "sort_title", "kind", "objective_numbers", "action_codes", "sdg_target_codes", "implementation", "starts_on", "ends_on",
          "provinces", "funder_ids", "links", "state"]


class Efforts(Stock):
    """Efforts of thirty institutions, nine of ten of them accepted; more of them each time."""

    def __init__(self, dataset):
        super().__init__(dataset)
        self.count, self.chance = 0, random.Random(7)
        self.known = self.institutions(INSTITUTIONS)

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
        self.settle()
        self.count = count

    def effort(self, number):
        chance = self.chance
        key = self.key(number)
        of, state = chance.choice(self.known), "accepted" if number % 10 else "draft"
        objectives = sorted(chance.sample(range(1, OBJECTIVES + 1), chance.choice([1, 1, 2, 3])))
        targets = sorted(chance.sample(TARGETS, chance.choice([0, 1, 2])))
        year = chance.choice([None, 2018, 2020, 2022, 2024, 2026])
        starts, ends = (f"{year}-01-01", f"{year + 1}-06-30") if year else (None, None)
        title = f"Effort {number:07}"
        row = (key, 1, "everyone" if state == "accepted" else "organization", of, self.now, self.now, "entered", "[]", of, "[]",
               json.dumps({"en": title}), title.lower(), "service", json.dumps(objectives), "[]", json.dumps(targets), chance.choice(IMPLEMENTATIONS),
               starts, ends, "[]", "[]", "[]", state)
        return row, objectives, targets


def measured(bench, engine, data, postgres, sizes):
    """Coverage at each of these sizes, then the results of a round; what was found, by name."""
    dataset, found = Seeded(engine, 0, 0, data, postgres), {}
    stock = Efforts(dataset)
    print(f"\n{engine}, insights", flush=True)
    for size in sizes:
        stock.grow(size)
        found |= counted(bench, dataset, functools.partial(coverage, size))
    return found | results(bench, dataset)


def coverage(size, server):
    cycle = json.loads(server.get("/v1/review-cycles?code=imrf-2026")[2])["data"][0]["id"]
    return {f"coverage {name}, {size:,} efforts": "/v1/insights/coverage" + query.format(cycle=cycle) for name, query in COVERAGE.items()}


def counted(bench, dataset, paths_of, account=READERS[0], meanwhile=lambda _server, _path, _account: {}):
    """How often a second each of these addresses is answered once it is kept, and what it takes when each answer is reckoned. Of what is kept,
    `meanwhile` may find out more."""
    found = {}
    server = product(dataset)
    try:
        for name, path in paths_of(server).items():
            found[name] = kept_rate(bench, server, path, account) if once(server, path, account=account)[1] == 200 else {}
            found[name] |= meanwhile(server, path, account)
    finally:
        server.stop()
    server = product(dataset, GCM_CACHE_BYTES="0")
    try:
        for name, path in paths_of(server).items():
            asked = [once(server, path, account=account) for _ in range(5)]
            found[name] |= {"first_ms": round(asked[0][0], 1), "reckoned_ms": round(statistics.median(took for took, _ in asked), 1),
                            "status": max(status for _, status in asked), "kib": len(server.get(path, account)[2]) // 1024}
            print(f"  {name:44} {found[name]}", flush=True)
    finally:
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


def send(server, path, body, method="POST"):
    """What the coordinator writes; gives the answer."""
    headers = {"Authorization": f"Bearer {server.token(COORDINATOR)}", "Content-Type": "application/json", "If-Match": "*"}
    status, _, text = server.ask(method, path, headers, json.dumps(body))
    if status not in (200, 201):
        raise Failed(f"{method} {path}: {status} {text[:300]}")
    return json.loads(text)


def results(bench, dataset):
    """Thirty institutions score every objective by nine criteria."""
    server = product(dataset)
    try:
        path, name = scored(server)
    finally:
        server.stop()
    return counted(bench, dataset, lambda _server: {name: path}, COORDINATOR)


def scored(server):
    """A round that is closed; where its results are, and what they are called here."""
    enter = functools.partial(send, server)
    criteria = [each["code"] for each in json.loads(server.get("/v1/vocabularies/prioritization_criteria")[2])["data"]]
    there = json.loads(server.get("/v1/organizations?active=true&limit=200")[2])["data"]
    # What the lead ministry gives for itself it does not enter on behalf.
    members = [row["id"] for row in there if row["kind"] != "un_entity" and row["code"] != "mofa"][:INSTITUTIONS]
    for number in range(len(members), INSTITUTIONS):
        members.append(enter("/v1/organizations", {"kind": "academia", "code": f"bench-{number}", "name": {"en": f"Institute {number}"}})["id"])
    round_of = enter("/v1/prioritizations", {"title": {"en": "Large"}, "electorate_ids": members, "criteria": [{"code": code, "weight": 1 + at / 2} for at, code in enumerate(criteria)]})
    path = f"/v1/prioritizations/{round_of['id']}"
    enter(f"{path}/transitions", {"to": "open"})
    chance = random.Random(11)
    for member in members:
        for objective in range(1, OBJECTIVES + 1):
            enter("/v1/nominations", {"prioritization_id": round_of["id"], "organization_id": member, "objective_number": objective,
                                     "scores": {code: chance.randint(1, 5) for code in criteria}, "on_behalf_note": "Entered by the benchmark"})
    enter(f"{path}/transitions", {"to": "closed"})
    return f"{path}/results", f"results, {len(members)} x {OBJECTIVES} x {len(criteria)}"
