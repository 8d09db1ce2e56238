"""What runs: the programs, PostgreSQL, and the servers that are measured."""

import base64
import http.client
import json
import os
import pwd
import shutil
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "Correct-horse-battery-91-staple"
READERS = [f"bench-reader-{number}" for number in range(6)]
COORDINATOR = "bench-coordinator"


class Failed(Exception):
    """What cannot be noise."""


class Programs:
    """Which build is measured. The release, but in the short form: its figures mean nothing, and a gate has built the other one already."""

    profile = "release"

    def __truediv__(self, name):
        return ROOT / "target" / ("debug" if self.profile == "dev" else self.profile) / name

    def build(self):
        # Line tables cost nothing at run time, and let `perf` name lines.
        env = dict(os.environ, CARGO_PROFILE_RELEASE_DEBUG="line-tables-only")
        subprocess.run(["cargo", "build", "--profile", self.profile, "--locked", "-p", "gcm-api", "-p", "gcm-bench"], cwd=ROOT, env=env, check=True)


BUILT = Programs()


class Disk:
    """The disk as it is, or one on which every sync takes longer; `strace` holds each up, and stops a process at nothing else."""

    milliseconds = 0

    def slow(self, command):
        if not self.milliseconds:
            return command
        held = f"inject=fsync,fdatasync:delay_exit={self.milliseconds * 1000}"
        return ["strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", held, *command]


DISK = Disk()


