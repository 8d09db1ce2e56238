"""Starts the service with its demo data, lets Schemathesis loose on it as several people, and says what was reached.

Fails when Schemathesis finds something, when an operation never answered 2xx to anybody (then it was not tested at all), when the
rate limiter answered in the service's stead, or when the service stopped.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict

from service import COMMAND, ROOT, service, tail

OUT = ROOT / "target" / "fuzz"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "etag_is_revision",  # ours, in schemathesis_hooks.py
]
METHODS = ("get", "put", "post", "delete", "patch")
# The limits are tested elsewhere; here they would hide the service.
UNLIMITED = {
    f"GCM_{name}": "1000000"
    for name in ("RATE_LIMIT_PER_MINUTE", "PUBLIC_RATE_LIMIT_PER_MINUTE", "SIGN_IN_LIMIT_PER_NETWORK", "SIGN_IN_LIMIT_PER_ACCOUNT")
}
# Coverage probes every value of every parameter once; it is the longest part, so one actor does it.
PHASES = {"coordinator": "examples,coverage,fuzzing", "focal_point": "examples,fuzzing"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", default=COMMAND, help="what to start")
    parser.add_argument("--contract", type=pathlib.Path, default=ROOT / "openapi" / "openapi.json")
    parser.add_argument("--examples", type=int, default=30, help="per operation and actor (default 30)")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--include-operation", action="append", default=[], metavar="ID", help="only this operationId")
    return parser.parse_args()


def label(account):
    """People by role; machine accounts, which hold a role too, apart."""
    return f"{account['role']}_machine" if "client_id" in account else account["role"]


class Run:
    """One actor's Schemathesis, in a process of its own: two of them also meet each other's writes."""

    def __init__(self, name, account, options, url, actors, phases="examples,fuzzing", only=()):
        self.account, self.name = account, name
        self.log, self.state = OUT / f"{self.name}.log", OUT / f"{self.name}.json"
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(options.contract)),
            *("--url", url, "--phases", phases, "--checks", ",".join(CHECKS), "--max-examples", str(options.examples)),
            *("--generation-with-security-parameters", "false", "--generation-database", "none", "--no-shrink"),
            *("--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--no-color"),
            # A token in a log is a token lost, even a demo one.
            *("--output-sanitize", "true", "--request-timeout", "60", "--workers", "1"),
        ]
        for operation in only:
            command += ["--include-operation-id", operation]
        if options.seed is not None:
            command += ["--seed", str(options.seed)]
        environment = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "PYTHONPATH": str(ROOT / ".ci"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GCM_FUZZ_URL": url,
            "GCM_FUZZ_ACTOR": json.dumps(account),
            "GCM_FUZZ_ACTORS": json.dumps(actors),
            "GCM_FUZZ_STATE": str(self.state),
            "GCM_FUZZ_CONTRACT": str(options.contract),
            "GCM_FUZZ_SEED": str(options.seed if options.seed is not None else time.time_ns()),
        }
        self.began = time.monotonic()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=OUT, env=environment, stdout=log, stderr=subprocess.STDOUT)

    def finish(self):
        code = self.process.wait()
        seconds = time.monotonic() - self.began
        if not self.state.exists():
            return Counts(), f"{self.name}: did not run\n{tail(self.log, 40)}"
        left = json.loads(self.state.read_text())
        if left["password"]:
            self.account["password"] = left["password"]  # a case may have changed it
        print(f"{self.name}: {sum(sum(c.values()) for c in left['counts'].values())} requests in {seconds:.0f} s", flush=True)
        return Counts(left["counts"]), f"{self.name}:\n{self.log.read_text()}" if code else None


class Counts(defaultdict):
    """operationId -> status -> how often"""

    def __init__(self, counts=()):
        super().__init__(Counter)
        self.add(dict(counts))

    def add(self, other):
        for operation, statuses in other.items():
            self[operation].update({int(status): number for status, number in statuses.items()})

    def good(self, operation):
        return sum(number for status, number in self[operation].items() if 200 <= status < 300)


def operations(contract, only):
    document = json.loads(contract.read_text())
    found = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method].get("operationId", f"{method.upper()} {path}")
                found[operation] = f"{method.upper()} {path}"
    unknown = set(only) - set(found)
    if unknown:
        sys.exit(f"no such operation: {', '.join(sorted(unknown))}")
    return {name: where for name, where in found.items() if not only or name in only}


def table(wanted, counts):
    lines = [f"{'operation':<44} {'calls':>6} {'2xx':>6} {'share':>6}  answers"]
    for operation in sorted(wanted):
        calls, good = sum(counts[operation].values()), counts.good(operation)
        answers = " ".join(f"{status}:{number}" for status, number in sorted(counts[operation].items()))
        lines.append(f"{operation:<44} {calls:>6} {good:>6} {good / calls if calls else 0:>6.0%}  {answers}")
    calls = sum(sum(counts[o].values()) for o in wanted)
    good = sum(counts.good(o) for o in wanted)
    lines.append(f"{'all':<44} {calls:>6} {good:>6} {good / calls if calls else 0:>6.0%}")
    return "\n".join(lines)


def main():
    options = arguments()
    options.contract = options.contract.resolve()
    wanted = operations(options.contract, options.include_operation)
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*"):
        if old.is_file():
            old.unlink()
    failures, counts = [], Counts()
    with (
        tempfile.TemporaryDirectory(prefix="gcm-fuzz-") as directory,
        service(options.server, pathlib.Path(directory), OUT / "service.log", UNLIMITED) as (process, url),
    ):
        accounts = json.loads((pathlib.Path(directory) / "demo-accounts.json").read_text())["accounts"]
        first = {role: next((a for a in accounts if label(a) == role), None) for role in PHASES}
        if None in first.values():
            sys.exit(f"demo-accounts.json lacks one of {', '.join(PHASES)}")
        # What only others may do is no fault of the operation: they try what is left, one role after the other. At last the
        # coordinator again, now that there is what only the others could make.
        later = {label(account): account for account in accounts if label(account) not in PHASES}
        # The administrator after the other roles: it takes from everybody but those who act.
        later = dict(sorted(later.items(), key=lambda role: role[0] == "administrator"))
        later["coordinator_again"] = first["coordinator"]
        actors = [account["username"] for account in [*first.values(), *later.values()] if "username" in account]
        together = [Run(role, first[role], options, url, actors, phases, options.include_operation) for role, phases in PHASES.items()]

        def take(run):
            seen, failure = run.finish()
            counts.add(seen)
            failures.extend([failure] if failure else [])

        for run in together:
            take(run)
        # What needs luck, such as a row in the right state, gets three tries of it.
        for attempt in range(3):
            for name, account in later.items():
                left = [operation for operation in wanted if not counts.good(operation)]
                if left and process.poll() is None:
                    again = argparse.Namespace(**{**vars(options), "seed": options.seed and options.seed + attempt})
                    take(Run(name if attempt == 0 else f"{name}_{attempt + 1}", account, again, url, actors, only=left))
        if process.poll() is not None:
            failures.append(f"the service stopped with {process.returncode}:\n{tail(OUT / 'service.log', 40)}")
    failures += [f"{operation} ({wanted[operation]}) never answered 2xx" for operation in sorted(wanted) if not counts.good(operation)]
    # The token endpoint is meant to be strict; elsewhere a limit would hide the service from the test.
    business = [statuses for operation, statuses in counts.items() if "/v1/auth/" not in wanted.get(operation, "")]
    limited, calls = sum(s[429] for s in business), sum(sum(s.values()) for s in business)
    if limited > calls / 50:
        failures.append(f"{limited} of {calls} answers were 429: raise the limits for this run")
    summary = table(wanted, counts)
    (OUT / "summary.txt").write_text(summary + "\n")
    (OUT / "summary.json").write_text(json.dumps(counts, indent=1, sort_keys=True))
    if failures:
        print("\n\n".join(failures))
    print(f"\n{summary}\n\nfuzz: {'FAILED, ' + str(len(failures)) + ' reasons above' if failures else 'no findings'}")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
