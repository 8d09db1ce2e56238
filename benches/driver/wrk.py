"""Measuring with wrk: one thread is enough to keep two cores busy, 32 connections keep every worker of the service supplied."""

import json
import statistics
import subprocess
from pathlib import Path

from .services import READERS, Failed

SCRIPTS = Path(__file__).resolve().parents[1] / "wrk"


class Load:
    """One way of asking one server."""

    def __init__(self, subject, server, path="/", account=READERS[0], connections=32, headers=None, script="done.lua", arguments=(), port=None):
        self.subject, self.server, self.path, self.account = subject, server, path, account
        self.connections, self.headers, self.script, self.arguments, self.port = connections, headers or {}, script, arguments, port

    def run(self, seconds, number):
        command = ["wrk", "-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPTS / self.script)]
        headers = dict(self.headers)
        if self.account:
            # Accounts take turns, so that none runs into its limit of a million requests a minute.
            account = READERS[number % len(READERS)] if self.account in READERS else self.account
            headers["Authorization"] = f"Bearer {self.server.token(account)}"
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        command += [f"http://127.0.0.1:{self.port or self.server.port}{self.path}"]
        arguments = self.arguments(number) if callable(self.arguments) else self.arguments
        if arguments:
            command += ["--", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"wrk: {done.stderr or done.stdout}")
        found = json.loads(done.stdout.strip().splitlines()[-1])
        if found["refused"] or found["broken"]:
            raise Failed(f"{self.subject}: {found['refused']} answers of 400 or more, {found['broken']} broken connections in {done.stdout}")
        if not found["requests"] and seconds < 60:
            # A machine so busy that not one answer came in time: that is noise.
            return self.run(seconds * 4, number)
        found["rps"] = found["requests"] / (found["micros"] / 1e6)
        return found


class Bench:
    """Takes measurements in turns and keeps them."""

    counter = 0

    def __init__(self, seconds, rounds, writers=64):
        self.seconds, self.rounds, self.writers = seconds, rounds, writers

    def compare(self, *loads, seconds=None, rounds=None):
        """Each in turn, round after round, so that noise hits all of them; the median of each."""
        runs = {load.subject: [] for load in loads}
        for _ in range(rounds or self.rounds):
            for load in loads:
                Bench.counter += 1
                runs[load.subject].append(load.run(seconds or self.seconds, Bench.counter))
        return {subject: median(found) for subject, found in runs.items()}


def median(runs):
    middle = lambda name: statistics.median(run[name] for run in runs)
    return {"rps": round(middle("rps"), 1), "p50_us": middle("p50"), "p99_us": middle("p99"), "max_us": max(run["max"] for run in runs),
            "rounds_rps": [round(run["rps"], 1) for run in runs]}
