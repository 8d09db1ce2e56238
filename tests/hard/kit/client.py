"""A client as front ends are, and somebody who counts what it hears."""

import collections
import http.client
import json
import socket
import threading
import time
import urllib.parse


class Gone(Exception):
    """No whole answer came: nobody knows whether it was carried out."""


class Answer:
    def __init__(self, status, headers, body, began, ended):
        self.status, self.headers, self.body, self.began, self.ended = status, headers, body, began, ended

    def json(self):
        return json.loads(self.body)

    def code(self):
        try:
            return self.json().get("code", "")
        except ValueError:
            return ""

    def ok(self):
        return 200 <= self.status < 300

    def __repr__(self):
        return f"{self.status} {self.code()}"


class Watch:
    """Counts answers; keeps those that nobody should ever get."""

    def __init__(self):
        self.lock = threading.Lock()
        self.statuses, self.codes = collections.Counter(), collections.Counter()
        self.gone, self.bad, self.slowest, self.times, self.reasons = 0, [], 0.0, [], collections.Counter()

    def heard(self, method, path, answer):
        took = answer.ended - answer.began
        with self.lock:
            self.statuses[answer.status] += 1
            if len(self.times) < 2_000_000:
                self.times.append(took)
            self.slowest = max(self.slowest, took)
            if answer.status == 503:
                self.codes[answer.code() or "without a problem document"] += 1
                if "retry-after" not in answer.headers:
                    self.bad.append(f"{method} {path}: 503 {answer.code()} without Retry-After")
            elif answer.status >= 500:
                self.bad.append(f"{method} {path}: {answer.status} {answer.body[:200]!r}")

    def lost(self, error):
        with self.lock:
            self.gone += 1
            self.reasons[type(error).__name__] += 1

    def spread(self):
        if not self.times:
            return "no answers"
        times = sorted(self.times)
        at = lambda share: times[min(len(times) - 1, int(len(times) * share))] * 1000
        return f"p50 {at(.5):.1f} ms, p99 {at(.99):.1f} ms, slowest {times[-1] * 1000:.0f} ms"

    def __str__(self):
        heard = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        codes = f" (503: {dict(self.codes)})" if self.codes else ""
        return f"{heard or 'no answers'}{codes}; without an answer: {dict(self.reasons) or 0}"


class Caller:
    """One keep-alive connection, made anew when it is gone."""

    def __init__(self, host, port, watch, timeout=30):
        self.host, self.port, self.watch, self.timeout, self.connection = host, port, watch, timeout, None
        self.token, self.used = None, 0.0

    def ask(self, method, path, body=None, headers=None, token=None):
        headers = dict(headers or {})
        if token or self.token:
            headers["Authorization"] = f"Bearer {token or self.token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        # As front ends do: a connection that lay idle may be closed already (the server keeps them for 5 s).
        if time.monotonic() - self.used > 3.0:
            self.close()
        began = time.monotonic()
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.request(method, path, body=body, headers=headers)
            reply = self.connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            self.watch.lost(error)
            raise Gone(f"{method} {path}: {error!r}") from error
        answer = Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, content, began, time.monotonic())
        self.used = answer.ended
        if reply.will_close:
            self.close()
        self.watch.heard(method, path, answer)
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def get_surely(self, path, patience=30, **more):
        """A read that is asked again while the server says that it cannot or that it was too much, or says nothing."""
        until = time.monotonic() + patience
        while True:
            try:
                answer = self.get(path, **more)
                if answer.status not in (429, 503) or time.monotonic() > until:
                    return answer
            except Gone:
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def form(self, path, **fields):
        return self.ask("POST", path, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, username, password, patience=60):
        """Signs in, coming back as often as it is told to; the answer of the token endpoint."""
        until = time.monotonic() + patience
        while True:
            self.token = None
            answer = self.form("/v1/auth/token", grant_type="password", username=username, password=password)
            if answer.status == 200:
                self.token = answer.json()["access_token"]
                return answer.json()
            if answer.status not in (429, 503) or time.monotonic() > until:
                raise RuntimeError(f"{username} cannot sign in: {answer.status} {answer.body[:300]!r}")
            time.sleep(0.3)

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None