def environment(settings):
    """The environment of a server: nothing of ours that the caller happens to have set."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GCM_") and name != "DATABASE_URL"}
    return clean | settings


def knows(setting):
    """Whether the service has this setting: one that it does not know ends it with code 2."""
    env = environment({setting: "0", "GCM_DATA_DIR": "/nonexistent"})
    done = subprocess.run([BUILT / "gcm-api", "account", "list"], env=env, cwd="/", capture_output=True)
    return done.returncode != 2


class Postgres:
    """A cluster of its own with the defaults of the package: fsync, synchronous_commit and shared_buffers as they come."""

    def __init__(self, folder):
        places = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        if not places:
            raise Failed("PostgreSQL is not installed")
        self.programs, self.folder = places[-1].parent, folder
        self.user = "postgres" if os.getuid() == 0 else None
        if not (folder / "PG_VERSION").exists():
            folder.mkdir(parents=True, exist_ok=True)
            if self.user:
                owner = pwd.getpwnam(self.user)
                os.chown(folder, owner.pw_uid, owner.pw_gid)
            self.run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D", folder)
        command = [self.programs / "postgres", "-D", folder, "-k", folder, "-c", "listen_addresses="]
        self.process = subprocess.Popen(DISK.slow(command), stdout=open("/dev/null", "w"), stderr=subprocess.STDOUT, cwd="/", **self.as_user())
        for _ in range(400):
            if subprocess.run([self.programs / "pg_isready", "-q", "-h", folder]).returncode == 0:
                return
            time.sleep(0.05)
        raise Failed("PostgreSQL did not start")

    def as_user(self):
        return {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}

    def run(self, program, *arguments):
        subprocess.run([self.programs / program, *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL, **self.as_user())

    def sql(self, statement, database="postgres"):
        self.run("psql", "-q", "-h", self.folder, "-U", "postgres", "-d", database, "-c", statement)

    def url(self, database):
        return f"postgres://postgres@localhost/{database}?host={self.folder}"

    def size(self, database):
        command = [self.programs / "psql", "-At", "-h", self.folder, "-U", "postgres", "-c", f"SELECT pg_database_size('{database}')"]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def stop(self):
        self.process.send_signal(2)
        self.process.wait()


class Dataset:
    """A loaded database with accounts."""

    def __init__(self, engine, rows, changes, data, postgres):
        self.engine, self.rows, self.changes, self.postgres = engine, rows, changes, postgres
        self.folder = data / f"{engine}-{rows}-{changes}"
        self.database = f"bench_{rows}_{changes}"
        self.settings = {
            "GCM_DATA_DIR": str(self.folder),
            "GCM_SECRET_KEY": base64.b64encode(bytes(range(7, 39))).decode(),
            "GCM_PUBLIC_URL": "http://bench.example",
            "GCM_RATE_LIMIT_PER_MINUTE": "1000000",
            "GCM_PUBLIC_RATE_LIMIT_PER_MINUTE": "1000000",
        }
        if engine == "postgres":
            self.settings["DATABASE_URL"] = postgres.url(self.database)
        self.seconds = self.load()

    @property
    def file(self):
        return self.folder / "gcm.sqlite"

    def load(self):
        seconds = self.folder / "seconds"
        if seconds.exists():
            return float(seconds.read_text())
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        url = f"sqlite:{self.file}"
        if self.engine == "postgres":
            self.postgres.sql(f"DROP DATABASE IF EXISTS {self.database}")
            self.postgres.sql(f"CREATE DATABASE {self.database}")
            url = self.settings["DATABASE_URL"]
        began = time.monotonic()
        command = [BUILT / "gcm-bench", "load", "--url", url, "--organizations", str(self.rows), "--changes", str(self.changes)]
        subprocess.run(command, check=True)
        took = time.monotonic() - began
        self.accounts()
        seconds.write_text(f"{took:.1f}")
        return took

    def accounts(self):
        (self.folder / "password").write_text(PASSWORD)
        for name in READERS:
            self.account(name, "reader")
        self.account(COORDINATOR, "coordinator", "--organization", "mofa")

    def account(self, name, role, *more):
        names = ["--username", name, "--display-name", name, "--role", role, "--password-file", self.folder / "password"]
        self.command("account", "create", *names, *more)

    def command(self, *arguments):
        """Runs a command of the service; gives its output."""
        command = [BUILT / "gcm-api", *arguments]
        done = subprocess.run(command, env=environment(self.settings), cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}: {done.stderr}")
        return done.stdout

    def size(self):
        return self.postgres.size(self.database) if self.engine == "postgres" else self.file.stat().st_size

    def copy_for_rivals(self):
        """A file of their own for the rivals' accounts and writes, since one SQLite file has one writing process."""
        folder = self.folder.with_name(self.folder.name + "-rivals")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        subprocess.run(["sqlite3", self.file, "PRAGMA wal_checkpoint(TRUNCATE)"], check=True, stdout=subprocess.DEVNULL)
        shutil.copy(self.file, folder / "gcm.sqlite")
        return folder


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Server:
    """A process that listens."""

    def __init__(self, command, settings, folder, port=None):
        self.port = port or free_port()
        env = environment(settings | {"GCM_LISTEN": f"127.0.0.1:{self.port}"})
        began = time.monotonic()
        # The log goes where it costs least, but it is written: the service's default.
        self.process = subprocess.Popen([str(part) for part in DISK.slow(command)], env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=open("/dev/null", "w"))
        self.tokens = {}
        while True:
            try:
                if self.ask("GET", "/health/ready")[0] == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None:
                raise Failed(f"{command[0]} ended with code {self.process.returncode} before it was ready")
            if time.monotonic() - began > 60:
                raise Failed(f"{command[0]} was not ready within a minute")
            time.sleep(0.001)
        self.ready_seconds = time.monotonic() - began

    def ask(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def token(self, account):
        """An access token that is good for the next ten minutes; tokens live fifteen."""
        known = self.tokens.get(account)
        if known and time.monotonic() - known[0] < 300:
            return known[1]
        body = urllib.parse.urlencode({"grant_type": "password", "username": account, "password": PASSWORD})
        status, _, text = self.ask("POST", "/v1/auth/token", {"Content-Type": "application/x-www-form-urlencoded"}, body)
        if status != 200:
            raise Failed(f"{account} cannot sign in: {status} {text[:300]}")
        token = json.loads(text)["access_token"]
        self.tokens[account] = time.monotonic(), token
        return token

    def get(self, path, account=READERS[0], headers=None):
        return self.ask("GET", path, {"Authorization": f"Bearer {self.token(account)}"} | (headers or {}))

    def memory(self, what="VmRSS"):
        """Mebibytes in memory now, or at most (VmHWM)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def product(dataset, **settings):
    return Server([BUILT / "gcm-api", "serve"], dataset.settings | settings, dataset.folder)


def rivals(dataset, page, copy=None):
    """The rivals on this data; on SQLite their accounts and writes are in a copy."""
    bare, settings, more = free_port(), dict(dataset.settings), []
    if copy:
        settings["GCM_DATA_DIR"] = str(copy)
        more = ["--read-from", dataset.file]
    command = [BUILT / "gcm-bench", "serve-rivals", "--page", page, "--bare", f"127.0.0.1:{bare}", *more]
    server = Server(command, settings, dataset.folder)
    server.bare = bare
    return server
