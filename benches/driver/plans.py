"""Workplans with any number of activities: closed ones, one that is carried out, and the next one, which is being written."""

import datetime
import json
import random
import subprocess
import time

from .services import BUILT
from .stock import Seeded, Stock, key

CLOSED, CYCLE = 8, 2
INSTITUTIONS, OBJECTIVES, PRIORITIES, RARE = 30, 23, 5, 20
KINDS, CHUNK = 3_000, 20_000
PROVINCES = ["LA-AT", "LA-BK", "LA-BL", "LA-CH", "LA-HO", "LA-KH", "LA-LM", "LA-LP", "LA-OU", "LA-PH", "LA-SL", "LA-SV", "LA-VI", "LA-VT", "LA-XA",
             "LA-XE", "LA-XI", "LA-XS"]
TARGETS = ["8.8", "10.7", "3.8", "4.3", "16.9", "5.2", "10.c", "17.18"]
DOES = ["Train", "Equip", "Advise", "Register", "Inform", "Support", "Inspect", "Link"]
WHOM = ["labour inspectors", "returning migrants", "village authorities", "recruitment agencies", "health workers", "consular staff", "young people",
        "border guards"]
WHERE = ["Savannakhet", "Champasak", "Bokeo", "Vientiane", "Khammouane", "Xayaburi", "Luang Namtha", "Sekong"]
LAO = ["ຝຶກອົບຮົມ", "ລົງທະບຽນ", "ສະໜັບສະໜູນ", "ກວດກາ", "ປຶກສາ", "", ""]
STAMPS = ["id", "revision", "audience", "owner_id", "created_at", "updated_at", "archived_at", "provenance", "external_ids"]
COLUMNS = {
    "activity": STAMPS + ["workplan_id", "code", "title", "description", "priority_id", "objective_numbers", "action_codes", "sdg_target_codes",
                          "parties", "starts_on", "ends_on", "recurrence_every", "recurrence_until", "sort_ends_on", "depends_on", "provinces",
                          "implementation", "progress_percent", "rating", "added_in_version"],
    "activity_party": ["activity_id", "organization_id", "role"],
    "activity_objective": ["activity_id", "number"],
    "activity_action": ["activity_id", "code"],
    "activity_sdg_target": ["activity_id", "code"],
    "activity_province": ["activity_id", "code"],
    "activity_dependency": ["activity_id", "on_id"],
    "milestone": STAMPS + ["activity_id", "title", "due_on", "done_on", "parties"],
    "budget_line": STAMPS + ["activity_id", "kind", "amount_minor", "amount_currency", "funder_id"],
    "search_text": ["kind", "row_id", "folded"],
}
WORKPLAN = STAMPS + ["title", "starts_on", "ends_on", "reporting_interval", "priority_ids", "version", "version_sha256", "substance", "state"]
PRIORITY = STAMPS + ["prioritization_id", "objective_number", "rank", "supporting_ids", "substance", "state"]
PRIORITIZATION = STAMPS + ["title", "electorate_ids", "criteria", "selection", "state", "opened", "ranking", "missing_organization_ids"]
# How far activities are, and how often: of plans that are over, of the one that is carried out, of drafts.
SO_FAR = {
    "closed": ["completed"] * 16 + ["cancelled"] * 2 + ["in_progress", "suspended"],
    "active": ["planned"] * 7 + ["in_progress"] * 8 + ["completed"] * 3 + ["suspended", "cancelled"],
    "draft": ["planned"],
}
RATINGS = ["on_track"] * 12 + ["at_risk"] * 3 + ["off_track"] + ["not_rated"] * 4


