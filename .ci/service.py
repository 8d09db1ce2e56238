"""The service with its demo data on a free port, for as long as a gate needs it."""

import contextlib
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMMAND = "cargo run --locked --quiet -- serve --demo"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def service(command, directory, log_file, settings=None):
    """The service with its data in `directory`, in a process group of its own, so that what cargo started ends with it."""
    if command.startswith("cargo run"):
        subprocess.run(["cargo", "build", "--locked", "--quiet"], cwd=ROOT, check=True)
    address = f"127.0.0.1:{free_port()}"
    environment = {**os.environ, **(settings or {}), "GCM_DATA_DIR": str(directory), "GCM_LISTEN": address}
    environment.pop("DATABASE_URL", None)
    with log_file.open("w") as log:
        process = subprocess.Popen(shlex.split(command), cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until_ready(process, f"http://{address}", log_file)
            yield process, f"http://{address}"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def wait_until_ready(process, url, log_file):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, urllib.error.URLError):
            if direct.open(f"{url}/health/ready", timeout=5).status == 200:
                return
        time.sleep(0.2)
    sys.exit(f"the service is not ready:\n{tail(log_file, 40)}")


def tail(path, lines):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
