"""Writers that remember what was acknowledged, and a check from outside that all of it is there."""

import csv
import io
import random
import threading
import time
import uuid

from .client import Gone

PATH = "/v1/organizations"


class Write:
    """One write on its way: the same key and the same body each time it is sent."""

    def __init__(self, row, method, path, body, if_match=None):
        self.row, self.method, self.path, self.body, self.key = row, method, path, body, uuid.uuid4().hex
        self.headers = {"Idempotency-Key": self.key, **({"If-Match": f'"{if_match}"'} if if_match else {})}
        self.revision = (if_match or 0) + 1
        self.sent = 0


class Row:
    """What was acknowledged of one organization."""

    def __init__(self, code):
        self.code, self.id, self.revision, self.acronym, self.pending, self.last = code, None, 0, None, None, None


class Ledger:
    def __init__(self, prefix, padding=0):
        # At random, so that no engine makes it small.
        self.prefix, self.padding = prefix, "".join(random.choices("ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລວຫອຮ", k=padding // 3))
        self.lock, self.rows, self.sessions = threading.Lock(), [], []
        self.acknowledged = self.replayed = self.carried_out_late = 0
        self.wrong = []

    def new_row(self):
        with self.lock:
            row = Row(f"{self.prefix}-{len(self.rows)}")
            self.rows.append(row)
        return row

    def next_write(self, mine):
        if not mine or random.random() < 0.35:
            mine.append(self.new_row())
            row = mine[-1]
            body = {"kind": "academia", "code": row.code, "acronym": "A1", "name": {"en": f"Hard test {row.code}"}, "country": "LA"}
            if self.padding:
                body["mandate"] = {"lo": self.padding}
            row.pending = Write(row, "POST", PATH, body)
        else:
            row = random.choice(mine)
            body = {"acronym": f"A{row.revision + 1}"}
            if self.padding:
                body["mandate"] = {"lo": self.padding[: -(row.revision % 7 + 1)]}
            row.pending = Write(row, "PATCH", f"{PATH}/{row.id}", body, row.revision)
        return row.pending

    def send(self, caller, write):
        """True when it was acknowledged; false when nobody knows or when it was refused for now."""
        write.sent += 1
        answer = caller.ask(write.method, write.path, write.body, write.headers)
        row, replayed = write.row, "idempotency-replayed" in answer.headers
        if answer.ok():
            body = answer.json()
            with self.lock:
                self.acknowledged += 1
                self.replayed += replayed
                if (body["revision"], body["acronym"]) != (write.revision, write.body["acronym"]):
                    self.wrong.append(f"{row.code}: answered revision {body['revision']}, expected {write.revision}")
                if replayed and write.sent == 1:
                    self.wrong.append(f"{row.code}: the first request was answered as a replay")
            row.id, row.revision, row.acronym, row.pending, row.last = body["id"], body["revision"], body["acronym"], None, (write, answer.body)
            return True
        if answer.status == 401:
            raise PermissionError(answer.code())
        if answer.status not in (429, 503):
            self.wrong.append(f"{write.method} {row.code}, sent {write.sent} times: {answer.status} {answer.body[:200]!r}")
            row.pending = None
        return False

    def writer(self, stop, number, new_caller, give_up=False, pause=0.0):
        """Writes on and on. What was not acknowledged is sent again with the same key, unless `give_up`: then that is left to the check."""
        caller, mine, waiting = new_caller(), [], None
        while not stop.is_set():
            write = waiting or self.next_write(mine)
            try:
                waiting = None if self.send(caller, write) else write
            except Gone:
                waiting = write
            except PermissionError:
                waiting, caller = write, new_caller()
            if waiting is None and write.row.id is None:
                mine.remove(write.row)
            if waiting and give_up:
                return
            if waiting:
                stop.wait(0.2)
            elif pause:
                stop.wait(pause)

    def signer(self, stop, number, server, watch, accounts):
        """Signs in now and then, and remembers what was given."""
        names = list(accounts)
        caller = server.caller(watch)
        while not stop.is_set():
            name = random.choice(names)
            try:
                answer = caller.form("/v1/auth/token", grant_type="password", username=name, password=accounts[name])
                if answer.status == 200:
                    self.sessions.append((name, answer.json()))
                elif answer.status not in (429, 503):
                    self.wrong.append(f"sign-in of {name}: {answer.status} {answer.body[:200]!r}")
            except Gone:
                if server.process.poll() is not None:
                    return
            stop.wait(0.3)

    def lie(self):
        """Claims that a write was acknowledged which never was."""
        row = self.new_row()
        row.id, row.revision, row.acronym = str(uuid.uuid4()), 1, "A1"

    def check(self, caller):
        """Holds the whole record against what was acknowledged; the faults found."""
        faults, self.wrong = self.wrong, []
        stored = self.read_all(caller)
        for row in self.rows:
            seen = stored.pop(row.code, None)
            known = (row.id, row.revision, row.acronym) if row.revision else None
            allowed = [known]
            if row.pending:
                allowed.append((row.id or (seen or [None])[0], row.pending.revision, row.pending.body["acronym"]))
            if seen not in allowed:
                faults.append(f"{row.code}: stored {seen}, acknowledged {known}" + (f", on its way {allowed[1]}" if row.pending else ""))
        faults += [f"{code}: nobody sent it, or its write was refused" for code in stored]
        for row in [row for row in self.rows if row.pending]:
            faults += self.settle(caller, row, stored)
        for row in random.sample(self.rows, min(10, len(self.rows))):
            faults += self.look_closely(caller, row)
        return faults

    def read_all(self, caller):
        answer = caller.get_surely(f"{PATH}?format=csv&kind=academia&archived=include")
        if answer.status != 200:
            raise RuntimeError(f"the list cannot be read: {answer.status} {answer.body[:300]!r}")
        rows = csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")))
        mine = (row for row in rows if row["code"].startswith(f"{self.prefix}-"))
        return {row["code"]: (row["id"], int(row["revision"]), row["acronym"]) for row in mine}

    def settle(self, caller, row, _stored):
        """Sends a write of unknown fate again: a replay when it was carried out, carried out once when it was not."""
        write = row.pending
        before = self.read_one(caller, row.code)
        was_there = before is not None and before["revision"] == write.revision
        replayed = self.replayed
        for _attempt in range(20):
            if self.send(caller, write):
                break
            if row.pending is None:
                return [f"{row.code}: the retry with its Idempotency-Key was refused: {self.wrong.pop()}"]
            time.sleep(0.3)
        else:
            return [f"{row.code}: no retry was answered"]
        faults = self.look_closely(caller, row)
        if (self.replayed > replayed) != was_there:
            faults.append(f"{row.code}: was {'' if was_there else 'not '}there, and the retry was {'a replay' if self.replayed > replayed else 'fresh'}")
        self.carried_out_late += not was_there
        return faults

    def read_one(self, caller, code):
        found = caller.get_surely(f"{PATH}?code={code}").json()["data"]
        return found[0] if found else None

    def look_closely(self, caller, row):
        """Row and history say the same, and the kept answer is given again to the letter."""
        if not row.revision:
            return []
        faults = []
        one = caller.get_surely(f"{PATH}/{row.id}")
        if one.status != 200 or one.json()["revision"] != row.revision or one.headers["etag"] != f'"{row.revision}"':
            return [f"{row.code}: read alone it is {one.status} {one.headers.get('etag')}, acknowledged was revision {row.revision}"]
        history = caller.get_surely(f"{PATH}/{row.id}/history?limit=200").json()["data"]
        if len(history) < 200 and sorted(entry["revision"] for entry in history) != list(range(1, row.revision + 1)):
            faults.append(f"{row.code}: revision {row.revision}, history {[entry['revision'] for entry in history]}")
        if row.last:
            write, body = row.last
            for _attempt in range(20):
                again = caller.ask(write.method, write.path, write.body, write.headers)
                if again.status not in (429, 503):
                    break
                time.sleep(0.3)
            if again.body != body or "idempotency-replayed" not in again.headers:
                faults.append(f"{row.code}: the key of an acknowledged write gave {again.status} {again.body[:200]!r} and no replay")
        return faults

    def check_sessions(self, server, watch):
        """Whoever was let in is still in, and can renew."""
        faults, sessions, self.sessions = [], self.sessions, []
        caller = server.caller(watch)
        for name, given in sessions:
            me = caller.get_surely("/v1/me", token=given["access_token"])
            if me.status != 200:
                faults.append(f"{name}: a token that was given gets {me.status} {me.code()}")
            again = caller.form("/v1/auth/token", grant_type="refresh_token", refresh_token=given["refresh_token"])
            if again.status != 200:
                faults.append(f"{name}: a refresh token that was given gets {again.status} {again.body[:200]!r}")
        return len(sessions), faults
