"""What a test found: figures, claims, and one word at the end."""

import time
import traceback


class NotRun(Exception):
    """The machine lacks something that this test needs."""


class Verdict:
    def __init__(self, title, sabotaged=False):
        self.title, self.sabotaged = title, sabotaged
        self.failed, self.held, self.reason, self.begun = [], 0, None, time.monotonic()
        print(f"\n== {title}{' (sabotaged: it must fail)' if sabotaged else ''}", flush=True)

    def say(self, text):
        print(f"   {time.monotonic() - self.begun:6.1f} s  {text}", flush=True)

    def figure(self, name, value):
        print(f"     {name}: {value}", flush=True)

    def claim(self, true, text, found=None):
        """`text` says what must hold; `found` what was seen, at most ten of them when it is a list."""
        if isinstance(found, (list, set, tuple)):
            found = [] if true else list(found)
            found = "; ".join(str(one) for one in found[:10]) + (f"; and {len(found) - 10} more" if len(found) > 10 else "")
        seen = f" ({found})" if found not in (None, "", "[]") else ""
        print(f"     {'holds ' if true else 'FAILS '} {text}{seen}", flush=True)
        if true:
            self.held += 1
        else:
            self.failed.append(text)
        return true

    def broke(self, error):
        traceback.print_exception(error)
        self.claim(False, "the test itself got to its end", repr(error))

    def not_run(self, reason):
        self.reason = reason

    def passed(self):
        return not self.failed

    def done(self):
        took = time.monotonic() - self.begun
        if self.failed:
            print(f"== FAILED: {self.title}, {len(self.failed)} of {self.held + len(self.failed)} claims, after {took:.0f} s")
            for text in self.failed:
                print(f"     - {text}")
            return "FAILED"
        if self.reason:
            print(f"== NOT RUN: {self.title}: {self.reason}")
            return "NOT RUN"
        print(f"== passed: {self.title}, {self.held} claims, after {took:.0f} s")
        return "passed"
