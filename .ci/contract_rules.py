"""Shows every rule of the contract broken, and caught by name.

`contract_rules.py write DIR` writes one broken document per entry of tests/contract_rules/mutations.json (a JSON Patch on
good.json); `contract_rules.py judge REPORT` holds Spectral's JSON report on them against the rule each was broken for.
"""

import copy
import json
import pathlib
import re
import sys
from collections import defaultdict

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = ROOT / "tests" / "contract_rules"


def step(at, key):
    return at[int(key)] if isinstance(at, list) else at[key]


def find(document, pointer):
    """The container and the last key of a JSON pointer."""
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for key in way:
        document = step(document, key)
    return document, last


def put(document, pointer, value):
    at, key = find(document, pointer)
    if not isinstance(at, list):
        at[key] = value
    elif key == "-":
        at.append(value)
    else:
        at.insert(int(key), value)


def take(document, pointer):
    at, key = find(document, pointer)
    return at.pop(int(key)) if isinstance(at, list) else at.pop(key)


def apply(document, patch):
    """RFC 6902 without `test`."""
    for change in patch:
        if change["op"] in ("remove", "replace", "move"):
            taken = take(document, change["from"] if change["op"] == "move" else change["path"])
        if change["op"] in ("add", "replace"):
            put(document, change["path"], change["value"])
        elif change["op"] == "move":
            put(document, change["path"], taken)
        elif change["op"] == "copy":
            put(document, change["path"], copy.deepcopy(step(*find(document, change["from"]))))
    return document


def cases():
    """(file name, mutation)"""
    count = defaultdict(int)
    for mutation in json.loads((RULES / "mutations.json").read_text()):
        count[mutation["rule"]] += 1
        yield f"{mutation['rule']}.{count[mutation['rule']]}.json", mutation


def write(directory):
    good = (RULES / "good.json").read_text()
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.json"):
        old.unlink()
    (directory / "good.json").write_text(good)
    for name, mutation in cases():
        broken = apply(json.loads(good), mutation["patch"])
        (directory / name).write_text(json.dumps(broken, indent=2, ensure_ascii=False))


def judge(report):
    caught = defaultdict(set)
    for found in json.loads(report.read_text()):
        caught[pathlib.Path(found["source"]).name].add(found["code"])
    wrong = [f"good.json: caught by {sorted(caught['good.json'])}"] if caught["good.json"] else []
    shown = set()
    for name, mutation in cases():
        shown.add(mutation["rule"])
        # `also`: rules that cannot but fall with this one
        expected = {mutation["rule"], *mutation.get("also", [])}
        if caught[name] != expected:
            wrong.append(f"{name} ({mutation['why']}): expected {sorted(expected)}, caught by {sorted(caught[name])}")
    own = set(re.findall(r"^  (gcm-[a-z-]+):", (ROOT / "openapi" / "spectral.yaml").read_text(), re.M))
    wrong += [f"{rule}: nothing in mutations.json breaks it" for rule in sorted(own - shown)]
    wrong += [f"{rule}: no such rule in spectral.yaml" for rule in sorted(shown - own) if rule.startswith("gcm-")]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(own)} own rules and {len(shown - own)} of Spectral's caught by name in {sum(1 for _ in cases())} broken documents")


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(pathlib.Path(sys.argv[2]))
    else:
        judge(pathlib.Path(sys.argv[2]))
