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


def title(document):
    if "activities" in document:
        return f"workplans of {' and '.join(f'{count:,}' for count in document['activities'])} activities"
    if "efforts" in document:
        return "insights"
    if "small" in document:
        return f"{document['small']:,} and {document['large']:,} organizations"
    slow_disk = f", every sync of the disk {document['sync_ms']} ms longer" if document.get("sync_ms") else ""
    alone = f": {', '.join(document['only'])} alone" if document.get("only") else ""
    return f"{document['rows']:,} organizations, {document['changes']:,} changes{slow_disk}{alone}"


def tables(document):
    about = document["machine"]
    yield f"### {document['engine']}, {title(document)}\n"
    yield (f"{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, Linux {about['kernel']}; commit {about['commit']}; "
           f"load of the machine at the start {about['load_before']:.1f}.\n")
    kinds = {"small": growth, "efforts": insights, "activities": workplans}
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
        yield f"| {name} | {each['first_ms']:,.1f} | {each['reckoned_ms']:,.1f} | {kept(each)} | {slow(each)} |"
    yield ""


def workplans(found):
    yield from asked({**found["diff"]["asked"], **found["insights"]})
    yield from growth(found["growth"])
    for name, each in found["include"].items():
        yield (f"- the list with organizations, objectives and what is computed, {name}: {each['included_per_second']:,.0f} a second, "
               f"{each['ratio']:.2f} of the plain list")
    yield f"- the plan that is compared, seconds: {', '.join(f'{step} {took}' for step, took in found['diff']['seconds'].items())}"
    yield f"- load: seconds {found['load']['seconds']}, size mib {found['load']['size_mib']}"
    yield ""


def asked(found):
    yield "| | first, ms | reckoned, ms | kept, /s | kept, p99 ms | 32 behind a write: median, ms | the longest | refused of 96 | |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, each in found.items():
        yield (f"| {name} | {each['first_ms']:,.1f} | {each['reckoned_ms']:,.1f} | {kept(each)} | {each['together_median_ms']:,.1f} "
               f"| {each['together_longest_ms']:,.1f} | {each['together_refused'] or ''} | {slow(each)} |")
    yield ""


def kept(each):
    return f"{each['kept_per_second']:,.0f} | {each['kept_p99_ms']:.1f}" if "kept_per_second" in each else " | "


def slow(each):
    return "503" if each.get("status") == 503 else "**over 2 s**" if each["reckoned_ms"] > 2000 else ""


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
        broad = "" if "figures" in each or each["ms"]["large"] <= 2500 else "**over 2 s**"
        yield f"| {each['name']} | {small} | {large} | {each['ratio']:.2f} | {goal or ''} | {met(each['ratio'], goal, most=True) or broad} |"
    yield ""
    yield f"- most memory of the server, MiB: {found['peak_mib']}"
    yield ""
