"""A PostgreSQL of our own, with fsync on, that can be stopped, killed and frozen."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

from .place import children, end, free_port, unprivileged
from .verdict import NotRun

STOPS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill": signal.SIGKILL}


def programs():
    with contextlib.suppress(OSError):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()
        if told and pathlib.Path(told, "initdb").exists():
            return pathlib.Path(told)
    for place in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (place / "initdb").exists():
            return place
    raise NotRun("this machine has no initdb: install the package postgresql")


class Postgres:
    def __init__(self, place, folder=None, settings=(), initdb=()):
        self.place, self.bin, self.user = place, programs(), unprivileged()
        self.home = place.make("pg")
        self.data = (folder or self.home) / "data"
        self.port, self.settings, self.process = free_port(), list(settings), None
        self.log = place.folder / "postgres.log"
        for path in {self.home, self.data.parent}:
            if self.user:
                os.chown(path, *self.user)
        made = self.run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", *initdb, "-D", self.data)
        if made.returncode != 0:
            raise NotRun(f"initdb failed: {made.stderr.strip()}")
        place.callback(self.away)

    def as_user(self):
        return {"user": self.user[0], "group": self.user[1], "extra_groups": []} if self.user else {}

    def run(self, program, *arguments, timeout=60):
        command = [self.bin / program, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=timeout, **self.as_user())

    def start(self, patience=30):
        """Starts it and waits until it answers; how long that took."""
        begun = time.monotonic()
        while time.monotonic() < begun + patience:
            if self.process is None or self.process.poll() is not None:
                # After kill -9 the old shared memory must be let go of first: then this is tried again.
                with self.log.open("ab") as log:
                    options = ["-c", "fsync=on", "-c", "max_connections=100", *(f"-c{one}" for one in self.settings)]
                    command = [self.bin / "postgres", "-D", self.data, "-k", self.home, "-p", str(self.port), "-c", "listen_addresses=127.0.0.1"]
                    self.process = subprocess.Popen(
                        command + options, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", process_group=0, **self.as_user()
                    )
            if self.answers():
                return time.monotonic() - begun
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL does not start: {self.log.read_text()[-2000:]}")

    def answers(self):
        return self.run("pg_isready", "-q", "-h", self.home, "-p", str(self.port)).returncode == 0

    def stop(self, how):
        """Sends the signal and waits for the end; how long that took."""
        begun = time.monotonic()
        self.process.send_signal(STOPS[how])
        self.process.wait(60)
        return time.monotonic() - begun

    def away(self):
        if self.process:
            self.resume()
            end(self.process, signal.SIGQUIT)

    def backends(self):
        return children(self.process.pid)

    def freeze(self):
        """Nothing of it moves any more, and no connection is closed."""
        for pid in [self.process.pid, *self.backends()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in [self.process.pid, *self.backends()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def sql(self, statement, database="postgres", timeout=60):
        ran = self.run("psql", "-X", "-At", "-h", self.home, "-p", str(self.port), "-U", "postgres", "-d", database, "-c", statement, timeout=timeout)
        if ran.returncode != 0:
            raise RuntimeError(f"{statement}: {ran.stderr.strip()}")
        return [line.split("|") for line in ran.stdout.splitlines()]

    def create(self, database="gcm"):
        self.sql(f"CREATE DATABASE {database}")
        return self.url(database)

    def url(self, database="gcm"):
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def forget(self):
        self.away()
        shutil.rmtree(self.data, ignore_errors=True)
