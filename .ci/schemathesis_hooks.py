"""Makes Schemathesis' cases reach the service: real ids, a current If-Match, a token, bodies that stand a chance.

Random ids and revisions would end at 404, 428 and 412, and nothing behind them would ever be tested. So four of five positive cases
are mended just before they are sent; the rest, and every negative case, go out as generated. Started by fuzz_driver.py, which
says by environment who acts (GCM_FUZZ_ACTOR: a JSON account) and where to leave the counts (GCM_FUZZ_STATE).
"""

import atexit
import datetime
import json
import os
import pathlib
import random
import re
import string
import time
import uuid
from collections import Counter, defaultdict

import requests
import schemathesis

BASE = os.environ["GCM_FUZZ_URL"]
ACTOR = json.loads(os.environ["GCM_FUZZ_ACTOR"])
ACTORS = set(json.loads(os.environ["GCM_FUZZ_ACTORS"]))  # the user names of everybody who acts in this run
STATE = pathlib.Path(os.environ["GCM_FUZZ_STATE"])
CONTRACT = json.loads(pathlib.Path(os.environ["GCM_FUZZ_CONTRACT"]).read_text())

dice = random.Random(os.environ.get("GCM_FUZZ_SEED"))
http = requests.Session()
http.trust_env = False  # no proxy stands between us and loopback
counts = defaultdict(Counter)  # operation -> status -> how often


def chance(share):
    return dice.random() < share


def word(length=8):
    return "".join(dice.choices(string.ascii_lowercase, k=length))


def deref(node):
    while isinstance(node, dict) and "$ref" in node:
        target = CONTRACT
        for part in node["$ref"][2:].split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node if isinstance(node, dict) else {}


# --- who acts -----------------------------------------------------------------------------------------------------------------


class Token:
    """An access token lives 15 minutes, and cases may end the session it belongs to: renewed by age and after a 401."""

    value, fetched = None, 0.0

    def get(self):
        if self.value is None or time.monotonic() - self.fetched > 600:
            self.value, self.fetched = self.fetch(), time.monotonic()
        return self.value

    def fetch(self):
        if "client_id" in ACTOR:
            form = {"grant_type": "client_credentials", "client_id": ACTOR["client_id"], "client_secret": ACTOR["client_secret"]}
        else:
            form = {"grant_type": "password", "username": ACTOR["username"], "password": ACTOR["password"]}
        for _ in range(10):
            answer = http.post(f"{BASE}/v1/auth/token", data=form, timeout=30)
            if answer.status_code not in (429, 503):
                break
            time.sleep(min(float(answer.headers.get("Retry-After", 1)), 60))
        if answer.status_code != 200:
            raise RuntimeError(f"no token for {ACTOR.get('username') or ACTOR.get('client_id')}: {answer.status_code} {answer.text[:300]}")
        return answer.json()["access_token"]


token = Token()


def fetch(path, **query):
    """GET of our own, outside the counts; None unless 200."""
    for _ in range(2):
        answer = http.get(BASE + path, params=query, headers={"Authorization": f"Bearer {token.get()}"}, timeout=30)
        if answer.status_code == 401:
            token.value = None
            continue
        return answer if answer.status_code == 200 else None
    return None


# --- what is there ------------------------------------------------------------------------------------------------------------

rows_by_path = {}  # collection -> (when, rows)
ours = defaultdict(list)  # collection -> ids that this run created: those may be archived and deleted freely
PATHS = CONTRACT["paths"]


def has_get(template):
    return "get" in PATHS.get(template, {})


def rows(path, **query):
    key = (path, *query.items())
    when, found = rows_by_path.get(key, (-60.0, []))
    if not found or time.monotonic() - when > 3:
        answer = fetch(path, **query)
        body = answer.json() if answer is not None else {}
        data = body.get("data") if isinstance(body, dict) else body
        found = [row for row in data or [] if isinstance(row, dict)]
        rows_by_path[key] = (time.monotonic(), found)
    return found


def takes(template, name):
    return any(deref(p).get("name") == name for p in PATHS.get(template, {}).get("get", {}).get("parameters", []))


