"""200 slow clients: headers and bodies byte by byte, readers that hardly read, and those that vanish: ended in time, and others are served.

Two slow readers of an export are watched besides: an export holds one of two slots and a connection of the database.

What memory comes back to is what the process takes after the same reads by clients that are not slow: then all connections are open, and their pages
and the allocator's reserve are as large as this work makes them. None of that is owed to slowness.
"""

import socket
import struct
import threading
import time

from kit.client import Gone, Watch
from kit.load import reader
from kit.world import Crew

HEADERS, BODIES, LISTS, VANISHING, EXPORTS = 80, 60, 40, 20, 2
# Exports that each of those who vanish asks for.
SHEETS_EACH = 3
# client_request_timeout is 10 s, GCM_REQUEST_TIMEOUT_SECONDS 15 s; what a busy machine adds.
HEADERS_WITHIN, BODIES_WITHIN = 20.0, 25.0
# No limit is stated for readers; an export may be long, but whoever takes nothing for so long must not hold it.
READERS_WITHIN = 60.0
ROWS = 1500
LIST = "/v1/organizations?limit=200&kind=academia"
SHEET = "/v1/organizations?format=csv&kind=academia"


def run(world):
    verdict = world.verdict
    server = world.server()
    caller = world.signed_in(server)
    fill(caller)
    others = Watch()
    crew = Crew().add(reader, lambda: world.signed_in(server, "reader", others), 0.02, times=4)
    time.sleep(1)
    before_fds, hardly_used = server.fds(), server.rss()
    quick = at_once(server, caller.token)
    # A write, so that no kept answer spares the server the work.
    row(caller, ROWS)
    time.sleep(5)
    before_rss = server.rss()
    verdict.figure("memory before", f"{hardly_used:.0f} MiB hardly used, {before_rss:.0f} after {quick} at once for clients that are not slow")
    verdict.say(f"before: {before_rss:.0f} MiB, {before_fds} descriptors, {ROWS} long rows")
    ends, lock = [], threading.Lock()
    token = f"Authorization: Bearer {caller.token}\r\n"
    slow = [(slow_headers, ())] * HEADERS + [(slow_body, (token,))] * BODIES + [(slow_list, (token,))] * LISTS + [(vanish, (token,))] * VANISHING
    threads = []
    for work, arguments in slow:
        threads.append(threading.Thread(target=told, args=(ends, lock, work, server, *arguments), daemon=True))
        threads[-1].start()
    most_fds = most_rss = 0
    begun = time.monotonic()
    while any(thread.is_alive() for thread in threads) and time.monotonic() - begun < 90:
        most_fds, most_rss = max(most_fds, server.fds()), max(most_rss, server.rss())
        time.sleep(0.2)
    verdict.figure("at most", f"{most_rss:.0f} MiB, {most_fds} descriptors, {len(slow)} slow clients")
    for name, limit, fine in (("slow_headers", HEADERS_WITHIN, {"408", "closed"}), ("slow_body", BODIES_WITHIN, {"408", "closed"})):
        mine = [(how, took) for work, how, took in ends if work == name]
        ways = sorted({how for how, _took in mine})
        verdict.claim(len(mine) > 0 and set(ways) <= fine and max(took for _how, took in mine) < limit, f"{name}: all are ended with 408 or closed within {limit:.0f} s", f"{len(mine)}: {ways}, the last after {max(took for _how, took in mine):.1f} s")
    lists = [took for work, how, took in ends if work == "slow_list"]
    verdict.figure("readers of a list, a few bytes at a time", f"{len(lists)} were through or given up after {max(lists):.1f} s at most")
    verdict.figure("answers to others meanwhile", f"{others}; {others.spread()}")
    verdict.claim(not others.bad and others.statuses[503] == 0 and others.slowest < 15 and not world.lie, "others are served meanwhile, none with 503", str(others))
    slow_exports(world, server, caller.token)
    crew.end()
    verdict.claim(not crew.faults, "every other client was answered as it expects", crew.faults)
    time.sleep(10)
    verdict.claim(server.fds() <= before_fds + 8, "descriptors come back", f"{before_fds} before, {server.fds()} after")
    verdict.claim(server.rss() < before_rss * 1.1 + 8, "memory comes back, to 10 % and 8 MiB", f"{before_rss:.0f} MiB before, {server.rss():.0f} after")
    world.judge(server)


def fill(caller):
    """A list that no buffer on the way takes whole: about 15 MiB as CSV."""
    for number in range(ROWS):
        row(caller, number)


def row(caller, number):
    mandate = {"lo": "ກະຊວງ" * 600, "en": "responsible " * 250}
    body = {"kind": "academia", "code": f"slow-{number}", "name": {"en": f"Slow {number}"}, "mandate": mandate}
    answer = caller.ask("POST", "/v1/organizations", body)
    if answer.status != 201:
        raise RuntimeError(f"{answer.status} {answer.body[:300]!r}")


