"""What is measured, each figure of the service beside its rival in the same rounds."""

import http.client
import itertools
import json
import statistics
import subprocess
import threading
import time

from .services import BUILT, COORDINATOR, READERS, Failed, environment, product
from .wrk import Load

LIST = "/v1/organizations"
# The rivals' addresses: src/rivals/mod.rs
FIXED, HAND_LIST = "/v1/me", "/v1/me/sessions"
KINDS = ["state_body", "academia", "committee", "civil_society", "mass_organization", "un_entity", "donor", "subnational_authority",
         "private_sector", "ministry"]
SORTS = ["name", "-name", "code", "created_at", "-updated_at"]


def by_hand(path):
    return path + "/history"


class Figures:
    """The figures of one data set, and what they were measured with."""

    def __init__(self, bench, dataset):
        self.bench, self.data, self.found = bench, dataset, {}

    def keep(self, name, subject, against, figures, goal=None, **more):
        ratio = figures[subject]["rps"] / figures[against]["rps"]
        self.found[name] = {"subject": subject, "against": against, "ratio": round(ratio, 3), "goal": goal, "figures": figures} | more
        parts = ", ".join(f"{who} {each['rps']:,.0f}/s (p99 {each['p99_us'] / 1000:.1f} ms)" for who, each in figures.items())
        print(f"  {name:28} {ratio:6.2f}{f' (goal {goal})' if goal else '':12}  {parts}", flush=True)

    def note(self, name, **values):
        self.found[name] = values
        print(f"  {name:28} " + ", ".join(f"{key} {value}" for key, value in values.items()), flush=True)


def ids_of(server, count):
    """Ids of organizations, in the order they were made."""
    ids, cursor = [], ""
    while len(ids) < count:
        page = json.loads(server.get(f"{LIST}?limit=200&sort=created_at{cursor}")[2])
        ids += [row["id"] for row in page["data"]]
        if not page["page"]["has_more"]:
            break
        cursor = "&cursor=" + page["page"]["next_cursor"]
    return ids[:count]


def start_up(figures):
    """From exec to the first 200 of /health/ready, five times; memory after two seconds of rest."""
    times, rest = [], 0
    for _ in range(5):
        server = product(figures.data)
        times.append(server.ready_seconds * 1000)
        time.sleep(2)
        rest = server.memory()
        server.stop()
    figures.note("start-up", ready_ms=round(statistics.median(times), 1), goal_ms=150, idle_mib=round(rest, 1), goal_mib=60)


def same_rows(figures, ours, theirs):
    """The list by hand must hold what the service's holds, or the comparison means nothing."""
    for query in ("", "?kind=academia"):
        mine, hand = json.loads(ours.get(LIST + query)[2]), json.loads(theirs.get(HAND_LIST + query)[2])
        if mine["data"] != hand["data"] or mine["page"]["has_more"] != hand["page"]["has_more"]:
            raise Failed(f"the list by hand differs from the service's: {query}")


def reads(figures, ours, theirs, folder):
    """With the response cache as it comes."""
    bench = figures.bench
    gzip = {"Accept-Encoding": "gzip"}
    figures.keep("cached list", "gcm-api", "same layers", bench.compare(
        Load("same layers", theirs, FIXED), Load("gcm-api", ours, LIST), Load("bare actix", theirs, "/", account=None, port=theirs.bare)), 0.8)
    figures.keep("cached list, gzip", "gcm-api", "same layers", bench.compare(
        Load("same layers", theirs, FIXED, headers=gzip), Load("gcm-api", ours, LIST, headers=gzip)))
    tag = ours.get(LIST)[1]["etag"]
    known = {"If-None-Match": tag}
    if ours.get(LIST, headers=known)[0] != 304:
        raise Failed("a conditional GET was not answered with 304")
    figures.keep("conditional GET", "gcm-api", "same layers", bench.compare(
        Load("same layers", theirs, FIXED, headers=known), Load("gcm-api", ours, LIST, headers=known)), 0.9)

    filters = [f"?kind={kind}&sort={sort}" for kind, sort in itertools.product(KINDS, SORTS)]
    mine, fixed = folder / "filters", folder / "fixed"
    mine.write_text("".join(f"{LIST}{each}\n" for each in filters))
    fixed.write_text("".join(f"{FIXED}{each}\n" for each in filters))
    with TenWritesASecond(ours) as writer:
        found = bench.compare(Load("same layers", theirs, script="paths.lua", arguments=[fixed]),
                              Load("gcm-api", ours, script="paths.lua", arguments=[mine]))
    figures.keep("50 filters, 10 writes/s", "gcm-api", "same layers", found, 0.6, writes=writer.count, write_p50_ms=writer.median())


