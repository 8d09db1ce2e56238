"""Workplans: the list of activities as they become many, two versions of a plan side by side, and what is counted over a plan."""

import concurrent.futures
import functools
import json
import statistics
import threading
import time

from . import measurements as measure
from .insights import counted, send
from .plans import Planned
from .services import COORDINATOR, Failed, product
from .stock import key
from .wrk import Load

LIST, PLANS, REVISIONS, PROPOSALS = "/v1/activities", "/v1/workplans", "/v1/workplan-revisions", "/v1/activity-proposals"
INCLUDE = "include=organizations,objectives,computed"
PROGRESS, FUNDING = ["objective", "cluster", "organization", "province"], ["plan", "objective", "cluster", "organization", "province"]
TOGETHER = 32


def measured(bench, engine, data, postgres, sizes, compared):
    """Everything, by name. The largest set is loaded last, so that the first figures come early."""
    print(f"\n{engine}, workplans", flush=True)
    uncached, found = {"GCM_CACHE_BYTES": "0"}, {}
    small = Planned(engine, sizes[0], 0, data, postgres)
    found["diff"] = differences(bench, small, compared)
    large = Planned(engine, sizes[-1], 0, data, postgres)
    small.without_cache = large.without_cache = uncached
    found["load"] = {"seconds": round(large.seconds, 1), "size_mib": round(large.size() / 2**20)}
    print(f"  {f'{large.rows:,} activities':44} {found['load']}", flush=True)
    found["insights"] = counted(bench, large, functools.partial(over_the_plan, large.rows // 10), meanwhile=together)
    # In the short form each is asked three times: many seconds are saved, and every status is seen.
    found["growth"] = measure.growth(bench, small, large, LIST, shapes, quick=30 if bench.seconds > 1 else 0)
    found["include"] = {f"{dataset.rows:,} activities": included(bench, dataset) for dataset in (small, large)}
    return found


def over_the_plan(count, server):
    """What is counted over the plan that is carried out."""
    plan = plan_of(server, "active")
    asked = {f"progress by {by}": f"progress?by={by}" for by in PROGRESS} | {f"funding by {by}": f"funding?by={by}" for by in FUNDING} | {"timeline": "timeline?"}
    return {f"{name}, {count:,} activities": f"/v1/insights/{path}&workplan_id={plan}" for name, path in asked.items()}


def plan_of(server, state):
    """The first plan of the loaded data that is in this state."""
    return json.loads(server.get(f"{PLANS}?state={state}&sort=starts_on")[2])["data"][0]["id"]


def together(server, path, account):
    """A write, and right behind it everybody at once: one has it reckoned, and the others wait for that. The longest of three times, and how many were
    told that it is too broad or takes too long."""
    middle, longest, refused = [], 0, 0
    organization = measure.ids_of(server, 1)[0]
    for _ in range(3):
        send(server, f"{measure.LIST}/{organization}", {"website": f"https://www.beside.example/{time.time_ns()}"}, "PATCH")
        start = threading.Barrier(TOGETHER)
        with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
            asked = list(pool.map(lambda _number: waited(start, server, path, account), range(TOGETHER)))
        middle.append(statistics.median(took for took, _ in asked))
        longest = max(longest, *(took for took, _ in asked))
        refused += sum(status == 503 for _, status in asked)
    return {"together_median_ms": round(statistics.median(middle), 1), "together_longest_ms": round(longest, 1), "together_refused": refused}


def waited(start, server, path, account):
    """Milliseconds of one answer among many, and its status."""
    start.wait()
    began = time.monotonic()
    status, _, text = server.get(path, account)
    if status not in (200, 503):
        raise Failed(f"{path}: {status} {text[:300]}")
    return (time.monotonic() - began) * 1000, status


def included(bench, dataset):
    """The list with what its rows name and what is computed of them, beside the plain one."""
    server = product(dataset, **dataset.without_cache)
    try:
        runs = bench.compare(Load("plain", server, LIST), Load("included", server, f"{LIST}?{INCLUDE}"), seconds=max(1, bench.seconds // 3))
    finally:
        server.stop()
    entry = {f"{name}_per_second": run["rps"] for name, run in runs.items()} | {"ratio": round(runs["included"]["rps"] / runs["plain"]["rps"], 2)}
    print(f"  {f'include, {dataset.rows:,} activities':44} {entry}", flush=True)
    return entry


def differences(bench, dataset, count):
    """Two versions of a plan of so many activities, one in ten of which changed; the newer one and what a revision would make of it; and a version itself."""
    known = dataset.folder / "compared"
    if not known.exists():
        server = product(dataset)
        try:
            plan, took = revised(server, count)
        finally:
            server.stop()
        known.write_text(json.dumps([plan, took]))
    plan, took = json.loads(known.read_text())
    print(f"  {f'a plan of {count:,} activities, seconds':44} {took}", flush=True)
    paths = {f"diff of two versions, {count:,} activities": "diff?version=1&against=2", f"diff with the open revision, {count:,} activities": "diff?against=revision",
             f"a version, {count:,} activities": "versions/2"}
    found = counted(bench, dataset, lambda _server: {name: f"{PLANS}/{plan}/{path}" for name, path in paths.items()}, COORDINATOR, together)
    return {"seconds": took, "asked": found}


def revised(server, count):
    """A plan with this many activities in its second version, and a revision of that; how many seconds each step took."""
    took, began = {}, time.monotonic()

    def step(name):
        nonlocal began
        took[name], began = round(time.monotonic() - began, 1), time.monotonic()

    act = {"number": "No. 1/PM", "date": "2026-01-05", "authority": {"en": "Prime Minister"}}
    reason = "Nobody is asked about a plan without priorities"
    days = {"starts_on": "2040-01-01", "ends_on": "2042-12-31"}
    plan = send(server, PLANS, {"title": {"en": "Compared"}, "reporting_interval": "quarter", "approval_act": act} | days)["id"]
    lead = json.loads(server.get(f"{measure.LIST}?code=mofa")[2])["data"][0]["id"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(functools.partial(enter, server, plan, lead, days), range(count)))
    step("entered")
    for body in ({"to": "in_review"}, {"to": "approved", "reason": reason}, {"to": "active"}):
        send(server, f"{PLANS}/{plan}/transitions", body)
    step("approved")
    for version in (2, 3):
        revision = send(server, f"{PLANS}/{plan}/revise", {})["id"]
        for number, activity in enumerate(ids[::10]):
            send(server, PROPOSALS, {"activity_id": activity, "plan": {"title": {"en": f"Activity {number} of version {version}"}, "ends_on": f"2042-0{version}-28"}, "milestones": []})
        step(f"version {version} proposed")
        if version == 2:
            send(server, f"{REVISIONS}/{revision}", {"approval_act": act}, "PATCH")
            for body in ({"to": "in_review"}, {"to": "approved", "reason": reason}):
                send(server, f"{REVISIONS}/{revision}/transitions", body)
            step("version 2 approved")
    return plan, took


def enter(server, plan, lead, days, number):
    """One activity with a milestone and what it costs."""
    row = send(server, LIST, {"workplan_id": plan, "code": f"{1 + number % 23}.{number}", "title": {"en": f"Activity {number}", "lo": "ກິດຈະກຳ"},
                              "description": {"en": "What is done. " * 10}, "objective_numbers": [1 + number % 23], "parties": [{"organization_id": lead, "role": "lead"}]} | days)
    send(server, f"{LIST}/{row['id']}/milestones", {"title": {"en": "Half of it"}, "due_on": "2041-06-30"})
    send(server, f"{LIST}/{row['id']}/budget-lines", {"kind": "required", "amount": {"amount": "1000.00", "currency": "USD"}})
    return row["id"]


def shapes(server):
    """Every declared sort and indexed filter, then what no index serves. Pages are full at either size, but where a name says how many rows there are."""
    rows = lambda query: json.loads(server.get(f"{LIST}?{query}")[2])
    active, closed = plan_of(server, "active"), plan_of(server, "closed")
    of = f"workplan_id={active}"
    some = rows(f"{of}&limit=200")["data"]
    party = {role: next(party["organization_id"] for row in some for party in row["parties"] if party["role"] == role) for role in ("lead", "implementing")}
    # The first row of all is one of the twenty in which this organization takes part.
    party["rare"] = next(party["organization_id"] for party in json.loads(server.get(f"{LIST}/{key(0)}")[2])["parties"] if party["role"] == "supporting")
    names = {"id": some[0]["id"], "code": some[0]["code"], "priority_id": next(row["priority_id"] for row in some if row["priority_id"]),
             "depends_on_id": next(row["depends_on"][0] for row in some if row["depends_on"])}
    pages = {"second page": "cursor=" + rows("")["page"]["next_cursor"], "plan, second page": f"{of}&cursor=" + rows(of)["page"]["next_cursor"]}
    indexed = of_all(names, party) | of_plan(of, party) | pages
    return tuple({name: f"?{query}" for name, query in each.items()} for each in (indexed, not_indexed(of, closed)))


def of_all(names, party):
    return {f"sort={sort}": f"sort={sort}" for name in ("code", "ends_on", "created_at", "updated_at") for sort in (name, "-" + name)} | {
        name: f"{name}={value}" for name, value in names.items()} | {
        "implementation": "implementation=in_progress", "implementation, sort=-updated_at": "implementation=in_progress&sort=-updated_at",
        "rating": "rating=at_risk", "rating, sort=ends_on": "rating=at_risk&sort=ends_on", "organization": f"organization_id={party['implementing']}",
        "organization, role": f"organization_id={party['implementing']}&party_role=implementing", "organization (20 rows)": f"organization_id={party['rare']}",
        "organization (20 rows), sort=-updated_at": f"organization_id={party['rare']}&sort=-updated_at", "lead": f"lead_id={party['lead']}",
        "objective": "objective_number=6", "action": "action_code=6.b", "SDG target": "sdg_target_code=10.7", "province": "province=LA-SV",
        "ends_on range, sort=ends_on": "ends_on_from=2020-01-01&sort=ends_on", INCLUDE: INCLUDE}


def of_plan(of, party):
    asked = {"": "", "sort=-code": "&sort=-code", "sort=ends_on": "&sort=ends_on", "sort=-ends_on": "&sort=-ends_on", "implementation": "&implementation=in_progress",
             "rating": "&rating=at_risk", "organization": f"&organization_id={party['implementing']}", "lead": f"&lead_id={party['lead']}",
             "objective": "&objective_number=6", "ends_on range, sort=ends_on": "&ends_on_from=2026-06-01&sort=ends_on", INCLUDE: f"&{INCLUDE}"}
    return {f"plan, {name}".removesuffix(", "): of + query for name, query in asked.items()}


def not_indexed(of, other):
    return {
        "plan, sort=created_at": f"{of}&sort=created_at", "plan, sort=-updated_at": f"{of}&sort=-updated_at", "two plans": f"{of}&workplan_id={other}",
        "two of implementation": "implementation=suspended&implementation=cancelled", "ends_on range": "ends_on_from=2027-06-01&ends_on_to=2027-06-30",
        "starts_on range": "starts_on_from=2027-06-01&starts_on_to=2027-06-30", "in_version": "in_version=true", "not in_version (none)": "in_version=false",
        "added_in_version (none)": "added_in_version=9", "overdue": "overdue=true", "plan, overdue": f"{of}&overdue=true", "blocked": "blocked=true",
        "plan, blocked": f"{of}&blocked=true", "has_funding_gap": "has_funding_gap=true", "plan, has_funding_gap": f"{of}&has_funding_gap=true",
        "budget_kind and currency": "budget_kind=committed&budget_currency=LAK", "budget_currency (none)": "budget_currency=EUR",
        "milestone due": "milestone_due_on_from=2026-06-01&milestone_due_on_to=2026-06-30&milestone_done=false", "provenance": "provenance=entered",
        "provenance (none)": "provenance=public_source", "with_total": "with_total=true", "plan, with_total": f"{of}&with_total=true",
        "q (common)": "q=savannakhet", "plan, q (common)": f"{of}&q=savannakhet", "q (one row)": "q=nr-0000077", "q (none)": "q=zzzzzz", "q (two letters)": "q=zz",
        "missing_language": "missing_language=lo"}
