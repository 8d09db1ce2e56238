"""kill -9 in the middle of writes, 20 times: what was acknowledged is there, what was not is whole or absent, a retry is carried out once.

On PostgreSQL every third round kills the postmaster, too, and every third one connection's process beside it, under which the API lives on.
"""

import contextlib
import os
import random
import signal
import time

from kit.ledger import Ledger
from kit.world import Crew

ROUNDS, WRITERS = 20, 8


def run(world):
    verdict = world.verdict
    server = world.server()
    ledger, accounts = Ledger("kill"), server.accounts()
    faults, session_faults, sessions, chains, unknown, restarts, slowest = [], [], 0, [], 0, 0, 0.0
    for number in range(1, ROUNDS + 1):
        crew = Crew()
        begun = ledger.acknowledged
        crew.add(ledger.writer, lambda: world.signed_in(server), True, times=WRITERS)
        crew.add(ledger.signer, server, world.watch, accounts)
        time.sleep(random.uniform(1.0, 3.0))
        how = strike(world, server, number)
        crew.stop.set()
        time.sleep(0.2)
        server.kill()
        crew.end()
        faults += [fault for fault in crew.faults if "sign in" not in fault and "Gone" not in fault]
        if world.postgres:
            world.postgres.start()
        if number % 2 and not world.postgres:
            chains += verified(server)
        took = server.start()
        restarts, slowest = restarts + 1, max(slowest, took)
        pending = sum(1 for row in ledger.rows if row.pending)
        unknown += pending
        if world.lie and number == 2:
            ledger.lie()
        reader = world.signed_in(server)
        found = ledger.check(reader)
        count, lost = ledger.check_sessions(server, world.watch)
        sessions, session_faults = sessions + count, session_faults + lost
        chains += verified(server)
        faults += found
        ended = f"{ledger.acknowledged - begun} acknowledged, {pending} of unknown fate, {count} sessions, ready after {took:.2f} s"
        verdict.say(f"round {number:2} ({how}): {ended}, {len(found) + len(lost)} faults")
    verdict.figure("acknowledged writes", ledger.acknowledged)
    verdict.figure("of unknown fate", f"{unknown}; not carried out before the retry: {ledger.carried_out_late}; replayed: {ledger.replayed}")
    verdict.figure("ready again", f"at the slowest after {slowest:.2f} s, {restarts} times")
    verdict.claim(ledger.acknowledged > 20 * ROUNDS and unknown > 0, "enough was written, and some of it was cut off", ledger.acknowledged)
    verdict.claim(not faults, "everything acknowledged is there, the rest wholly or not at all, and a retry is carried out once", faults)
    verdict.claim(not session_faults, f"all {sessions} sessions that were given are open, and can be renewed", session_faults)
    verdict.claim(not chains, "audit verify --bodies found the chain whole after each kill", chains)
    world.judge(server)


def strike(world, server, number):
    if world.postgres and number % 3 == 0:
        world.postgres.stop(random.choice(["immediate", "kill"]))
        time.sleep(random.uniform(0, 0.5))
        server.kill()
        return "PostgreSQL, then the API"
    if world.postgres and number % 3 == 1:
        backends = world.postgres.sql("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'gcm-api%' ORDER BY random() LIMIT 1")
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(int(backends[0][0]), signal.SIGKILL)
        time.sleep(random.uniform(0, 0.5))
        server.kill()
        return "a backend, then the API"
    server.kill()
    return "the API"


def verified(server):
    whole, lines = server.verify()
    return [] if whole else [" ".join(lines)]