def pick(template, path, action, spare):
    """A row of a collection: for restore an archived one; for what cannot be undone, and else half the time, one of our own."""
    query = {"limit": 200} if takes(template, "limit") else {}
    if action == "restore" and takes(template, "archived"):
        query["archived"] = "only"
    found = rows(path, **query)
    if template == "/v1/accounts":
        # Not the branches that we and those beside and after us sit on.
        found = [row for row in found if row.get("username") not in ACTORS]
    if template.startswith("/v1/workplan") and spare:
        # Everything that hangs on the plan of the demo ends with it.
        found = [row for row in found if row.get("provenance") != "illustrative"]
    own = [row for row in found if row.get("id") in ours[template]]
    if own and chance(0.95 if spare else 0.5):
        found = own
    return dice.choice(found) if found else None


def pick_with_children(template, path, parts, index, spare):
    """As `pick`; where the path goes on to a row below this one, one that has such rows, if it is found soon."""
    action = parts[-1] if index >= len(parts) - 2 else ""
    below = f"{template}/{parts[index]}/{parts[index + 1]}" if index + 2 < len(parts) and parts[index + 2].startswith("{") else ""
    for _ in range(12):
        row = pick(template, path, action, spare)
        if row is None or not has_get(below) or pick(below, f"{path}/{row['id']}/{parts[index + 1]}", parts[-1], spare):
            break
    return row


def external_system(row=None):
    """One that the account may write for, or one that is in use."""
    known = ACTOR.get("external_systems") or me().get("external_systems") or []
    used = [pair["system"] for pair in (row or {}).get("external_ids") or []]
    return dice.choice(known or used) if known or used else None


def held_system(path, row):
    """One by which this row is known; it is made known to one where this actor may."""
    pairs = (row or {}).get("external_ids") or []
    if pairs or not row:
        return dice.choice(pairs)["system"] if pairs else None
    system = external_system() or "fuzz"
    post(f"{path}/external-ids/{system}", {"id": word()}, f'"{row["revision"]}"', "PUT")
    return system


def me():
    if not hasattr(me, "row"):
        answer = fetch("/v1/me") if has_get("/v1/me") else None
        me.row = answer.json() if answer is not None else {}
    return me.row


def collection_of(name):
    """`lead_organization_id` -> /v1/organizations, `parent_id` -> /v1/organizations for want of /v1/parents."""
    words = re.sub(r"_ids?$", "", name).split("_")
    for start in range(len(words)):
        stem = "-".join(words[start:])
        for plural in (stem + "s", re.sub("y$", "ies", stem), stem + "es", stem):
            if has_get(f"/v1/{plural}"):
                return f"/v1/{plural}"
    return next((path for path in ("/v1/organizations", "/v1/ministries") if has_get(path)), None)


def real_id(name):
    collection = collection_of(name)
    row = pick(collection, collection, "", False) if collection else None
    return row.get("id") if row else None


# --- mending ------------------------------------------------------------------------------------------------------------------


def moves_a_plan(path):
    """Or a revision of one."""
    return path.startswith("/v1/workplan") and path.endswith("/transitions")


