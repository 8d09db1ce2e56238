"""The clock set back by an hour and by a day under the running process: nobody is locked out, the order of changes stands, the chain is whole.

With libfaketime (Debian: `apt-get install faketime`): no other way moves the clock of one process.
"""

import calendar
import glob
import time

from kit.ledger import Ledger
from kit.verdict import NotRun

# What the clock says, in seconds beside the truth: there and back.
STEPS = [-3600, 0, -86400, 0]
# Every token and every bucket is good again after this.
BACK_WITHIN = 15.0
LIMIT = 60


def library():
    found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1") + glob.glob("/usr/lib*/faketime/libfaketimeMT.so.1")
    if not found:
        raise NotRun("libfaketime is not installed: apt-get install faketime")
    return found[0]


def run(world):
    verdict, offset = world.verdict, world.place.folder / "offset"
    offset.write_text("+0")
    env = {
        "LD_PRELOAD": library(),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "GCM_RATE_LIMIT_PER_MINUTE": str(LIMIT),
        "GCM_SIGN_IN_LIMIT_PER_ACCOUNT": "10",
    }
    server = world.server(env=env)
    # Moved only while it serves; commands beside it have the true time.
    server.env.pop("LD_PRELOAD")
    ledger, accounts = Ledger("clock"), server.accounts()
    for step, seconds in enumerate(STEPS):
        name = f"{seconds:+} s" if seconds else "the truth again"
        verdict.say(f"the clock goes to {name}")
        people = {who: world.signed_in(server, who) for who in ("mofa.coordinator", "reader")}
        given = server.caller(world.watch).sign_in("moh.focal", accounts["moh.focal"])
        before = probe(people["mofa.coordinator"], ledger)
        use_up(people["reader"])
        offset.write_text(f"{seconds:+}" if seconds or not world.lie else "+7200")
        if step and STEPS[step - 1] == -86400:
            # Answers are kept for a day by the clock: those of that day are a day old now.
            for row in ledger.rows:
                row.last = None
        old = people["mofa.coordinator"].get_surely("/v1/me")
        # A token from the future is not valid yet; one of before the jump ahead has expired; either way the client renews it.
        verdict.claim(old.status in (200, 401), f"{name}: a token of before is taken or refused with 401", f"{old.status} {old.code()}")
        renewed, waited = patiently(lambda: server.caller(world.watch).form("/v1/auth/token", grant_type="refresh_token", refresh_token=given["refresh_token"]))
        verdict.claim(renewed.status == 200 and waited < BACK_WITHIN, f"{name}: a session of before is renewed", f"{renewed} after {waited:.2f} s")
        fresh = world.signed_in(server, "mofa.coordinator")
        me, waited = patiently(lambda: fresh.get("/v1/me"))
        verdict.claim(me.status == 200 and waited < BACK_WITHIN, f"{name}: who signs in anew is in", f"{me} after {waited:.2f} s")
        took = until_let_in(world, server, "reader")
        verdict.claim(took is not None and took < BACK_WITHIN, f"{name}: whoever had used up the requests of a minute is let in within {BACK_WITHIN:.0f} s", f"{took} s")
        wrong = [server.caller(world.watch).form("/v1/auth/token", grant_type="password", username="moj.focal", password="wrong-wrong").status for _time in range(3)]
        right, waited = patiently(lambda: server.caller(world.watch).form("/v1/auth/token", grant_type="password", username="moj.focal", password=accounts["moj.focal"]))
        verdict.claim(right.status == 200 and waited < BACK_WITHIN, f"{name}: after three wrong passwords the right one lets in", f"{wrong}, then {right} after {waited:.2f} s")
        after = probe(fresh, ledger)
        verdict.claim(after > before, f"{name}: the numbers of changes go on", f"{before}, then {after}")
        retry = ledger.look_closely(fresh, ledger.rows[0])
        verdict.claim(not retry, f"{name}: a kept answer is given again, and history is whole", retry)
        listed = fresh.get_surely("/v1/organizations?q=Hard%20test&limit=200&sort=-updated_at")
        verdict.claim(listed.status in (200, 400) and server.status("/health/ready") == 200, f"{name}: lists and health answer", listed.status)
        if step % 2:
            shown = shown_clock(fresh, ledger)
            verdict.claim(abs(shown) < 60, f"{name}: a new row bears the true time", f"{shown:+.0f} s beside it")
        else:
            shown = shown_clock(fresh, ledger)
            verdict.claim(abs(shown - seconds) < 60, f"{name}: a new row bears the time of the clock (so the clock did go back)", f"{shown:+.0f} s beside the truth")
    faults = ledger.check(world.signed_in(server, "mofa.coordinator"))
    verdict.claim(not faults, f"all {ledger.acknowledged} acknowledged writes are there", faults)
    server.kill()
    offset.write_text("-86400")
    server.env["LD_PRELOAD"] = env["LD_PRELOAD"]
    verdict.claim(server.start() < 30, "it starts with a clock that is a day behind its own record")
    world.signed_in(server, "mofa.coordinator")
    server.env.pop("LD_PRELOAD")
    world.judge(server)


def probe(caller, ledger):
    """A write of each kind; the number of the last change."""
    mine = [row for row in ledger.rows if row.id]
    for _time in range(3):
        write_patiently(caller, ledger, mine)
    head = caller.get_surely("/v1/audit/head")
    if head.status == 403:
        return ledger.acknowledged
    return int(head.json()["seq"])


def shown_clock(caller, ledger):
    """How far the time in a new row is from the truth."""
    mine = []
    write_patiently(caller, ledger, mine)
    text = caller.get_surely(f"/v1/organizations/{mine[0].id}").json()["updated_at"]
    stamp = time.strptime(text[:19] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
    return calendar.timegm(stamp) - time.time()


def write_patiently(caller, ledger, mine):
    write, until = ledger.next_write(mine), time.monotonic() + 30
    while not ledger.send(caller, write):
        if time.monotonic() > until or write.row.pending is None:
            raise RuntimeError(f"a write was refused for 30 s: {ledger.wrong}")
        time.sleep(0.2)


def patiently(ask):
    """Asks until the answer is no 429; the answer and how long it took."""
    begun = time.monotonic()
    while (answer := ask()).status == 429 and time.monotonic() < begun + 60:
        time.sleep(0.2)
    return answer, time.monotonic() - begun


def use_up(caller):
    for _time in range(LIMIT * 2):
        if caller.get("/v1/me").status == 429:
            return
    raise RuntimeError("the limit was never reached")


def until_let_in(world, server, name):
    caller, begun = world.signed_in(server, name), time.monotonic()
    while time.monotonic() < begun + 60:
        if caller.get("/v1/me").status == 200:
            return round(time.monotonic() - begun, 2)
        time.sleep(0.25)
    return None
