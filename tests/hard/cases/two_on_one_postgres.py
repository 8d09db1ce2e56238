"""Two processes on one PostgreSQL: started together on an empty database; a write on one is seen on the other within 250 ms, 1,000 times of 1,000.

And at once while the connection on which the other listens for writes is cut or frozen. A locked account, an ended session and a
revoked token on one are refused on the other at once.
"""

import contextlib
import os
import signal
import threading
import time

from kit.server import Server

TIMES, BOUND = 1000, 0.250
PASSWORD = "river-Stone-lantern-47-hill"
# A connection that listens: by what it said last, or by its name. Its heartbeats hide what it said first, so it is remembered by number.
LISTENING = "SELECT pid FROM pg_stat_activity WHERE datname = 'gcm' AND (query ~* '^\\s*listen' OR application_name ~* 'listen')"


def run(world):
    verdict, url = world.verdict, world.database()
    common = {"GCM_PUBLIC_URL": "http://gcm.test", "GCM_READER_CONNECTIONS": "4"}
    servers = [Server(world.place, world.binary, name=name, url=url, demo=False, env=common) for name in ("one", "two")]
    for server in servers:
        server.start(wait=None)
    for server in servers:
        until = time.monotonic() + 60
        while server.status("/health/ready") != 200 and server.alive() and time.monotonic() < until:
            time.sleep(0.05)
        verdict.claim(server.alive() and server.status("/health/ready") == 200, f"process {server.name}, started on an empty database with the other, is ready", server.words()[-200:])
    twice = world.postgres.sql("SELECT version, count(*) FROM seaql_migrations GROUP BY version HAVING count(*) > 1", "gcm")
    count = int(world.postgres.sql("SELECT count(*) FROM seaql_migrations", "gcm")[0][0])
    verdict.claim(count > 0 and not twice, "each migration was carried out once", f"{count} migrations")
    people(world, servers[0])
    listeners = Listeners(world.postgres)
    one, two = (signed_in(server, world.watch, "coordinator") for server in servers)
    rows = Rows(one, two)
    verdict.figure("connections that listen for writes", len(listeners.now()) or "none: without a cache of answers every read asks the database")

    times = 20 if world.asked_seconds else TIMES
    stale = rows.follow(times)
    told(verdict, "a write on one is seen on the other", stale, times, BOUND if not world.lie else -1.0)
    rows.one, rows.two = rows.two, rows.one
    told(verdict, "and the other way round", rows.follow(times // 5), times // 5, BOUND)
    cut_once(world, listeners, rows)
    cut_again_and_again(world, listeners, rows)
    frozen(world, listeners, rows)
    refused_at_once(world, servers)
    world.judge(servers[0])
    verdict.claim(not servers[1].broken_lines(), "no panic and no error in the log of the other", servers[1].broken_lines())


def told(verdict, what, stale, times, bound):
    late = [delay for delay in stale if delay > bound] if bound >= 0 else [0]
    largest = f"{max(stale) * 1000:.1f} ms" if stale else "none was late"
    verdict.claim(not late, f"{what} within {max(bound, 0) * 1000:.0f} ms, {times - len(late)} of {times} times", f"answers from before the write: {len(stale)}; the largest delay: {largest}")


def people(world, server):
    server.command("seed")
    password = world.place.folder / "password"
    password.write_text(PASSWORD + "\n")
    for username, role, *more in (("root.admin", "administrator"), ("coordinator", "coordinator", "--organization", "mofa"), ("guest", "reader")):
        made = server.command("account", "create", "--username", username, "--display-name", username, "--role", role, "--password-file", str(password), *more)
        if made.returncode != 0:
            raise RuntimeError(f"account create: {made.stderr}")


def signed_in(server, watch, username):
    caller = server.caller(watch)
    caller.given = caller.sign_in(username, PASSWORD)
    return caller


class Rows:
    """Writes on one, reads on the other, in all the ways in which an answer could be too old."""

    def __init__(self, one, two):
        self.one, self.two = one, two
        body = {"kind": "academia", "code": "watched", "acronym": "A1", "name": {"en": "Watched"}}
        answer = one.ask("POST", "/v1/organizations", body)
        self.id, self.revision = answer.json()["id"], 1
        self.path, self.list = f"/v1/organizations/{self.id}", "/v1/organizations?kind=academia&limit=200"
        self.list_etag = self.old_etag = ""

    def write(self):
        answer = self.one.ask("PATCH", self.path, {"acronym": f"A{self.revision + 1}"}, {"If-Match": f'"{self.revision}"'})
        while answer.status == 503:
            time.sleep(0.1)
            answer = self.one.ask("PATCH", self.path, {"acronym": f"A{self.revision + 1}"}, {"If-Match": f'"{self.revision}"'})
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.body[:300]!r}")
        self.revision += 1
        return answer.ended

    def is_fresh(self, way):
        """One read; None when it was told to come back."""
        if way == 0:
            answer = self.two.get(self.path)
        elif way == 1:
            answer = self.two.get(self.path, headers={"If-None-Match": f'"{self.revision - 1}"'})
        elif way == 2:
            answer = self.two.get(self.list)
        else:
            answer = self.two.get(self.list, headers={"If-None-Match": self.old_etag})
        if answer.status == 503:
            return None, answer.began
        if answer.status == 304:
            return False, answer.began
        if way < 2:
            return answer.json()["revision"] == self.revision, answer.began
        seen = next(row["revision"] for row in answer.json()["data"] if row["id"] == self.id)
        if seen == self.revision:
            self.list_etag = answer.headers.get("etag", "")
        return seen == self.revision, answer.began

    def follow(self, times, before=None):
        """How long after the acknowledgement the last read began that did not see it; only for writes where there was one."""
        stale = []
        for number in range(times):
            for way in range(4):
                self.is_fresh(way)
            # Of before the write: 304 to it is an answer from before the write.
            self.old_etag = self.list_etag
            if before:
                before(number)
            written, late = self.write(), None
            for way in ((number + turn) % 4 for turn in range(4)):
                fresh, began = self.is_fresh(way)
                while fresh is not True and time.monotonic() < written + 5:
                    if fresh is False:
                        late = max(late or 0.0, began - written)
                    fresh, began = self.is_fresh(way)
                if fresh is not True:
                    late = 5.0
            if late is not None:
                stale.append(late)
        return stale


class Listeners:
    """The connections of PostgreSQL that listen for writes."""

    def __init__(self, postgres):
        self.postgres, self.known = postgres, set()

    def now(self):
        here = {int(row[0]) for row in self.postgres.sql("SELECT pid FROM pg_stat_activity WHERE datname = 'gcm'")}
        self.known = (self.known | {int(row[0]) for row in self.postgres.sql(LISTENING)}) & here
        return set(self.known)

    def both(self):
        """Waits until each process listens again."""
        until = time.monotonic() + 10
        while len(self.now()) < 2 and time.monotonic() < until:
            time.sleep(0.02)

    def signal(self, how):
        found = self.now()
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        return len(found)


def cut_once(world, listeners, rows):
    """Each time both connections are ended a moment before the write, and neither process listens anew so soon: then there is no excuse."""
    cut = []

    def before(_number):
        listeners.both()
        time.sleep(0.1)
        cut.append(listeners.signal(signal.SIGTERM))
        time.sleep(0.05)

    times = 30
    stale = rows.follow(times, before)
    told(world.verdict, f"with the listening connections cut before each write ({sum(cut)} were), it is seen at once", stale, times, 0.0)
    world.verdict.claim(sum(cut) == 2 * times, "both were cut each time", f"{sum(cut)} of {2 * times}")


def cut_again_and_again(world, listeners, rows):
    stop, cut = threading.Event(), []

    def cutting():
        while not stop.is_set():
            cut.append(listeners.signal(signal.SIGTERM))

    thread = threading.Thread(target=cutting)
    thread.start()
    try:
        times = 100
        stale = rows.follow(times)
    finally:
        stop.set()
        thread.join()
    told(world.verdict, f"with them cut again and again ({sum(cut)} were), it is seen", stale, times, BOUND)


def frozen(world, listeners, rows):
    """A frozen connection is given up when its lease is over; a second later each process listens on another one, and believes that."""
    for _time in range(3):
        listeners.both()
        before, began = listeners.now(), time.monotonic()
        found = listeners.signal(signal.SIGSTOP)
        at_first = rows.follow(3)
        time.sleep(max(0.0, began + 0.6 - time.monotonic()))
        later, took = rows.follow(4), time.monotonic() - began
        anew = set()
        while len(anew) < 2 and time.monotonic() < began + 10:
            anew = listeners.now() - before
            time.sleep(0.05)
        for pid in before | listeners.known:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        told(world.verdict, f"with the listening connections frozen ({found}), it is seen at first", at_first, 3, BOUND)
        # On a busy machine the next connection may listen before all were written.
        told(world.verdict, f"and at once from 0.6 s on, until others listen ({took:.1f} s)", later, 4, 0.0 if took < 1.2 else BOUND)
        world.verdict.claim(found == 2 and len(anew) >= 2, "both were frozen, and each process listens anew beside the frozen one", f"{found}, {len(anew)}")


def refused_at_once(world, servers):
    """What lets nobody in on one lets nobody in on the other, from the next request on."""
    verdict, watch, late = world.verdict, world.watch, {"a locked account": [], "an ended session": [], "a revoked token": [], "a changed account": []}
    admin = signed_in(servers[0], watch, "root.admin")
    account = next(row for row in admin.get("/v1/accounts?limit=200").json()["data"] if row["username"] == "guest")
    path = f"/v1/accounts/{account['id']}"
    for number in range(20):
        here, there = servers[number % 2], servers[1 - number % 2]
        guest = signed_in(there, watch, "guest")
        guest.get("/v1/me")
        boss = here.caller(watch)
        boss.token = admin.token
        for state in ("locked", "active"):
            moved = boss.ask("POST", f"{path}/transitions", {"to": state, "reason": "a hard test"}, {"If-Match": admin.get(path).headers["etag"]})
            if not moved.ok():
                raise RuntimeError(f"{state}: {moved.status} {moved.body[:300]!r}")
            if state == "locked" and guest.get("/v1/me").status != 401:
                late["a locked account"].append(number)
        guest = signed_in(there, watch, "guest")
        if guest.get("/v1/me").status != 200:
            raise RuntimeError("the guest is not in")
        ender = here.caller(watch)
        ender.token = guest.token
        session = next(row["id"] for row in ender.get("/v1/me/sessions").json()["data"] if row.get("current"))
        ended = ender.ask("DELETE", f"/v1/me/sessions/{session}")
        if not ended.ok() or guest.get("/v1/me").status != 401:
            late["an ended session"].append(f"{number}: {ended.status}")
        guest = signed_in(there, watch, "guest")
        guest.get("/v1/me")
        here.caller(watch).form("/v1/auth/revoke", token=guest.token)
        if guest.get("/v1/me").status != 401:
            late["a revoked token"].append(number)
        guest = signed_in(there, watch, "guest")
        guest.get("/v1/me")
        boss.ask("PATCH", path, {"display_name": f"Guest {number}"}, {"If-Match": admin.get(path).headers["etag"]})
        if guest.get("/v1/me").json()["display_name"] != f"Guest {number}":
            late["a changed account"].append(number)
    for what, numbers in late.items():
        verdict.claim(not numbers, f"{what} on one is known on the other from the next request on, 20 of 20 times", numbers)
    verdict.figure("limits", "each process counts its own (docs/guides/operators.md)")