def mend_path(case):
    """Fills the template from left to right: what stands before a parameter is the list that it is taken from."""
    filled, template, row = "", "", None
    parts = case.path.strip("/").split("/")
    # Of a row that takes part in much, archiving is refused; and what others rely on should stay.
    spare = parts[-1] == "archive" or (case.method == "DELETE" and "external-ids" not in parts)
    for index, part in enumerate(parts):
        if part.startswith("{"):
            name, before = part.strip("{}"), parts[index - 1]
            value = None
            if before == "by-external-id":
                held = [r for r in rows("/" + "/".join(parts[: index - 1])) if r.get("external_ids")]
                row = dice.choice(held) if held and (case.method == "GET" or chance(0.5)) else None
                pair = dice.choice(row["external_ids"]) if row else {"system": external_system(), "id": f"fuzz-{word()}"}
                value = pair["system"]
            elif "by-external-id" in parts:
                value = pair["id"]
            elif before == "external-ids":
                value = held_system(filled.removesuffix("/external-ids"), row) if case.method == "DELETE" else external_system(row)
            elif before == "secrets":
                there = [secret["prefix"] for secret in (row or {}).get("secrets") or []]
                value = dice.choice(there) if there else fresh_secret(filled)
            elif case.method == "POST" and case.path.endswith("/{id}/transitions") and moves_a_plan(case.path):
                value = plan_to_move(template)
            elif case.path == "/v1/workplans/{id}/revise":
                value = plan_to_revise()
            elif case.path == "/v1/workplans/{id}/diff":
                value = next((plan["id"] for plan in rows("/v1/workplans", limit=200, state="active")), None)
                case.query = {"against": "1"}
            elif case.path == "/v1/activity-proposals/{id}" and case.method in ("DELETE", "PATCH"):
                value = proposal_to_write()
            elif before == "activities" and "milestones" in parts and case.method == "POST":
                value = draft_activity(parts[-1])
            elif has_get(template):
                row = pick_with_children(template, filled, parts, index, spare)
                value = (row or {}).get(name, (row or {}).get("id"))
            if value is None:
                value = example_of(next((p for p in parameters(case, "path") if p["name"] == name), {}))
            if value is not None:
                case.path_parameters[name] = value
            value = case.path_parameters.get(name, "x")
            filled += f"/{requests.utils.quote(str(value), safe='')}"
        else:
            filled += f"/{part}"
        template += f"/{part}"
    return filled, row


def parameters(case, place):
    raw = PATHS[case.path].get("parameters", []) + PATHS[case.path][case.operation.method.lower()].get("parameters", [])
    return [p for p in map(deref, raw) if p.get("in") == place]


def example_of(node):
    schema = deref(node.get("schema", {}))
    for place in (node, schema):
        if "example" in place:
            return place["example"]
        if place.get("examples"):
            first = place["examples"]
            first = next(iter(first.values())) if isinstance(first, dict) else first[0]
            return first.get("value") if isinstance(first, dict) and "value" in first else first
    return None


def mend_query(case):
    query = case.query or {}
    for p in parameters(case, "query"):
        name = p["name"]
        # A made-up cursor is a 400, and so is the whole request if one of many filters is.
        if name in query and not p.get("required") and chance(0.9 if name in ("cursor", "since", "wait") else 0.5):
            del query[name]
        if name in query and name.endswith("_id"):
            query[name] = real_id(name) or query[name]
    case.query = query


def current(filled, template):
    """The resource that a write is about: the nearest path above that can be read with an ETag."""
    while template.count("/") > 1:
        ok = deref(PATHS.get(template, {}).get("get", {}).get("responses", {}).get("200", {}))
        if "ETag" in ok.get("headers", {}):
            return fetch(filled)
        filled, template = filled.rpartition("/")[0], template.rpartition("/")[0]
    return None


def mend_headers(case, read):
    for p in parameters(case, "header"):
        name = p["name"].lower()
        if name == "if-match" and read is not None and "ETag" in read.headers and (p.get("required") or chance(0.5)):
            case.headers["If-Match"] = read.headers["ETag"]
        elif name == "if-match" and not p.get("required"):
            case.headers.pop("If-Match", None)
        elif name == "if-none-match" and chance(0.8):
            case.headers.pop("If-None-Match", None)
        elif name == "idempotency-key" and "Idempotency-Key" in case.headers and chance(0.9):
            case.headers["Idempotency-Key"] = str(uuid.UUID(int=dice.getrandbits(128)))


