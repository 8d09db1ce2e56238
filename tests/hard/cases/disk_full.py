"""A disk that fills up under writes: 503 and Retry-After, reads go on, nothing acknowledged is lost, and writes go on once there is space.

As root on a tmpfs of a few MiB; otherwise (SQLite only) with a limit on the size of a file, which is raised later.
"""

import os
import resource
import signal
import time

from kit.client import Gone
from kit.ledger import Ledger
from kit.place import end
from kit.postgres import Postgres
from kit.server import Server
from kit.verdict import NotRun
from kit.world import Crew

MIB = 1024 * 1024
GOES_ON_WITHIN = 10.0


def run(world):
    if os.geteuid() != 0 and world.engine == "postgres":
        raise NotRun("only root can mount a small file system for PostgreSQL")
    disk = (PostgresDisk if world.engine == "postgres" else SqliteDisk if os.geteuid() == 0 else SqliteLimit)(world)
    verdict, server = world.verdict, disk.server
    ledger, crew = Ledger("full", padding=3800), Crew()
    ledger_writer = lambda: world.signed_in(server)
    crew.add(ledger.writer, ledger_writer, times=4)
    begun = time.monotonic()
    while world.watch.statuses[503] < 8 and time.monotonic() < begun + 120 and server.alive() and not ledger.wrong:
        time.sleep(0.05)
    verdict.say(f"full after {ledger.acknowledged} acknowledged writes: {world.watch}")
    verdict.claim(world.watch.statuses[503] > 0, "writes on a full disk are answered with 503", str(world.watch))
    codes = dict(world.watch.codes)
    verdict.claim(set(codes) <= {"database_unavailable", "writer_busy"}, "and the code is database_unavailable", codes)
    reads = [status_of(world, server, path) for path in ("/v1/organizations", "/v1/organizations?format=csv", "/v1/ministries?active=true", "/v1/me") * 5]
    disk.while_full(reads)
    crew.stop.set()
    crew.end()
    if world.lie:
        ledger.lie()
    disk.start_on_full()
    disk.make_space()
    made, before = time.monotonic(), world.watch.statuses[200] + world.watch.statuses[201]
    waiting = [row for row in ledger.rows if row.pending]
    crew = Crew().add(ledger.writer, ledger_writer, times=4)
    acknowledged = ledger.acknowledged
    while ledger.acknowledged < acknowledged + 8 and time.monotonic() < made + 60 and server.alive():
        time.sleep(0.02)
    took = time.monotonic() - made
    verdict.claim(took < GOES_ON_WITHIN and server.alive(), f"once there is space, writes go on within {GOES_ON_WITHIN:.0f} s without a restart of the API", f"{took:.2f} s")
    time.sleep(1)
    crew.end()
    faults = crew.faults + checked(world, server, ledger)
    verdict.figure("writes", f"{ledger.acknowledged} acknowledged, {len(waiting)} were refused or cut off and sent again, {ledger.replayed} answered by a replay, answers since: {world.watch.statuses[200] + world.watch.statuses[201] - before}")
    verdict.claim(not faults, f"all {ledger.acknowledged} acknowledged writes are there, nothing else is", faults)
    server.kill()
    verdict.claim(server.start() < 30, "after a kill -9 it starts on what is there")
    faults = checked(world, server, ledger)
    verdict.claim(not faults, "and everything acknowledged is still there", faults)
    world.judge(server)


def checked(world, server, ledger):
    """The faults of the record; that it cannot even be read is one."""
    try:
        return ledger.check(world.signed_in(server)) + ledger.wrong
    except (Gone, RuntimeError, PermissionError) as error:
        return [repr(error)]


def status_of(world, server, path):
    try:
        caller = server.caller(world.watch)
        return caller.get(path, token=world.token).status
    except Gone:
        return 0


