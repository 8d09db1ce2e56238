"""A folder for one test, and everything that must be gone when it ends, however it ends."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading


class Place(contextlib.ExitStack):
    def __enter__(self):
        super().__enter__()
        # A short path: the name of a PostgreSQL socket has no more than about 100 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gcm-hard-"))
        self.folder.chmod(0o711)
        self.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    def __exit__(self, *reason):
        # A second Ctrl-C must not leave half of it lying about.
        main = threading.current_thread() is threading.main_thread()
        before = [signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] if main else []
        try:
            return super().__exit__(*reason)
        finally:
            for number, handler in zip((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), before):
                signal.signal(number, handler)

    def make(self, name):
        folder = self.folder / name
        folder.mkdir(mode=0o711, exist_ok=True)
        return folder

    def keep_logs(self, name, engine):
        """Logs of a test that failed outlive it."""
        target = pathlib.Path(tempfile.gettempdir()) / f"gcm-hard-logs-{name}-{engine}"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for log in self.folder.rglob("*.log"):
            shutil.copy(log, target / log.name)
        print(f"     the logs are kept in {target}")

    def mount_tmpfs(self, name, mebibytes):
        """A file system that ends after so many MiB; only root can mount one."""
        folder = self.make(name)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=0711", "tmpfs", folder], check=True, capture_output=True)
        self.callback(unmount, folder)
        return folder


def unmount(folder):
    # Lazily, as a last resort: whatever still holds it is on its way out.
    if subprocess.run(["umount", folder], capture_output=True).returncode != 0:
        subprocess.run(["umount", "-l", folder], capture_output=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(process, how=signal.SIGKILL, patience=20):
    """Ends a process of our own, by its number, and waits for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.send_signal(how)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(patience)
    return process.returncode


def children(pid):
    """The processes that this one started."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
                if int(stat.rpartition(")")[2].split()[1]) == pid:
                    found.append(int(entry))
    return found


def unprivileged():
    """Whom PostgreSQL runs as when we are root, which it refuses to be."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return user.pw_uid, user.pw_gid
    return None