class TenWritesASecond:
    """Somebody who works while others read."""

    def __init__(self, server):
        self.server, self.ids, self.latencies, self.failed = server, ids_of(server, 100), [], None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        if self.failed:
            raise Failed(f"a write beside the reads failed: {self.failed}")

    def work(self):
        next_at = time.monotonic()
        for number in itertools.count():
            next_at += 0.1
            if self.over.wait(max(0, next_at - time.monotonic())):
                return
            try:
                headers = {"Authorization": f"Bearer {self.server.token(COORDINATOR)}", "Content-Type": "application/json", "If-Match": "*"}
                body = json.dumps({"website": f"https://www.beside.example/{time.time_ns()}"})
                began = time.monotonic()
                status, _, text = self.server.ask("PATCH", f"{LIST}/{self.ids[number % len(self.ids)]}", headers, body)
                self.latencies.append(time.monotonic() - began)
                if status != 200:
                    self.failed = f"{status} {text[:200]}"
            except (OSError, http.client.HTTPException) as error:
                self.failed = repr(error)

    @property
    def count(self):
        return len(self.latencies)

    def median(self):
        return round(statistics.median(self.latencies) * 1000, 1) if self.latencies else None


def uncached(figures, ours, theirs, folder):
    """Without the response cache, beside the same statements by hand."""
    bench = figures.bench
    goal = 0.7 if figures.data.engine == "sqlite" else 0.8
    figures.keep("uncached list", "gcm-api", "by hand", bench.compare(Load("by hand", theirs, HAND_LIST), Load("gcm-api", ours, LIST)), goal)
    query = "?kind=academia"
    figures.keep("uncached list of a kind", "gcm-api", "by hand", bench.compare(
        Load("by hand", theirs, HAND_LIST + query), Load("gcm-api", ours, LIST + query)), goal)
    ids = ids_of(ours, 1000)
    mine, hand = folder / "rows", folder / "rows-by-hand"
    mine.write_text("".join(f"{LIST}/{each}\n" for each in ids))
    hand.write_text("".join(f"{by_hand(f'{LIST}/{each}')}\n" for each in ids))
    figures.keep("single read", "gcm-api", "by hand", bench.compare(
        Load("by hand", theirs, script="paths.lua", arguments=[hand]), Load("gcm-api", ours, script="paths.lua", arguments=[mine])))


def writes(figures, ours, theirs, folder):
    """One writer and 64, each write durable before it is answered."""
    ids = folder / "ids"
    ids.write_text("".join(f"{each}\n" for each in ids_of(ours, 1000)))
    start, rates = time.time_ns(), []
    for name, connections in (("a lone writer", 1), (f"{figures.bench.writers} writers", figures.bench.writers)):
        loads = [Load(subject, server, account=COORDINATOR, connections=connections, script="patch.lua", arguments=lambda number: [ids, start + number])
                 for subject, server in (("by hand", theirs), ("gcm-api", ours))]
        figures.keep(name, "gcm-api", "by hand", figures.bench.compare(*loads), 0.8)
        rates.append(figures.found[name]["figures"]["gcm-api"]["rps"])
    figures.note("committed together", times_a_lone_writer=round(rates[1] / rates[0], 2), goal=8 if figures.data.engine == "sqlite" else 2)


def shapes(server):
    """Every declared sort and indexed filter, then what no index serves."""
    middle = ids_of(server, 1)[0]
    indexed = {f"sort={sort}": f"?sort={sort}" for name in ("name", "code", "created_at", "updated_at") for sort in (name, "-" + name)}
    indexed |= {f"kind, sort={sort}": f"?kind=academia&sort={sort}" for sort in ("name", "code", "created_at", "-updated_at")}
    indexed |= {"two kinds": "?kind=academia&kind=donor", "id": f"?id={middle}", "code": "?code=org-0000777", "parent_id": "?parent_id=" + parent(server)}
    indexed |= {"second page": "?cursor=" + json.loads(server.get(LIST)[2])["page"]["next_cursor"]}
    others = {"country (common)": "?country=LA", "country (rare)": "?country=CH", "provenance": "?provenance=public_source", "active": "?active=true",
              "not active": "?active=false", "valid_on": "?valid_on=1980-01-01", "valid_from range": "?valid_from_from=1999-12-30&valid_from_to=1999-12-31",
              "valid_to range": "?valid_to_to=2000-01-01", "nothing matches": "?country=ZW", "with_total": "?with_total=true",
              "q (common)": "?q=savannakhet", "q (one row)": "?q=org-0000777", "q (none)": "?q=zzzzzz", "q (Lao)": "?q=%E0%BB%81%E0%BA%AE%E0%BA%87%E0%BA%87%E0%BA%B2%E0%BA%99",
              "q (two letters)": "?q=zz", "missing_language": "?missing_language=lo", "include": "?include=organizations"}
    return indexed, others