def compact(value):
    """JSON as the service writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Planned(Seeded):
    """So many activities: one in ten in the plan that is carried out, up to five hundred in the draft of the next one, the others in eight plans before."""

    def load(self):
        known = self.folder / "seconds"
        if known.exists():
            return float(known.read_text())
        super().load()
        began = time.monotonic()
        Activities(self).load()
        took = time.monotonic() - began
        known.write_text(f"{took:.1f}")
        return took


class Plan:
    """One workplan of two years: its days, and which activities it holds."""

    def __init__(self, stock, at, state, first, count):
        self.at, self.state, self.first, self.count, self.id = at, state, first, count, stock.key(at, 1)
        year = 2026 + CYCLE * (at - CLOSED)
        begins, ends = datetime.date(year, 1, 1), datetime.date(year + CYCLE - 1, 12, 31)
        self.days = [str(begins + datetime.timedelta(days=day)) for day in range((ends - begins).days + 1)]
        self.priorities = [stock.key(at * PRIORITIES + each, 2) for each in range(PRIORITIES)]
        self.audience, self.version = ("country", None) if state == "draft" else ("everyone", 1)

    def day(self, at):
        return self.days[min(at, len(self.days) - 1)]


class Kind:
    """What many activities have in common, and how it stands in their rows."""

    def __init__(self, chance, stock):
        objectives = sorted(chance.sample(range(1, OBJECTIVES + 1), chance.choice((1, 1, 2, 3))))
        actions = [f"{objectives[0]}.{chance.choice('abc')}"] if chance.random() < 0.5 else []
        targets = sorted(chance.sample(TARGETS, chance.choice((0, 1, 2))))
        provinces = sorted(chance.sample(PROVINCES, chance.choice((0, 0, 1, 2))))
        lead, *others = chance.sample(stock.leads, chance.choice((2, 2, 3)))
        self.parties = [(lead, "lead")] + [(other, "implementing") for other in others]
        if chance.random() < 0.2:
            self.parties.append((chance.choice(stock.funders), "funding"))
        self.below = {"activity_objective": objectives, "activity_action": actions, "activity_sdg_target": targets, "activity_province": provinces}
        self.objectives, self.actions, self.targets, self.provinces = map(compact, (objectives, actions, targets, provinces))


class Activities(Stock):
    """Fills the tables; the same number of activities gives the same data."""

    def __init__(self, dataset):
        super().__init__(dataset)
        self.count, self.chance = dataset.rows, random.Random(7)
        found = self.institutions(INSTITUTIONS + 1)
        # One institution takes part in as few activities however many there are.
        self.leads, self.rare = found[:-1], found[-1]
        self.funders = self.institutions(8, "kind = 'un_entity'")
        self.texts = {known: self.text_of(known) for known in [*found, *self.funders]}
        self.kinds = [Kind(self.chance, self) for _ in range(KINDS)]
        until = datetime.datetime.fromisoformat(self.now)
        # Entered one a minute, the last of them now.
        ago = (datetime.timedelta(seconds=60 * (self.count - number), microseconds=1 + number % 999) for number in range(self.count + 1))
        self.moments = [(until - each).isoformat(timespec="microseconds") for each in ago]
        draft, active = min(500, self.count // 20), self.count // 10
        each, first, self.plans = (self.count - draft - active) // CLOSED, 0, []
        for at in range(CLOSED + 2):
            state = "closed" if at < CLOSED else "active" if at == CLOSED else "draft"
            count = {"closed": each, "active": active, "draft": self.count - active - CLOSED * each}[state]
            self.plans.append(Plan(self, at, state, first, count))
            first += count

    def load(self):
        self.frame()
        with self.unindexed(COLUMNS):
            found = {table: [] for table in COLUMNS}
            for plan in self.plans:
                for at in range(plan.count):
                    self.activity(found, plan, at)
                    if len(found["activity"]) >= CHUNK:
                        self.write(found)
            self.write(found)
        if self.sqlite:
            subprocess.run([BUILT / "gcm-bench", "index-texts", "--url", f"sqlite:{self.dataset.file}", "--kind", "activity"], check=True)
        self.settle()

    def write(self, found):
        for table, columns in COLUMNS.items():
            self.insert(table, columns, found[table])
            found[table].clear()

    def stamps(self, kept, audience, entered=-1, changed=-1):
        return [kept, 1, audience, None, self.moments[entered], self.moments[changed], None, "entered", "[]"]

    def frame(self):
        """The plans, and the priorities that they carry out."""
        round_of = self.key(0, 3)
        self.insert("prioritization", PRIORITIZATION, [self.stamps(round_of, "everyone") + [compact({"en": "Round"}), "[]", "[]", "{}", "finalized", 1, "[]", "[]"]])
        self.insert("priority", PRIORITY, [
            self.stamps(priority, "everyone") + [round_of, 1 + (plan.at * PRIORITIES + rank) % OBJECTIVES, 1 + rank, "[]", 1, "adopted"]
            for plan in self.plans for rank, priority in enumerate(plan.priorities)])
        self.insert("workplan", WORKPLAN, [
            self.stamps(plan.id, plan.audience) + [compact({"en": f"Workplan {plan.days[0][:4]}"}), plan.days[0], plan.days[-1], "quarter",
                                                   compact(list(map(self.text_of, plan.priorities))), plan.version, plan.version and "0" * 64, 1, plan.state]
            for plan in self.plans])
        self.insert("workplan_priority", ["workplan_id", "priority_id"], [(plan.id, priority) for plan in self.plans for priority in plan.priorities])

    def pick(self, values):
        return values[int(self.chance.random() * len(values))]

    def activity(self, found, plan, at):
        draw, pick, number = self.chance.random, self.pick, plan.first + at
        kept, code, kind, waits = self.key(number), f"{1 + at % OBJECTIVES}.{at // OBJECTIVES:05}", pick(self.kinds), at and draw() < 0.15
        changed = number + int(draw() * (self.count - number))
        parties = kind.parties + [(self.rare, "supporting")] * (number % (self.count // RARE) == 0)
        listed = ",".join(f'{{"organization_id":"{self.texts[organization]}","role":"{role}"}}' for organization, role in parties)
        found["activity_party"] += [(kept, *party) for party in parties]
        for table, values in kind.below.items():
            found[table] += [(kept, value) for value in values]
        if waits:
            found["activity_dependency"].append((kept, self.key(number - 1)))
        first = int(draw() * len(plan.days))
        last, again = plan.day(first + 30 + int(draw() * 510)), draw() < 0.1
        english, lao = f"{pick(DOES)} {pick(WHOM)} in {pick(WHERE)}, nr-{number:07}", pick(LAO)
        title = f'{{"en":"{english}","lo":"{lao}"}}' if lao else f'{{"en":"{english}"}}'
        so_far = pick(SO_FAR[plan.state])
        percent = {"planned": 0, "completed": 100}.get(so_far, 5 + int(draw() * 90))
        stamps = self.stamps(kept, plan.audience, number, changed)
        if draw() < 0.01:
            stamps[6] = stamps[5]
        found["activity"].append(stamps + [
            plan.id, code, title, None, pick(plan.priorities) if draw() < 0.6 else None, kind.objectives, kind.actions, kind.targets, f"[{listed}]",
            plan.days[first], None if again else last, "quarter" if again else None, last if again else None, last,
            f'["{key(number - 1)}"]' if waits else "[]", kind.provinces, so_far, percent, pick(RATINGS), plan.version])
        found["search_text"].append(("activity", kept, f"{code}\n{english}\n{lao}".lower()))
        self.below(found, plan, (kept, number, changed), first, f"[{listed}]")

    def below(self, found, plan, above, first, parties):
        """Milestones and budget lines; their texts are in no index, and no list here searches them."""
        draw, pick, (kept, number, changed) = self.chance.random, self.pick, above
        for each in range(pick((0, 1, 1, 2))):
            due = plan.day(first + 20 + int(draw() * 380))
            done = due if plan.state != "draft" and draw() < 0.6 else None
            found["milestone"].append(self.stamps(self.key(4 * number + each, 4), plan.audience, number, changed) + [kept, f'{{"en":"Milestone {each}"}}', due, done, parties])
        if draw() < 0.8:
            amount, currency = int(1_000 + draw() * 900_000) * 100, "USD" if draw() < 0.8 else "LAK"
            for each, kind in enumerate(pick((["required"], ["required", "committed"], ["required", "committed", "disbursed"]))):
                funder = None if kind == "required" else pick(self.funders)
                found["budget_line"].append(self.stamps(self.key(4 * number + each, 5), plan.audience, number, changed) + [kept, kind, amount // (1 + each), currency, funder])
