"""500 connections at once, each signed in, reading and some writing, beside 500 idle ones: no 5xx but 503, health answers meanwhile."""

import random
import socket
import time

from kit.client import Gone, Watch
from kit.ledger import Ledger
from kit.load import LISTS
from kit.world import Crew

ACTIVE, WRITING, IDLE = 500, 50, 500
ANSWERED_WITHIN = 20.0
HEALTH_WITHIN = 5.0


def run(world):
    verdict, seconds = world.verdict, world.seconds(60)
    server = world.server()
    verdict.figure("before", f"{server.rss():.0f} MiB, {server.fds()} descriptors")
    before, sign_ins, work, live, health, ready = server.fds(), Watch(), Watch(), Watch(), Watch(), []
    accounts, ledger, closed = list(server.accounts().items()), Ledger("many"), []

    def active(stop, number):
        caller = server.caller(sign_ins, 60)
        caller.sign_in(*accounts[number % len(accounts)], patience=240)
        ready.append(number)
        caller.watch = work
        while not stop.is_set():
            try:
                caller.get(random.choice(LISTS))
            except Gone as error:
                closed.append(str(error))
            stop.wait(random.uniform(0.5, 1.5))

    def writing_caller():
        caller = world.signed_in(server, "mofa.coordinator", sign_ins, 60)
        caller.watch = work
        return caller

    crew = Crew()
    idle = Idle(server)
    crew.add(idle.hold, times=IDLE)
    crew.add(watch_health, server, "/health/live", live).add(watch_health, server, "/health/ready", health)
    crew.add(active, times=ACTIVE - WRITING)
    begun = time.monotonic()
    while len(ready) < ACTIVE - WRITING and not crew.faults and time.monotonic() - begun < 300:
        time.sleep(0.1)
    verdict.say(f"{len(ready)} signed in after {time.monotonic() - begun:.1f} s (each with a password): {sign_ins}")
    crew.add(ledger.writer, writing_caller, False, 1.0, times=WRITING)
    time.sleep(5)
    work.times.clear()
    work.slowest = 0.0
    most_fds, most_rss, begun, count = 0, 0.0, time.monotonic(), sum(work.statuses.values())
    while time.monotonic() - begun < seconds and server.alive():
        most_fds, most_rss = max(most_fds, server.fds()), max(most_rss, server.rss())
        time.sleep(1)
    rate = (sum(work.statuses.values()) - count) / (time.monotonic() - begun)
    alive = server.alive()
    crew.end()
    verdict.figure("answers to the 500", f"{work}; {rate:.0f} a second; {work.spread()}")
    verdict.figure("at most", f"{most_rss:.0f} MiB, {most_fds} descriptors; idle connections closed by the server {idle.closed} times")
    verdict.claim(alive and not crew.faults, "the process lives, and every client was answered as it expects", crew.faults)
    verdict.claim(most_fds - before >= ACTIVE + IDLE * 0.5, "the connections were there at once", f"{most_fds} descriptors")
    verdict.claim(work.slowest <= ANSWERED_WITHIN, f"nobody waits longer than {ANSWERED_WITHIN:.0f} s for an answer", f"{work.slowest:.1f} s")
    share = work.statuses[503] / max(1, sum(work.statuses.values()))
    verdict.claim(share < 0.05, "fewer than 5 % are sent away with 503", f"{share * 100:.2f} %")
    verdict.claim(set(live.statuses) == {200} and live.slowest < HEALTH_WITHIN and not live.gone, f"/health/live is 200 within {HEALTH_WITHIN:.0f} s all the while", f"{live}; {live.spread()}")
    verdict.claim(set(health.statuses) <= {200, 503} and health.slowest < 2 * HEALTH_WITHIN and not health.gone, f"/health/ready is answered within {2 * HEALTH_WITHIN:.0f} s all the while", f"{health}; {health.spread()}")
    for watch, what in ((sign_ins, "sign-ins"), (work, "work")):
        verdict.claim(not watch.bad, f"no 5xx but 503 for {what}, and every 503 with Retry-After", watch.bad)
    verdict.claim(not closed, "no connection is cut in the middle of a request", closed)
    time.sleep(8)
    verdict.claim(server.fds() <= before + 40, "descriptors come back", f"{before} before, {server.fds()} after")
    faults = ledger.check(world.signed_in(server))
    verdict.claim(not faults, f"all {ledger.acknowledged} acknowledged writes are there", faults)
    world.judge(server)


class Idle:
    """Connections that say nothing; who is cut off comes again."""

    def __init__(self, server):
        self.server, self.closed = server, 0

    def hold(self, stop, number):
        while not stop.is_set():
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as link:
                if number % 2:
                    link.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                    link.recv(4096)
                link.settimeout(0.5)
                while not stop.is_set():
                    try:
                        if not link.recv(4096):
                            break
                    except TimeoutError:
                        continue
                    except OSError:
                        break
                self.closed += not stop.is_set()


def watch_health(stop, number, server, path, health):
    while not stop.is_set():
        try:
            caller = server.caller(health, 30)
            caller.get(path)
            caller.close()
        except Gone:
            pass
        stop.wait(0.2)
