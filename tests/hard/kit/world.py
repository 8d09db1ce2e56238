"""What every test begins with: an engine, a server on it, and people signed in."""

import threading
import time

from .client import Gone, Watch
from .postgres import Postgres
from .server import Server


class World:
    def __init__(self, engine, binary, place, verdict, seconds, lie):
        self.engine, self.binary, self.place, self.verdict, self.asked_seconds, self.lie = engine, binary, place, verdict, seconds, lie
        self.postgres, self.watch = None, Watch()

    def seconds(self, default):
        return self.asked_seconds or default

    def database(self, **how):
        """The address of an empty database; none on SQLite."""
        if self.engine == "sqlite":
            return None
        self.postgres = Postgres(self.place, **how)
        self.postgres.start()
        return self.postgres.create()

    def server(self, env=None, **how):
        """A server with demo accounts that is ready."""
        server = Server(self.place, self.binary, url=self.database(), env=env, **how)
        took = server.start()
        self.verdict.say(f"{self.engine}: ready after {took:.2f} s, {server.rss():.0f} MiB")
        return server

    def signed_in(self, server, username="mofa.coordinator", watch=None, timeout=30):
        caller = server.caller(watch or self.watch, timeout)
        caller.sign_in(username, server.accounts()[username])
        return caller

    def judge(self, server, watch=None, verify=True):
        """What must hold of every test."""
        watch = watch or self.watch
        if self.lie:
            watch.bad.append("a lie: GET /nowhere: 500")
        self.verdict.figure("answers", watch)
        self.verdict.claim(not watch.bad, "no 5xx but 503, and every 503 with Retry-After", watch.bad)
        broken = server.broken_lines()
        self.verdict.claim(not broken, "no panic and no error in the log", broken)
        if verify:
            whole, lines = server.verify()
            self.verdict.claim(whole, "audit verify --bodies finds the chain whole", lines[:3])


class Crew:
    """Threads that work until they are told to stop; what breaks in one is not lost."""

    def __init__(self):
        self.stop, self.threads, self.faults = threading.Event(), [], []

    def add(self, work, *arguments, times=1):
        for number in range(times):
            thread = threading.Thread(target=self.guarded, args=(work, number, arguments), daemon=True)
            self.threads.append(thread)
            thread.start()
        return self

    def guarded(self, work, number, arguments):
        try:
            work(self.stop, number, *arguments)
        except Exception as error:  # noqa: BLE001: told by the verdict
            self.faults.append(f"{getattr(work, '__name__', work)}: {error!r}")

    def end(self, patience=90):
        self.stop.set()
        until = time.monotonic() + patience
        for thread in self.threads:
            thread.join(max(0.1, until - time.monotonic()))
        if any(thread.is_alive() for thread in self.threads):
            self.faults.append("a client did not end")


def every(stop, seconds, work):
    """Does it again and again, losing nothing but answers."""
    while not stop.is_set():
        try:
            work()
        except Gone:
            pass
        stop.wait(seconds)
