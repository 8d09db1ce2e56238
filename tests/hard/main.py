"""Runs hard tests of the real binary, one after another, and says what became of each."""

import argparse
import importlib
import pathlib
import signal
import subprocess
import sys

from kit.place import Place
from kit.verdict import NotRun, Verdict
from kit.world import World

# Name, engines.
CASES = {
    "kill_nine": ("sqlite", "postgres"),
    "postgres_away": ("postgres",),
    "disk_full": ("sqlite", "postgres"),
    "many_connections": ("sqlite", "postgres"),
    "slow_clients": ("sqlite", "postgres"),
    "huge_body": ("sqlite",),
    "clock_back": ("sqlite", "postgres"),
    "two_on_one_sqlite": ("sqlite",),
    "two_on_one_postgres": ("postgres",),
    "ten_minutes": ("sqlite", "postgres"),
}
ROOT = pathlib.Path(__file__).resolve().parents[2]


def first_line(name):
    return importlib.import_module(f"cases.{name}").__doc__.strip().splitlines()[0]


def build():
    print("building target/release/gcm-api …", flush=True)
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=ROOT, check=True)
    return ROOT / "target/release/gcm-api"


def interrupted(number, _frame):
    raise KeyboardInterrupt(signal.Signals(number).name)


def run(name, engine, asked, binary):
    verdict = Verdict(f"{name} on {engine}", asked.sabotage)
    case = importlib.import_module(f"cases.{name}")
    with Place() as place:
        try:
            case.run(World(engine, binary, place, verdict, asked.seconds, asked.sabotage))
        except NotRun as reason:
            verdict.not_run(str(reason))
        except KeyboardInterrupt:
            verdict.claim(False, "it was not interrupted")
            verdict.done()
            raise
        except Exception as error:  # noqa: BLE001: whatever it is, the test did not pass
            verdict.broke(error)
        if not verdict.passed():
            place.keep_logs(name, engine)
    return verdict.done()


def main():
    parser = argparse.ArgumentParser(prog="tests/hard/run", description=__doc__)
    parser.add_argument("test", nargs="*", help="names of tests, or `all`")
    parser.add_argument("--list", action="store_true", help="name the tests and what each shows")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], help="only this one; otherwise all that the test is about")
    parser.add_argument("--seconds", type=float, help="how long load lasts, where a test has a length")
    parser.add_argument("--binary", type=pathlib.Path, help="the gcm-api to test; otherwise target/release/gcm-api is built")
    parser.add_argument("--sabotage", action="store_true", help="plant a lie in each test: it must fail")
    asked = parser.parse_args()
    if asked.list or not asked.test:
        for name, engines in CASES.items():
            print(f"{name:20} {' '.join(engines):16} {first_line(name)}")
        return 0
    names = list(CASES) if asked.test == ["all"] else asked.test
    if unknown := [name for name in names if name not in CASES]:
        parser.error(f"no such test: {', '.join(unknown)} (see --list)")
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    binary = (asked.binary or build()).resolve()
    if not binary.exists():
        parser.error(f"there is no {binary}")
    outcomes = {}
    for name in names:
        for engine in CASES[name]:
            if asked.engine in (None, engine):
                outcomes[f"{name} on {engine}"] = run(name, engine, asked, binary)
    if len(outcomes) > 1:
        print("\nAll together:")
        for name, outcome in outcomes.items():
            print(f"  {outcome:8} {name}")
    worst = set(outcomes.values())
    return 1 if "FAILED" in worst or not outcomes else 2 if "NOT RUN" in worst else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
