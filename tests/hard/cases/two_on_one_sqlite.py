"""A second process on one SQLite file: it refuses in words, commands that write say what to do, and the first goes on."""

import subprocess
import time

from kit.ledger import Ledger
from kit.server import Server
from kit.world import Crew

# What an operator would try beside the service. True: it writes, and must refuse.
COMMANDS = [
    (True, "migrate"),
    (True, "seed"),
    (True, "account", "create", "--username", "second", "--display-name", "Second", "--role", "reader"),
    (True, "account", "set-password", "--username", "reader", "--password-file", "PASSWORD"),
    (True, "account", "erase", "--username", "moj.focal", "--yes"),
    (True, "keys", "rotate"),
    (False, "audit", "verify", "--bodies"),
    (False, "account", "list"),
    (False, "keys", "list"),
]


def run(world):
    verdict = world.verdict
    first = world.server()
    ledger = Ledger("two")
    crew = Crew().add(ledger.writer, lambda: world.signed_in(first), times=4)
    time.sleep(1)
    for demo in (False, True):
        second = Server(world.place, world.binary, name=f"second-{demo}", data=first.data, demo=demo)
        second.start(wait=None)
        try:
            code = second.process.wait(15)
        except subprocess.TimeoutExpired:
            code = None
        words = second.words().strip()
        second.kill()
        how = "serve --demo" if demo else "serve"
        verdict.claim(code not in (None, 0) and not world.lie, f"a second `{how}` ends by itself with an error", f"code {code}")
        said = any(word in words for word in ("another", "in use", "already", "stop the server"))
        verdict.claim(said and "panicked" not in words, f"and says in words that another process has the file (`{how}`)", words[-300:] or "it said nothing")
    password = world.place.folder / "password"
    password.write_text("river-Stone-lantern-47-hill\n")
    for writes, *arguments in COMMANDS:
        arguments = [str(password) if argument == "PASSWORD" else argument for argument in arguments]
        ran = first.command(*arguments)
        words, told = (ran.stderr + ran.stdout).strip(), " ".join(arguments[:2])
        if writes:
            refused = ran.returncode != 0 and "stop the server" in words.lower()
            verdict.claim(refused, f"`{told}` says \"stop the server or use the API\"", f"code {ran.returncode}: {words[-160:]}")
        else:
            verdict.claim(ran.returncode == 0, f"`{told}` only reads and goes on beside the service", f"code {ran.returncode}" + ("" if ran.returncode == 0 else f": {words[-300:]}"))
    before = ledger.acknowledged
    time.sleep(2)
    verdict.claim(ledger.acknowledged > before, "the first goes on writing", f"{ledger.acknowledged - before} writes in 2 s")
    crew.end()
    faults = crew.faults + ledger.check(world.signed_in(first))
    verdict.claim(not faults, f"all {ledger.acknowledged} acknowledged writes are there", faults)
    first.kill()
    took = first.start()
    verdict.claim(True, "after a kill -9 of the first the next one starts: a lock does not outlive its holder", f"{took:.2f} s")
    world.judge(first)