def at_once(server, token):
    """What the slow clients ask for, all at once too, but read as fast as it comes; says how much that was."""
    lists, sheets, lock = [], [], threading.Lock()

    def read(path, times, whole):
        caller = server.caller(Watch(), 60)
        for _time in range(times):
            if caller.get_surely(path, 60, token=token).status == 200:
                with lock:
                    whole.append(path)

    work = [(LIST, 1, lists)] * LISTS + [(SHEET, SHEETS_EACH, sheets)] * VANISHING
    threads = [threading.Thread(target=read, args=how, daemon=True) for how in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(lists) != LISTS or len(sheets) != SHEETS_EACH * VANISHING:
        raise RuntimeError(f"clients that are not slow read only {len(lists)} lists and {len(sheets)} exports whole")
    return f"{len(lists)} lists and {len(sheets)} exports"


def told(ends, lock, work, *arguments):
    begun = time.monotonic()
    try:
        how = work(*arguments)
    except (ConnectionError, BrokenPipeError):
        how = "closed"
    except OSError as error:
        how = f"{error!r}"
    with lock:
        ends.append((work.__name__, how, time.monotonic() - begun))


def connect(server, small=False):
    link = socket.socket()
    if small:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.settimeout(10)
    link.connect(("127.0.0.1", server.port))
    return link


def drip(link, text, pause):
    """Sends byte by byte until it is answered."""
    link.settimeout(pause)
    for byte in text:
        link.send(bytes([byte]))
        try:
            answer = link.recv(4096)
            return answer.split(b" ")[1].decode() if answer else "closed"
        except TimeoutError:
            continue
    return "was heard to the end"


def slow_headers(server):
    with connect(server) as link:
        return drip(link, b"GET /v1/organizations HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 400, 0.3)


def slow_body(server, token):
    with connect(server) as link:
        link.sendall(f"POST /v1/organizations HTTP/1.1\r\nHost: x\r\n{token}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n".encode())
        return drip(link, b"{" + b" " * 400, 0.3)


def slow_list(server, token):
    """A list of 200 long rows, read a few bytes at a time for half a minute, and then given up."""
    with connect(server, small=True) as link:
        link.sendall(f"GET {LIST} HTTP/1.1\r\nHost: x\r\n{token}\r\n".encode())
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if not link.recv(64):
                return "closed"
            time.sleep(0.3)
        return "given up"


def vanish(server, token):
    """Half a request or half an answer, and then a reset."""
    for number in range(2 * SHEETS_EACH):
        link = connect(server, small=True)
        if number % 2:
            link.sendall(f"GET {SHEET} HTTP/1.1\r\nHost: x\r\n{token}\r\n".encode())
            link.recv(64)
        else:
            link.sendall(f"POST /v1/organizations HTTP/1.1\r\nHost: x\r\n{token}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{".encode())
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.close()
        time.sleep(0.5)
    return "vanished"


def slow_exports(world, server, token):
    """Two who ask for an export and then take nothing: what a third hears, what holds still, and when they are ended."""
    verdict, watch, links = world.verdict, Watch(), []
    begun = time.monotonic()
    for _time in range(EXPORTS):
        link = connect(server, small=True)
        link.sendall(f"GET {SHEET} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        link.recv(64)
        links.append(link)
    third = server.caller(watch, 40)
    try:
        answer = third.get(SHEET, token=token)
        verdict.figure("a third export beside two that nobody reads", f"{answer} after {answer.ended - answer.began:.1f} s")
        verdict.claim(answer.status == 200, "a third reader gets the export", f"{answer} after {answer.ended - answer.began:.1f} s")
    except Gone as error:
        verdict.claim(False, "a third reader gets the export or is told when to come back", repr(error))
    if world.postgres:
        held = world.postgres.sql("SELECT state, round(extract(epoch FROM now() - xact_start)) FROM pg_stat_activity WHERE application_name LIKE 'gcm-api%' AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()")
        verdict.figure("transactions of PostgreSQL that are held open (state, seconds)", held)
    ended = None
    while ended is None and time.monotonic() < begun + READERS_WITHIN + 15:
        time.sleep(2)
        # The slots are free again when an export is answered at once.
        try:
            answer = server.caller(Watch(), 8).get(SHEET, token=token)
            ended = time.monotonic() - begun if answer.status == 200 else None
        except Gone:
            pass
    verdict.claim(ended is not None, f"readers of an export that take nothing are ended within {READERS_WITHIN:.0f} s", f"after {ended:.0f} s" if ended else f"held for {time.monotonic() - begun:.0f} s and still was")
    for link in links:
        link.close()
    until = time.monotonic() + 15
    freed = None
    while freed is None and time.monotonic() < until:
        try:
            freed = server.caller(Watch(), 10).get(SHEET, token=token).status == 200 or None
        except Gone:
            pass
    verdict.claim(bool(freed), "once they hang up, exports are given again within 15 s")