def references(value, name=""):
    """The same body with ids and objective numbers of rows that are there."""
    if isinstance(value, dict):
        return {key: references(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [references(part, name) for part in value]
    if value is not None and re.search(r"_ids?$", name):
        return real_id(name) or value
    if isinstance(value, int) and re.search(r"objective_numbers?$", name) and has_get("/v1/objectives"):
        numbers = [row["number"] for row in rows("/v1/objectives") if "number" in row]
        return dice.choice(numbers) if numbers else value
    return value


def next_state(filled):
    """A state that the service itself says can be reached."""
    answer = fetch(filled)
    found = []

    def look(value):
        if isinstance(value, dict):
            if value.get("allowed") is True and isinstance(value.get("to"), str):
                found.append(value["to"])
            for part in value.values():
                look(part)
        elif isinstance(value, list):
            for part in value:
                look(part)

    look(answer.json() if answer is not None else None)
    return dice.choice(found) if found else None


def mend_body(case, filled, read):
    content = deref(PATHS[case.path][case.operation.method.lower()].get("requestBody", {})).get("content", {})
    media = content.get(case.media_type or "", {})
    schema = deref(media.get("schema", {}))
    if case.path == "/v1/auth/token":
        if "username" in ACTOR and chance(0.5):
            case.body = {"grant_type": "password", "username": ACTOR["username"], "password": ACTOR["password"]}
        elif isinstance(case.body, dict) and case.body.get("username") == ACTOR.get("username"):
            case.body["username"] = word()  # a wrong password for a real name could lock us out
        return
    if "json" not in (case.media_type or "") or not isinstance(case.body, dict):
        return
    body = case.body
    known = schema.get("properties", {})
    if case.path == "/v1/me/password":
        if "password" in ACTOR:
            strong = f"{word()}-{word()}-{word()}"
            case.body = {key: strong if "new" in key else ACTOR["password"] for key in schema.get("required", known)}
        return
    if case.path == "/v1/auth/password-links/redeem":
        case.body = {"token": fresh_link() or body.get("token"), "new_password": f"{word()}-{word()}-{word()}"}
        return
    if case.path.endswith("/transitions"):
        rows_there = []
        if "items" in known:
            collection = case.path.removesuffix("/transitions")
            if moves_a_plan(case.path):
                there = fetch(f"{collection}/{plan_to_move(collection)}")
                rows_there = [there.json()] if there is not None else []
            else:
                rows_there = [row for row in (pick(collection, collection, "", False) for _ in range(2)) if row and "revision" in row]
            filled = f"{collection}/{rows_there[0]['id']}/transitions" if rows_there else None
            body["items"] = [{"id": row["id"], "revision": row["revision"]} for row in {r["id"]: r for r in rows_there}.values()]
        state = next_state(filled) if filled else None
        if state:
            body.update(to=state, reason="So that the fuzzer sees it.")
        return
    row = read.json() if read is not None else {}
    shared = [key for key in known if key in row]
    if case.method == "PATCH" and shared and chance(0.6):
        # What is there already is always valid; one changed text in it makes it a change.
        body = {key: row[key] for key in dice.sample(shared, dice.randint(1, min(3, len(shared))))}
        for key, value in body.items():
            if isinstance(value, dict) and isinstance(value.get("en"), str):
                body[key] = {**value, "en": f"{value['en'][:40]} {word(4)}"}
    else:
        example = example_of(media)
        if isinstance(example, dict) and chance(0.65):
            body = {**example, **{key: body[key] for key in body if chance(0.15)}}
        body = references(body)
        for key in ("code", "username"):
            if case.method in ("POST", "PUT") and isinstance(body.get(key), str) and chance(0.9):
                longest = deref(known.get(key, {})).get("maxLength", 32)
                body[key] = f"{body[key][: max(longest - 6, 1)]}{word(5)}"[:longest]
        if "predecessor_ids" in known and chance(0.8):
            body.update(succession())
        if case.method in ("POST", "PUT") and "funder_ids" in known and "action_codes" in known and chance(0.8):
            body.update(effort())
        if case.method in ("POST", "PUT") and "convenor_ids" in known and chance(0.8):
            body.update(consultation())
        if case.method in ("POST", "PUT") and {"account_id", "position"} <= set(known) and chance(0.8):
            body.update(appointment())
        makers = {"reporting_interval": workplan, "removes": proposal, "done_on": milestone, "outside_period_reason": activity, "funder_id": line, "electorate_ids": round_of_now, "scores": nomination, "supporting_ids": priority, "decision": word_on, "subject_kind": comment, "achievements": report}
        for field, made in makers.items():
            if case.method in ("POST", "PUT") and field in known and "selection" not in known and chance(0.95):
                body.update(made())
                break
    case.body = body


def succession():
    """Between institutions that exist. Without a word on their duties, only one without accounts can end: nobody is locked out by it."""
    there = rows("/v1/organizations", limit=200, active="true")
    if len(there) < 2:
        return {}
    one, other = dice.sample(there, 2)
    return {"kind": "merge", "predecessor_ids": [one["id"]], "successor_ids": [other["id"]], "functions": [], "reassignments": []}


def effort():
    """Of one's own institution, or of any that is there; actions must be of the objectives that it serves."""
    there, objectives = rows("/v1/organizations", limit=200, active="true"), rows("/v1/objectives")
    if not there or not objectives:
        return {}
    objective, owner = dice.choice(objectives), me().get("organization_id") or dice.choice(there)["id"]
    actions = [action["code"] for action in objective.get("actions") or []][:1]
    return {"organization_id": owner, "partner_ids": [], "funder_ids": [], "objective_numbers": [objective["number"]], "action_codes": actions}


def consultation():
    """Held by an institution that is there today; how many came in all is no less than what the parts add up to."""
    there = rows("/v1/organizations", limit=200, active="true")
    if not there:
        return {}
    days = {"starts_on": "2026-03-04", "ends_on": "2026-03-05", "date_precision": "day"}
    whose = {"convenor_ids": [dice.choice(there)["id"]], "chairs": [], "participants": [], "funder_ids": [], "groups": [], "cycle_id": None}
    return days | whose | {"series_number": dice.randint(1, 900), "participant_total": 30, "participant_total_at_least": True}


def appointment():
    """At one's own institution, or at any that is there; an account would have to be of the same."""
    there = rows("/v1/organizations", limit=200, active="true")
    owner = me().get("organization_id") or (dice.choice(there)["id"] if there else None)
    return {"organization_id": owner, "account_id": None, "role": "technical", "starts_on": "2026-01-01", "ends_on": None} if owner else {}


def round_of_now():
    """Asked of institutions that are there, by known criteria."""
    there = rows("/v1/organizations", limit=200, active="true", kind="ministry")
    codes = [each["code"] for each in rows("/v1/vocabularies/prioritization_criteria")]
    if len(there) < 3 or not codes:
        return {}
    own = [row["id"] for row in there if row["id"] == me().get("organization_id")]
    members = sorted({row["id"] for row in dice.sample(there, min(8, len(there)))} | set(own))
    criteria = [{"code": code, "weight": dice.randint(1, 5)} for code in dice.sample(codes, 2)]
    return {"electorate_ids": members, "criteria": criteria, "opens_on": None, "closes_on": None, "cycle_id": None, "consultation_id": None}


def nomination():
    """In a round that is open, by one that is asked in it, of an objective that it has not nominated yet."""
    own = me().get("organization_id")
    open_rounds = list(rows("/v1/prioritizations", limit=200, state="open"))
    dice.shuffle(open_rounds)
    for held in open_rounds:
        voters = [each for each in held["electorate_ids"] if each == own] or (held["electorate_ids"] if ACTOR.get("role") == "coordinator" else [])
        if not voters:
            continue
        voter = dice.choice(voters)
        given = rows("/v1/nominations", limit=200, prioritization_id=held["id"], organization_id=voter)
        left = sorted(set(range(1, 24)) - {row["objective_number"] for row in given})
        if not left:
            continue
        body = {"prioritization_id": held["id"], "organization_id": voter, "objective_number": dice.choice(left), "action_codes": []}
        scores = {each["code"]: dice.randint(1, 5) for each in held["criteria"]}
        return body | {"scores": scores, "on_behalf_note": None if voter == own else "Given on paper."}
    return {}


def priority():
    """Of a round that was finalized."""
    held = rows("/v1/prioritizations", limit=200, state="finalized")
    there = rows("/v1/organizations", limit=200, active="true")
    if not held or not there:
        return {}
    whose = {"lead_id": dice.choice(there)["id"], "supporting_ids": [], "cycle_id": None, "adoption_act": None}
    return whose | {"prioritization_id": dice.choice(held)["id"], "objective_number": dice.randint(1, 23), "rank": dice.randint(1, 20)}


def workplan():
    """Over days on which no other plan is active."""
    year = dice.randint(2040, 2990)
    return {"starts_on": f"{year}-01-01", "ends_on": f"{year + 1}-12-31", "priority_ids": []}


def post(path, body, etag=None, method="POST"):
    for _ in range(2):
        headers = {"Authorization": f"Bearer {token.get()}"} | ({"If-Match": etag} if etag else {})
        answer = http.request(method, BASE + path, json=body, headers=headers, timeout=30)
        if answer.status_code != 401:
            break
        token.value = None
    return answer


def open_revisions(plan):
    found = fetch("/v1/workplan-revisions", workplan_id=plan, state="draft,in_review,returned")
    return found.json()["data"] if found is not None else []


def draft_plan():
    """A new one, as this actor enters it; `None` when it was refused."""
    act = {"number": word(), "date": "2026-01-01", "authority": {"en": word()}}
    made = post("/v1/workplans", {"title": {"en": word()}, "reporting_interval": "year", "approval_act": act, **workplan()})
    rows_by_path.clear()
    return made.json() if made.status_code == 201 else None


def whole_plan():
    """A draft that could be put to review, and its activity."""
    plan = draft_plan()
    if plan is None:
        return None, None
    days = {"starts_on": plan["starts_on"], "ends_on": plan["ends_on"]}
    made = post("/v1/activities", {"code": word(), "title": {"en": word()}, **activity(), "workplan_id": plan["id"], **days})
    return plan["id"], made.json().get("id")


def plan_to_move(collection):
    """A plan or a revision of one that has somewhere to go. The plan of the demo stays as it is: everything that hangs on it would end with it."""
    if ACTOR.get("role") == "coordinator" and chance(0.5):
        if collection == "/v1/workplans":
            return whole_plan()[0]
        if plan := plan_to_revise():
            made = post(f"/v1/workplans/{plan}/revise", {})
            return made.json().get("id")
    going = "draft,in_review,returned" + (",approved,active" if collection == "/v1/workplans" else "")
    found = rows(collection, limit=200, state=going)
    found = [row["id"] for row in found if row["provenance"] != "illustrative"]
    return dice.choice(found) if found else None


def plan_to_revise():
    """An approved or active plan without an open revision; the one that is open is withdrawn, where this actor may."""
    plans = rows("/v1/workplans", limit=200, state="approved,active")
    if not plans:
        return None
    plan = dice.choice(plans)["id"]
    if ACTOR.get("role") == "coordinator":
        for row in open_revisions(plan):
            post(f"/v1/workplan-revisions/{row['id']}/transitions", {"to": "withdrawn", "reason": "Fuzzed away."}, f'"{row["revision"]}"')
    return plan


def proposal():
    """Of an activity in force, for which the open revision proposes nothing yet; a revision is opened where this actor may."""
    for plan in rows("/v1/workplans", limit=200, state="approved,active"):
        if not open_revisions(plan["id"]) and ACTOR.get("role") == "coordinator":
            post(f"/v1/workplans/{plan['id']}/revise", {})
        for revision in open_revisions(plan["id"]):
            made = fetch("/v1/activity-proposals", limit=200, workplan_revision_id=revision["id"])
            taken = {row["activity_id"] for row in made.json()["data"]} if made is not None else set()
            left = [row["id"] for row in rows("/v1/activities", limit=200, workplan_id=plan["id"], in_version="true") if row["id"] not in taken]
            if left:
                return {"activity_id": dice.choice(left), "removes": False, "plan": {}, "milestones": [], "budget_lines": []}
    return {}


def proposal_to_write():
    """One of an open revision; made where there is none and this actor may."""
    if ACTOR.get("role") == "coordinator" and (new := proposal()):
        made = post("/v1/activity-proposals", {"activity_id": new["activity_id"]})
        if made.status_code == 201:
            return made.json()["id"]
    return None


def draft_activity(action):
    """An activity that is in no approved version, with a milestone that can be archived or restored where that is asked for."""
    if ACTOR.get("role") != "coordinator":
        return None
    drafts = rows("/v1/activities", limit=200, in_version="false")
    if drafts:
        chosen = dice.choice(drafts)["id"]
    else:
        chosen = whole_plan()[1]
    if chosen and action in ("archive", "restore"):
        path = f"/v1/activities/{chosen}/milestones"
        made = post(path, {"title": {"en": word()}, "due_on": "2041-01-01"})
        if action == "restore" and made.status_code == 201:
            post(f"{path}/{made.json()['id']}/archive", None, '"1"')
        rows_by_path.clear()
    return chosen


def activity():
    """Of a plan that can be changed, within its days, led by an institution that is there."""
    plans = [row for state in ("draft", "returned") for row in rows("/v1/workplans", limit=200, state=state)]
    if not plans and ACTOR.get("role") == "coordinator":
        plans = [plan for plan in [draft_plan()] if plan]
    there = rows("/v1/organizations", limit=200, active="true")
    if not plans or not there:
        return {}
    plan = dice.choice(plans)
    days = {"starts_on": plan["starts_on"], "ends_on": plan["ends_on"], "recurrence": None, "outside_period_reason": None}
    whose = {"parties": [{"organization_id": dice.choice(there)["id"], "role": "lead"}], "priority_id": None, "depends_on": []}
    return days | whose | {"workplan_id": plan["id"], "objective_numbers": [6], "action_codes": [], "sdg_target_codes": [], "provinces": []}


def milestone():
    """Not reached yet: that can only have been on a day that has come."""
    return {"due_on": "2041-01-01", "done_on": None}


def line():
    """What one's own organization commits, or any that is there."""
    there = rows("/v1/organizations", limit=200, active="true")
    payer = me().get("organization_id") or (dice.choice(there)["id"] if there else None)
    return {"kind": "committed", "funder_id": payer} if payer else {}


def word_on():
    """On a priority that is proposed, by one's own institution, which has a voice in its round; where it has spoken, its word is taken back first."""
    own = me().get("organization_id")
    rounds = [row["id"] for row in rows("/v1/prioritizations", limit=200, state="finalized") if own in row["electorate_ids"]]
    asked = [row for held in rounds for row in rows("/v1/priorities", limit=200, state="proposed", prioritization_id=held)]
    if not asked:
        return {}
    about = dice.choice(asked)
    for row in rows("/v1/endorsements", limit=200, organization_id=own, subject_id=about["id"]):
        if row["substance"] == about["substance"]:
            post(f"/v1/endorsements/{row['id']}/archive", None, f'"{row["revision"]}"')
    body = {"subject_kind": "priority", "subject_id": about["id"], "substance": about["substance"]}
    return body | {"organization_id": own, "decision": "endorsed"}


def comment():
    """On a priority that is there, and no answer."""
    there = rows("/v1/priorities", limit=200)
    return {"subject_kind": "priority", "subject_id": dice.choice(there)["id"], "parent_id": None, "language": "en"} if there else {}


def report():
    """On an activity of an active plan in which one's own institution has a part that reports, over the period of its first day."""
    own = me().get("organization_id")
    reporting = {"implementing"} if ACTOR.get("role") == "network_member" else {"lead", "co_lead"}
    for plan in rows("/v1/workplans", limit=200, state="active"):
        months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[plan["reporting_interval"]]
        for row in rows("/v1/activities", limit=200, workplan_id=plan["id"]):
            if not any(party["organization_id"] == own and party["role"] in reporting for party in row["parties"]):
                continue
            day = datetime.date.fromisoformat(max(row["starts_on"], plan["starts_on"]))
            first = (day.month - 1) // months * months + 1
            after = datetime.date(day.year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
            period = {"period_start": f"{day.year}-{first:02}-01", "period_end": str(after - datetime.timedelta(days=1))}
            return {"activity_id": row["id"], "organization_id": own, **period, "progress_percent": dice.randint(0, 100), "spent": None}
    return {}


def fresh_secret(path):
    """The prefix of a new secret of this machine account, if this actor may make one."""
    answer = http.post(BASE + path, json={}, headers={"Authorization": f"Bearer {token.get()}"}, timeout=30)
    return answer.json()["prefix"] if answer.status_code == 201 else None


def fresh_link():
    """A one-time link of an account that a run let in, if this actor may make one."""
    invited = [row for row in rows("/v1/accounts", limit=200, provenance="entered") if row.get("state") == "invited"]
    for row in dice.sample(invited, min(3, len(invited))):
        headers = {"Authorization": f"Bearer {token.get()}"}
        answer = http.post(f"{BASE}/v1/accounts/{row['id']}/password-link", headers=headers, timeout=30)
        if answer.status_code == 201:
            return answer.json()["token"]
    return None


def is_negative(case):
    meta = case.meta
    return meta is not None and meta.generation.mode.is_negative


def is_other_method(case):
    """The coverage phase also tries methods that the path does not have."""
    return case.method.upper() != case.operation.method.upper()


def phase(case):
    return case.meta.phase.name.value if case.meta is not None else ""


@schemathesis.hook
def before_call(context, case, kwargs):
    # Asked first: Schemathesis judges a case anew once it was changed.
    negative, stage = is_negative(case), phase(case)
    if case.operation.definition.raw.get("security") != [] and not chance(0.01):
        case.headers["Authorization"] = f"Bearer {token.get()}"
    if negative or is_other_method(case) or (stage == "fuzzing" and chance(0.2)):
        return
    filled, _ = mend_path(case)
    mend_query(case)
    wants_row = case.method in ("PUT", "PATCH", "DELETE") or any(p["name"].lower() == "if-match" for p in parameters(case, "header"))
    read = current(filled, case.path) if wants_row else None
    mend_headers(case, read)
    # Coverage cases are about one value of the body each: left as they are.
    if stage != "coverage" or case.path == "/v1/me/password":
        mend_body(case, filled, read)


@schemathesis.hook
def after_call(context, case, response):
    if is_other_method(case):
        return
    operation = case.operation.definition.raw.get("operationId", case.operation.label)
    counts[operation][response.status_code] += 1
    if response.status_code == 401:
        token.value = None
    if response.status_code == 201 and case.method == "POST" and "{" not in case.path:
        try:
            ours[case.path].append(response.json()["id"])
        except (ValueError, KeyError, TypeError):
            pass
    done = 200 <= response.status_code < 300 and not {"dry-run", "idempotency-replayed"} & {name.lower() for name in response.headers}
    if case.path == "/v1/me/password" and done and isinstance(case.body, dict):
        ACTOR["password"] = next(value for key, value in case.body.items() if "new" in key)
        token.value = None


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """503 is an honest answer when it says when to come back (a busy writer, a query too broad); any other 5xx is a bug."""
    honest = response.status_code == 503 and "retry-after" in {name.lower() for name in response.headers}
    return not (honest and type(failure).__name__ == "ServerError")


@schemathesis.check
def etag_is_revision(context, response, case):
    """A documented ETag is sent, and a strong one is the body's revision. (Schemathesis looks at headers that are there.)"""
    if is_other_method(case) or not 200 <= response.status_code < 300 or "dry-run" in response.headers:
        return
    documented = PATHS[case.path][case.operation.method.lower()]["responses"].get(str(response.status_code), {})
    if "ETag" not in deref(documented).get("headers", {}):
        return
    (etag,) = response.headers.get("etag", [""])
    assert etag, "the documented ETag is missing"
    if not etag.startswith("W/") and "json" in response.headers.get("content-type", [""])[0]:
        revision = response.json().get("revision")
        assert revision is None or etag == f'"{revision}"', f"ETag {etag} beside revision {revision}"


@atexit.register
def leave_counts():
    STATE.write_text(json.dumps({"counts": counts, "password": ACTOR.get("password")}, indent=1))
