"""Ten minutes of mixed load: memory at the end within 10 % of minute 2, file descriptors stable, no 5xx but 503, no panic."""

import random
import statistics
import time

from kit.client import Gone
from kit.ledger import Ledger
from kit.load import nuisance, reader
from kit.world import Crew

MINUTES = 10


def run(world):
    verdict = world.verdict
    seconds = world.seconds(MINUTES * 60)
    server = world.server()
    ledger, samples = Ledger("load"), []
    accounts, tokens = server.accounts(), {}

    def someone():
        """A caller with a token that several share, as the tabs of one person do."""
        name = random.choice(("mofa.coordinator", "reader", "moh.focal"))
        caller = server.caller(world.watch)
        age, token = tokens.get(name, (0, None))
        if time.monotonic() - age < 600 and token:
            caller.token = token
        else:
            caller.sign_in(name, accounts[name])
            tokens[name] = (time.monotonic(), caller.token)
        return caller

    def renewing(stop, number):
        """A person who signs in, renews a few times and signs out."""
        caller = server.caller(world.watch)
        while not stop.is_set():
            try:
                name = random.choice(list(accounts))
                given = caller.sign_in(name, accounts[name])
                for _time in range(3):
                    answer = caller.form("/v1/auth/token", grant_type="refresh_token", refresh_token=given["refresh_token"])
                    if answer.status == 200:
                        given = answer.json()
                    stop.wait(0.3)
                caller.form("/v1/auth/revoke", token=given["refresh_token"])
                caller.form("/v1/auth/token", grant_type="password", username=name, password="wrong-" + name)
            except Gone:
                pass
            stop.wait(0.5)

    crew = Crew()
    crew.add(ledger.writer, lambda: world.signed_in(server), False, 0.05, times=3)
    crew.add(reader, someone, 0.005, times=6)
    crew.add(nuisance, lambda: world.signed_in(server), 0.05, times=2)
    crew.add(renewing)
    begun = time.monotonic()
    while (now := time.monotonic() - begun) < seconds and server.alive():
        samples.append((now, server.rss() + (world.lie and now / seconds * 500), server.fds()))
        if len(samples) % 12 == 0:
            verdict.say(f"{samples[-1][1]:.1f} MiB, {samples[-1][2]} descriptors, {sum(world.watch.statuses.values())} answers, {len(ledger.rows)} rows")
        time.sleep(min(5.0, seconds / 60))
    alive = server.alive()
    crew.end()
    early, late = mean(samples, seconds * 0.2, seconds), mean(samples, seconds * 0.98, seconds)
    fds = [count for when, _mib, count in samples if when > seconds * 0.2]
    total = sum(world.watch.statuses.values())
    verdict.figure("answers", f"{total}, {total / seconds:.0f} a second; {world.watch.spread()}")
    verdict.figure("memory", f"{samples[0][1]:.1f} MiB at the start, {early:.1f} after {seconds * 0.2 / 60:.1f} min, {late:.1f} after {seconds / 60:.1f} min")
    verdict.figure("file descriptors", f"{min(fds)} to {max(fds)}")
    verdict.claim(alive, "the process lives all the while")
    verdict.claim(late <= early * 1.10, "memory at the end is within 10 % of that of minute 2", f"{(late / early - 1) * 100:+.1f} %")
    verdict.claim(max(fds) - min(fds) <= 24, "file descriptors are stable", f"{min(fds)} to {max(fds)}")
    verdict.claim(not crew.faults, "every client was answered as it expects", crew.faults)
    checker = world.signed_in(server)
    faults = ledger.check(checker)
    verdict.claim(not faults, f"all {ledger.acknowledged} acknowledged writes are there", faults)
    world.judge(server)


def mean(samples, at, seconds):
    """Memory around a moment: one sample alone would be chance."""
    near = [mib for when, mib, _fds in samples if abs(when - at) <= seconds * 0.02]
    return statistics.mean(near)
