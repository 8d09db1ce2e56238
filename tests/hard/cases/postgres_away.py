"""PostgreSQL stopped, killed and frozen under load, and away at the start: only 503 with Retry-After, and recovery by itself.

Meanwhile /health/ready is 503 and /health/live 200, and nothing that was acknowledged is lost.
"""

import threading
import time

from kit.client import Gone, Watch
from kit.ledger import Ledger
from kit.load import reader
from kit.server import Server
from kit.world import Crew

# How PostgreSQL goes, and for how long it is away.
OUTAGES = [("fast", 3), ("immediate", 3), ("kill", 3), ("fast", 20), ("freeze", 4), ("freeze", 25), ("immediate", 1), ("fast", 0)]
RECOVERED_WITHIN = 10.0
LIVE_WITHIN = 2.0
# GCM_REQUEST_TIMEOUT_SECONDS is 15: whoever asks into a frozen database is told so after that.
ANSWERED_WITHIN = 20.0


class Health:
    """Asks both health checks again and again, each on a connection of its own."""

    def __init__(self, server):
        self.server, self.seen = server, {"/health/live": [], "/health/ready": []}

    def ask(self, stop, number, path):
        caller = self.server.caller(Watch(), 30)
        while not stop.is_set():
            began = time.monotonic()
            try:
                status = caller.get(path).status
            except Gone:
                status = 0
            self.seen[path].append((began, time.monotonic(), status))
            stop.wait(0.1)

    def between(self, path, since, until):
        return [(began, ended, status) for began, ended, status in self.seen[path] if since <= began and ended <= until]


def run(world):
    verdict = world.verdict
    server = world.server()
    ledger, health, read_watch = Ledger("away"), Health(server), Watch()
    crew = Crew()
    crew.add(ledger.writer, lambda: world.signed_in(server), False, 0.02, times=4)
    crew.add(reader, lambda: world.signed_in(server, "reader", read_watch), 0.02, times=4)
    crew.add(ledger.signer, server, world.watch, server.accounts())
    crew.add(health.ask, "/health/live").add(health.ask, "/health/ready")
    time.sleep(2)
    recoveries, not_ready, dead = [], [], []
    for how, seconds in OUTAGES:
        recoveries.append(outage(world, server, ledger, read_watch, health, how, seconds, not_ready, dead))
        time.sleep(2)
    crew.end()
    if world.lie:
        ledger.lie()
    faults = crew.faults + ledger.check(world.signed_in(server)) + ledger.wrong
    count, lost = ledger.check_sessions(server, world.watch)
    late = [text for text, took in recoveries if took is None or took > RECOVERED_WITHIN]
    verdict.claim(not late, f"reads, writes and /health/ready are back within {RECOVERED_WITHIN:.0f} s of PostgreSQL's return, without a restart", late)
    verdict.claim(not not_ready, "/health/ready is 503 while PostgreSQL is away", not_ready)
    verdict.claim(not dead, f"/health/live is 200 within {LIVE_WITHIN:.0f} s all the while", dead)
    verdict.claim(ledger.acknowledged > 100, "enough was written", ledger.acknowledged)
    verdict.claim(not faults, f"all {ledger.acknowledged} acknowledged writes are there ({ledger.replayed} were answered by a replay), nothing else is", faults)
    verdict.claim(not lost, f"all {count} sessions that were given are open, and can be renewed", lost)
    verdict.figure("answers to readers", f"{read_watch}; {read_watch.spread()}")
    verdict.claim(not read_watch.bad, "readers got no 5xx but 503, and every 503 with Retry-After", read_watch.bad)
    slowest = max(read_watch.slowest, world.watch.slowest)
    verdict.claim(slowest <= ANSWERED_WITHIN, f"nobody waits longer than {ANSWERED_WITHIN:.0f} s for an answer (the request timeout is 15 s)", f"{slowest:.1f} s at most")
    world.judge(server)
    server.kill()
    away_at_start(world, server, "a database that has its tables")
    world.postgres.sql("CREATE DATABASE empty")
    away_at_start(world, Server(world.place, world.binary, name="fresh", url=world.postgres.url("empty"), demo=False), "an empty database")


