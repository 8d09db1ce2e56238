"""Clients that do what front ends do, for as long as they are let."""

import random

from .client import Gone

LISTS = [
    "/v1/organizations",
    "/v1/organizations?limit=200&sort=code",
    "/v1/ministries?active=true&with_total=true",
    "/v1/objectives?cluster=imrf_round_tables:2",
    "/v1/organizations?q=%E0%BA%AA%E0%BA%B2%E0%BA%97%E0%BA%B2",
    "/v1/focal-points",
    "/v1/un-network-members?include=organizations",
    "/v1/vocabularies/organization_kinds",
]


def reader(stop, number, new_caller, pause=0.0):
    """Lists, single reads and conditional reads; whoever is told to come back does."""
    caller, etags, ids = None, {}, []
    while not stop.is_set():
        try:
            caller = caller or new_caller()
            path = random.choice(LISTS) if not ids or random.random() < 0.5 else f"/v1/organizations/{random.choice(ids)}"
            headers = {"If-None-Match": etags[path]} if path in etags and random.random() < 0.5 else {}
            answer = caller.get(path, headers=headers)
            if answer.status == 401:
                caller = None
            elif answer.status == 200:
                etags[path] = answer.headers.get("etag", "")
                if path == LISTS[0]:
                    ids = [row["id"] for row in answer.json()["data"]]
            elif answer.status == 503:
                stop.wait(0.2)
        except Gone:
            stop.wait(0.2)
        if pause:
            stop.wait(pause)


def nuisance(stop, number, new_caller, pause=0.05):
    """What is refused: paths that are not there, bodies that are wrong, rights that are lacking, and exports in between."""
    caller = None
    while not stop.is_set():
        try:
            caller = caller or new_caller()
            what = random.randrange(6)
            if what == 0:
                answer, expected = caller.get("/v1/nowhere"), 404
            elif what == 1:
                answer, expected = caller.ask("POST", "/v1/organizations", {"code": "Wrong Code", "colour": "red"}), 422
            elif what == 2:
                answer, expected = caller.ask("POST", "/v1/organizations", "{"), 415
            elif what == 3:
                answer, expected = caller.get("/v1/organizations?nonsense=1"), 400
            elif what == 4:
                answer, expected = caller.get("/v1/organizations", token="nonsense"), 401
            else:
                answer, expected = caller.get("/v1/organizations?format=csv"), 200
            if answer.status == 401 and expected != 401:
                caller = None
            elif answer.status not in (expected, 503, 429):
                raise RuntimeError(f"expected {expected}, got {answer}")
        except Gone:
            pass
        stop.wait(pause)
