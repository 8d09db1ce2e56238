"""A body of 1 GB, declared or chunked, with and without a token: refused early, memory flat, the connection ended or drained."""

import contextlib
import socket
import time

GIGABYTE = 1_000_000_000
PIECE = b"x" * 65536
REFUSED_WITHIN = 3.0
# A body without an end, of which so much is sent in a second, must not be read for longer than this.
ENDED_WITHIN, BYTES_A_SECOND = 30.0, 20_000_000


def run(world):
    verdict = world.verdict
    server = world.server()
    reader = world.signed_in(server)
    signed_in = ("PATCH /v1/organizations/01900000-0000-7000-8000-000000000000", reader.token, "application/json")
    cases = [
        ("to a signed-in operation", *signed_in, 413),
        ("without a token", "POST /v1/organizations", None, "application/json", 401),
        ("with a wrong token", "POST /v1/organizations", "nonsense", "application/json", 401),
        ("to the token endpoint", "POST /v1/auth/token", None, "application/x-www-form-urlencoded", 413),
        ("to an unknown path", "POST /v1/nowhere", None, "application/json", 404),
        ("on a GET", "GET /v1/organizations", reader.token, "application/json", None),
        ("to a health check", "GET /health/live", None, "application/json", None),
    ]
    before, highest = server.rss(), server.rss()
    for name, line, token, kind, expected in cases:
        for chunked in (False, True):
            status, when, sent, took, end = pour(server, line, token, kind, chunked)
            highest = max(highest, server.rss())
            told = f"1 GB {'chunked' if chunked else 'declared'} {name}"
            verdict.say(f"{told}: {status} after {when:.2f} s; {sent / 1e6:.1f} MB taken in {took:.1f} s, {end}; {server.rss():.0f} MiB")
            if expected:
                verdict.claim(status == (200 if world.lie else expected) and when < REFUSED_WITHIN, f"{told}: {expected} within {REFUSED_WITHIN:.0f} s", f"{status} after {when:.2f} s")
            verdict.claim("stood open" not in end, f"{told}: the connection is ended or the body drained", end)
            verdict.claim(server.status("/health/live") == 200, f"{told}: others are answered")
    status, _when, sent, took, end = pour(server, "POST /v1/organizations", None, "application/json", True, endless=True)
    highest = max(highest, server.rss())
    verdict.claim("ended" in end or "closed" in end, f"a body without an end and without a token is ended within {ENDED_WITHIN:.0f} s", f"{status}, {sent / 1e6:.0f} MB taken in {took:.0f} s, {end}")
    verdict.claim(highest - before < 32, "memory stays flat, 32 MiB at most", f"{before:.0f} MiB before, {highest:.0f} MiB at most")
    world.judge(server)


def pour(server, line, token, kind, chunked, endless=False):
    """Sends until the other end has had enough; status, when it came, bytes taken, how long it went on, how it ended."""
    began = time.monotonic()
    link = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {GIGABYTE}"
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    link.sendall(f"{line} HTTP/1.1\r\nHost: x\r\n{bearer}Content-Type: {kind}\r\nIf-Match: \"1\"\r\n{length}\r\n\r\n".encode())
    piece = b"10000\r\n" + PIECE + b"\r\n" if chunked else PIECE
    sent, heard, when, end, status, left = 0, b"", 0.0, "all of it was drained", 0, b""
    link.setblocking(False)
    last = time.monotonic()
    while endless or sent < GIGABYTE:
        now = time.monotonic()
        if endless and now - began > ENDED_WITHIN + 5:
            end = "and it was still being read"
            break
        if endless and sent > (now - began) * BYTES_A_SECOND:
            time.sleep(0.01)
        moved = False
        with contextlib.suppress(BlockingIOError):
            try:
                left = left or piece
                count = link.send(left)
                sent, left, moved, last = sent + count, left[count:], True, now
            except OSError as error:
                if isinstance(error, BlockingIOError):
                    raise
                end = f"the connection was ended ({type(error).__name__})"
                break
        with contextlib.suppress(BlockingIOError):
            try:
                got = link.recv(65536)
            except OSError as error:
                if isinstance(error, BlockingIOError):
                    raise
                end = f"the connection was ended ({type(error).__name__})"
                break
            if not got:
                end = "the connection was closed"
                break
            heard += got
        if heard and not status:
            status, when = int(heard.split(b" ", 2)[1]), time.monotonic() - began
        if not moved:
            if now - last > 10:
                end = "nothing more was taken for 10 s, and the connection stood open"
                break
            time.sleep(0.005)
    # What was said before the end may still lie in the buffer.
    with contextlib.suppress(OSError):
        heard += link.recv(65536)
    if heard and not status:
        status, when = int(heard.split(b" ", 2)[1]), time.monotonic() - began
    link.close()
    return status, when, sent, time.monotonic() - began, end