class SqliteDisk:
    """A tmpfs for the data directory, with a ballast file to take away."""

    def __init__(self, world, size=24, ballast=8):
        self.world, self.folder = world, world.place.mount_tmpfs("disk", size)
        self.ballast = self.folder / "ballast"
        self.ballast.write_bytes(b"x" * ballast * MIB)
        self.server = Server(world.place, world.binary, data=self.folder / "data")
        self.server.start()
        world.verdict.say(f"a tmpfs of {size} MiB, {ballast} of them ballast")
        world.token = world.signed_in(self.server).token

    def while_full(self, reads):
        self.world.verdict.claim(set(reads) == {200}, "reads go on while the disk is full, exports too", f"{reads.count(200)} of {len(reads)}")
        live = self.server.status("/health/live")
        self.world.verdict.claim(live == 200, "/health/live is 200 meanwhile", live)

    def start_on_full(self):
        """An installation that has no room even for its database."""
        self.fill()
        world, fresh = self.world, self.folder / "fresh"
        fresh.mkdir(exist_ok=True)
        second = Server(world.place, world.binary, name="on-full", data=fresh)
        second.start(wait=None)
        code = wait_for(second)
        words = second.words().strip()
        said = any(word in words.lower() for word in ("full", "no space", "disk"))
        world.verdict.claim(code not in (None, 0) and said and "panicked" not in words, "a first start on a full disk fails and says why in words", f"code {code}: {words[-240:]}")

    def fill(self):
        try:
            with (self.folder / "more").open("wb") as more:
                while True:
                    more.write(b"x" * 4096)
                    more.flush()
        except OSError:
            pass

    def make_space(self):
        (self.folder / "more").unlink(missing_ok=True)
        self.ballast.unlink()


class SqliteLimit:
    """No file may grow beyond a limit, which is raised later."""

    def __init__(self, world):
        def limit():
            # Otherwise the signal, not the error, would be what the process meets.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (12 * MIB, resource.RLIM_INFINITY))

        self.world, self.server = world, Server(world.place, world.binary)
        self.server.start(prepare=limit)
        world.verdict.say("files of 12 MiB at most")
        world.token = world.signed_in(self.server).token

    while_full = SqliteDisk.while_full

    def start_on_full(self):
        self.world.verdict.say("a start on a full disk needs root and was not tried")

    def make_space(self):
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class PostgresDisk:
    """PostgreSQL's whole data directory on a tmpfs. It gives up when its log has no room: then it is started again once there is space."""

    def __init__(self, world, size=112, left=14):
        self.world, self.folder = world, world.place.mount_tmpfs("disk", size)
        settings = ["min_wal_size=8MB", "max_wal_size=16MB", "shared_buffers=16MB"]
        world.postgres = self.postgres = Postgres(world.place, self.folder, settings, ["--wal-segsize=1"])
        self.postgres.start()
        self.server = Server(world.place, world.binary, url=self.postgres.create())
        self.server.start()
        self.ballast = self.folder / "ballast"
        room = os.statvfs(self.folder)
        ballast = room.f_bavail * room.f_frsize - left * MIB
        self.ballast.write_bytes(b"x" * ballast)
        world.verdict.say(f"a tmpfs of {size} MiB, {ballast // MIB} of them ballast, {left} left")
        world.token = world.signed_in(self.server).token

    def while_full(self, reads):
        alive = self.postgres.process.poll() is None and self.postgres.answers()
        self.world.verdict.figure("PostgreSQL", "lives on the full disk" if alive else "gave up on the full disk")
        if alive:
            self.world.verdict.claim(set(reads) <= {200, 503} and 200 in reads, "reads go on while the disk is full", f"{reads.count(200)} of {len(reads)}, {set(reads)}")
        else:
            self.world.verdict.claim(set(reads) <= {200, 503}, "reads are answered or 503", f"{reads}")
        live = self.server.status("/health/live")
        self.world.verdict.claim(live == 200, "/health/live is 200 meanwhile", live)

    def start_on_full(self):
        pass

    def make_space(self):
        self.ballast.unlink()
        if not self.postgres.answers():
            end(self.postgres.process, signal.SIGQUIT)
            self.world.verdict.say(f"PostgreSQL is started again after {self.postgres.start():.1f} s")


def wait_for(server):
    until = time.monotonic() + 20
    while server.alive() and time.monotonic() < until:
        time.sleep(0.1)
    return server.process.poll()
