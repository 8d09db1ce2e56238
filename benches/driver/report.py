"""The tables of benches/REPORT.md, from benches/results/*.json. Words outside the markers are written by hand and stay."""

import json

BEGIN, END = "<!-- figures: written by benches/run -->", "<!-- end of figures -->"


def write(here):
    path = here / "REPORT.md"
    text = path.read_text() if path.exists() else f"# Benchmark report\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    documents = [json.loads(file.read_text()) for file in sorted((here / "results").glob("*.json"))]
    path.write_text(before + BEGIN + "\n\n" + "\n".join(part for each in documents for part in tables(each)) + END + after)


def tables(document):
    about = document["machine"]
    of = f"{document['engine']}, insights" if "efforts" in document else f"{document['engine']}, {document['small']:,} and {document['large']:,} organizations" if "small" in document else (
        f"{document['engine']}, {document['rows']:,} organizations, {document['changes']:,} changes"
        + (f", every sync of the disk {document['sync_ms']} ms longer" if document.get("sync_ms") else "")
        + (f": {', '.join(document['only'])} alone" if document.get("only") else ""))
    yield f"### {of}\n"
    yield (f"{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, Linux {about['kernel']}; commit {about['commit']}; "
           f"load of the machine at the start {about['load_before']:.1f}.\n")
    kinds = {"small": growth, "efforts": insights}
    yield from next((table for kind, table in kinds.items() if kind in document), figures)(document["found"])


def met(value, goal, most=False):
    if goal is None:
        return ""
    return "met" if (value <= goal if most else value >= goal) else "**missed**"


def figures(found):
    yield "| | gcm-api /s | p50 ms | p99 ms | against | /s | ratio | goal | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, each in found.items():
        if "ratio" not in each:
            continue
        run, rival = each["figures"][each["subject"]], each["figures"][each["against"]]
        goal = each["goal"]
        yield (f"| {name} | {run['rps']:,.0f} | {run['p50_us'] / 1000:.2f} | {run['p99_us'] / 1000:.2f} | {each['against']} | {rival['rps']:,.0f} "
               f"| {each['ratio']:.2f} | {goal or ''} | {met(each['ratio'], goal)} |")
        for other in set(each["figures"]) - {each["subject"], each["against"]}:
            yield f"| | | | | {other} | {each['figures'][other]['rps']:,.0f} | {run['rps'] / each['figures'][other]['rps']:.2f} | | |"
    yield ""
    for name, each in found.items():
        if "ratio" not in each:
            yield f"- {name}: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in each.items() if value != [])
    yield ""


def insights(found):
    yield "| | first, ms | reckoned, ms | kept, /s | kept, p99 ms | |"
    yield "|---|---|---|---|---|---|"
    for name, each in found.items():
        slow = "503" if each.get("status") == 503 else "**over 2 s**" if each["reckoned_ms"] > 2000 else ""
        kept = f"{each['kept_per_second']:,.0f} | {each['kept_p99_ms']:.1f}" if "kept_per_second" in each else " | "
        yield f"| {name} | {each['first_ms']:,.1f} | {each['reckoned_ms']:,.1f} | {kept} | {slow} |"
    yield ""


def growth(found):
    yield "| list | small | large | ratio | goal | |"
    yield "|---|---|---|---|---|---|"
    for each in found["shapes"]:
        if "figures" in each:
            small, large = (f"{each['figures'][size]['rps']:,.0f}/s" for size in ("small", "large"))
        else:
            small, large = (f"{each['ms'][size]:,.1f} ms" for size in ("small", "large"))
            if each["status"] == 503:
                large += " (503)"
        goal = each["goal"]
        slow = "" if "figures" in each or each["ms"]["large"] <= 2500 else "**over 2 s**"
        yield f"| {each['name']} | {small} | {large} | {each['ratio']:.2f} | {goal or ''} | {met(each['ratio'], goal, most=True) or slow} |"
    yield ""
    yield f"- most memory of the server, MiB: {found['peak_mib']}"
    yield ""