def outage(world, server, ledger, read_watch, health, how, seconds, not_ready, dead):
    """One time without PostgreSQL; what it was and how long everything took to be back, counted from when it answered again."""
    postgres, left = world.postgres, time.monotonic()
    if how == "freeze":
        postgres.freeze()
    else:
        postgres.stop(how)
    gone = time.monotonic()
    time.sleep(seconds)
    if how == "freeze":
        postgres.resume()
        returning = time.monotonic()
    else:
        returning = time.monotonic()
        postgres.start()
    back = time.monotonic()
    done = {"reads": [], "writes": []}
    threads = [threading.Thread(target=until_done, args=(done["reads"], lambda: read_watch.statuses[200] + read_watch.statuses[304]))]
    threads.append(threading.Thread(target=until_done, args=(done["writes"], lambda: ledger.acknowledged)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ready = wait_for_ready(health, back)
    took = {name: ends[0] - back if ends else None for name, ends in done.items()} | {"ready": ready and max(0.0, ready - back)}
    text = f"{how}, away for {back - gone:.1f} s: " + ", ".join(f"{name} back after {'60 s: not at all' if took is None else f'{took:.2f} s'}" for name, took in took.items())
    world.verdict.say(text)
    # The first moment is for noticing; whoever asks into a frozen database waits.
    ready_meanwhile = health.between("/health/ready", gone + (0.5 if how != "freeze" else 0), returning)
    not_ready += [f"{how}: {status}" for _began, _ended, status in ready_meanwhile if status != 503]
    live = health.between("/health/live", left, time.monotonic())
    dead += [f"{how}: {status} after {ended - began:.1f} s" for began, ended, status in live if status != 200 or ended - began > LIVE_WITHIN]
    if not live:
        dead.append(f"{how}: no answer at all")
    return text, None if None in took.values() else max(took.values())


def until_done(ends, count):
    """Waits for five more of something."""
    before, until = count(), time.monotonic() + 60
    while time.monotonic() < until:
        if count() >= before + 5:
            ends.append(time.monotonic())
            return
        time.sleep(0.02)


def wait_for_ready(health, since):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if good := [ended for _began, ended, status in health.seen["/health/ready"] if ended > since and status == 200]:
            return good[0]
        time.sleep(0.05)
    return None


def away_at_start(world, server, what):
    verdict = world.verdict
    world.postgres.stop("fast")
    server.start(wait=None)
    statuses, until = [], time.monotonic() + 12
    while server.alive() and time.monotonic() < until:
        statuses.append((server.status("/health/live"), server.status("/health/ready"), server.status("/v1/instance"), server.status("/v1/organizations")))
        time.sleep(0.5)
    if not server.alive():
        verdict.claim(False, f"with PostgreSQL away at the start ({what}) the API waits for it", f"it ended with {server.process.returncode}: {server.words()[-200:].strip()}")
        world.postgres.start()
        return
    listening = [one for one in statuses if any(one)]
    # A request with no token is 401 when it need not ask the database, else 503.
    fine = listening and all(live == 200 and ready == 503 and instance in (200, 503) and refused in (401, 503) for live, ready, instance, refused in listening[1:])
    verdict.claim(bool(fine), f"with PostgreSQL away at the start ({what}) it says so: live 200, ready 503, else 503 or what needs no database", sorted(set(listening)))
    world.postgres.start()
    back, until = time.monotonic(), time.monotonic() + 30
    while server.status("/health/ready") != 200 and time.monotonic() < until and server.alive():
        time.sleep(0.05)
    took = time.monotonic() - back
    verdict.claim(took < RECOVERED_WITHIN and server.alive(), f"and is ready within {RECOVERED_WITHIN:.0f} s of its return ({what})", f"{took:.2f} s")
    server.kill()