def parent(server):
    for row in json.loads(server.get(f"{LIST}?limit=200&sort=-code")[2])["data"]:
        if row["parent_id"]:
            return row["parent_id"]
    raise Failed("no row has a parent")


def once(server, path, **more):
    """Milliseconds of one answer, and its status."""
    began = time.monotonic()
    status, _, text = server.get(path, **more)
    took = (time.monotonic() - began) * 1000
    if status != 200 and not (status == 503 and b"query_too_broad" in text):
        raise Failed(f"{path}: {status} {text[:300]}")
    return took, status


def growth(bench, small, large, path=LIST, shapes=shapes, quick=100):
    """Each shape of a list on both sizes in turn. What takes so many milliseconds is asked three times instead of under load."""
    found = []
    servers = {"small": product(small, **small.without_cache), "large": product(large, **large.without_cache)}
    try:
        paths = {size: shapes(server) for size, server in servers.items()}
        for which, goal in ((0, 1.3), (1, None)):
            for name in paths["small"][which]:
                asks = {size: path + paths[size][which][name] for size in servers}
                # The better of two: the first of all has to open what it reads.
                first = {size: min(once(server, asks[size]) for _ in range(2)) for size, server in servers.items()}
                entry = {"name": name, "indexed": which == 0, "goal": goal}
                if max(took for took, _ in first.values()) < quick:
                    runs = bench.compare(*(Load(size, server, asks[size]) for size, server in servers.items()),
                                         seconds=max(1, bench.seconds // 3), rounds=min(2, bench.rounds))
                    entry |= {"figures": runs, "ratio": round(runs["small"]["rps"] / runs["large"]["rps"], 2)}
                else:
                    slow = {size: statistics.median(once(server, asks[size])[0] for _ in range(3)) for size, server in servers.items()}
                    entry |= {"ms": {size: round(took, 1) for size, took in slow.items()}, "ratio": round(slow["large"] / slow["small"], 2),
                              "status": first["large"][1]}
                found.append(entry)
                shown = entry.get("ms") or {size: f"{run['rps']:,.0f}/s" for size, run in entry["figures"].items()}
                print(f"  {name:28} {entry['ratio']:6.2f}{' (goal 1.3)' if goal else ''}  {shown}", flush=True)
        memory = {size: round(server.memory("VmHWM"), 1) for size, server in servers.items()}
    finally:
        for server in servers.values():
            server.stop()
    return {"shapes": found, "peak_mib": memory}


def verify(figures):
    """`gcm-api audit verify`, without and with the bodies: rows a second, and the most memory it took."""
    for name, more in (("audit verify", []), ("audit verify --bodies", ["--bodies"])):
        began = time.monotonic()
        process = subprocess.Popen([BUILT / "gcm-api", "audit", "verify", *more], env=environment(figures.data.settings), cwd=figures.data.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        peaks = []
        while process.poll() is None:
            try:
                lines = open(f"/proc/{process.pid}/status").read().splitlines()
                peaks += [int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")]
            except OSError:
                pass
            time.sleep(0.1)
        took, output = time.monotonic() - began, process.stdout.read()
        if process.returncode != 0:
            raise Failed(f"{name} found the record altered: {output}")
        rows = int(output.split()[0])
        figures.note(name, rows=rows, seconds=round(took, 1), rows_per_second=round(rows / took), goal=200_000,
                     memory_mib=[round(peaks[len(peaks) * part // 10], 1) for part in range(10)] if len(peaks) > 10 else [],
                     peak_mib=round(max(peaks, default=0), 1))


def histories(figures, ours, folder):
    """Histories of many rows, one after the other."""
    paths = folder / "histories"
    paths.write_text("".join(f"{LIST}/{each}/history\n" for each in ids_of(ours, 1000)))
    run = figures.bench.compare(Load("gcm-api", ours, script="paths.lua", arguments=[paths]))["gcm-api"]
    figures.note("history", rps=run["rps"], p50_ms=run["p50_us"] / 1000, p99_ms=run["p99_us"] / 1000)
