"""The real binary, as an operator runs it."""

import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import time

from .client import Caller, Gone, Watch
from .place import end, free_port

KEY = secrets.token_hex(32)
# A line of the log that no operator should ever see.
BROKEN = re.compile(r"panicked|panic:|\bERROR\b")


class Server:
    def __init__(self, place, binary, name="api", url=None, data=None, demo=True, port=None, env=None):
        self.place, self.binary, self.name, self.demo = place, binary, name, demo
        self.port, self.process = port or free_port(), None
        self.data = data or place.make(f"{name}-data")
        self.log, self.out = place.folder / f"{name}.log", place.folder / f"{name}-out.log"
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "GCM_LISTEN": f"127.0.0.1:{self.port}",
            "GCM_DATA_DIR": str(self.data),
            "GCM_LOG": "warn",
            "GCM_SECRET_KEY": KEY,
            "GCM_RATE_LIMIT_PER_MINUTE": "1000000",
            "GCM_PUBLIC_RATE_LIMIT_PER_MINUTE": "1000000",
            "GCM_SIGN_IN_LIMIT_PER_NETWORK": "1000000",
            "GCM_SIGN_IN_LIMIT_PER_ACCOUNT": "1000000",
            **({"DATABASE_URL": url} if url else {}),
            **(env or {}),
        }
        place.callback(self.kill)

    def start(self, wait="/health/ready", patience=60, prepare=None):
        """Starts it and waits until it answers there; how long that took."""
        begun = time.monotonic()
        arguments = ["serve", "--demo"] if self.demo else ["serve"]
        with self.log.open("ab") as log, self.out.open("ab") as out:
            self.process = subprocess.Popen(
                [self.binary, *arguments], env=self.env, stdin=subprocess.DEVNULL, stdout=out, stderr=log, process_group=0, preexec_fn=prepare
            )
        while wait:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.words()[-1000:]}")
            if time.monotonic() > begun + patience:
                raise RuntimeError(f"{self.name} did not answer {wait} with 200 within {patience} s: {self.words()[-1000:]}")
            if self.status(wait) == 200:
                break
            time.sleep(0.01)
        return time.monotonic() - begun

    def status(self, path, timeout=5):
        """The status of a request on a connection of its own; 0 when there is no answer."""
        try:
            return self.caller(Watch(), timeout).ask("GET", path).status
        except Gone:
            return 0

    def caller(self, watch, timeout=30):
        return Caller("127.0.0.1", self.port, watch, timeout)

    def kill(self):
        if self.process:
            end(self.process, signal.SIGKILL)

    def stop(self, patience=40):
        return end(self.process, signal.SIGTERM, patience)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def command(self, *arguments, timeout=120, env=None):
        """A command of the same program beside the server."""
        settings = {**self.env, **(env or {})}
        return subprocess.run([self.binary, *arguments], env=settings, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)

    def verify(self):
        ran = self.command("audit", "verify", "--bodies")
        return ran.returncode == 0 and "The chain is whole" in ran.stdout, (ran.stdout + ran.stderr).strip().splitlines()

    def words(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def broken_lines(self):
        return [line[:300] for line in self.words().splitlines() if BROKEN.search(line)]

    def accounts(self):
        """User name and password of the demo accounts."""
        known = json.loads((pathlib.Path(self.data) / "demo-accounts.json").read_text())
        return {account["username"]: account["password"] for account in known["accounts"]}

    def rss(self):
        """MiB in memory."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024

    def fds(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))
