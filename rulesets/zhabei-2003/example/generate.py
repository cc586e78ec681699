"""Invents the example events of 2003 to 2007 for the organisation in org/: writes events/events.ndjson.gz.

Standard library only; the same organisation and seed give the same bytes. Each department behaves in its own way: the
arts salon is let slip, hosts do not always take turns, one department loses its grade to an integrity incident. What
real records suffer from is there too: late entries, resends, corrections, voids, and rows nobody can use.
"""

import gzip
import json
import random
from datetime import date, datetime
from pathlib import Path

from diary import DAY, YEARS, ZONE, Diary, Organisation, mondays, workday
from programme import programme

OUT = Path(__file__).parent / "events" / "events.ndjson.gz"
SEED = 20030101
# department: (share of members present, level of the scores it is given, months without a study day)
STYLE = {
    "organisation_department": (0.95, 91, ()), "publicity_department": (0.92, 89, ((2006, 9),)),
    "organs_party_committee": (0.96, 90, ()), "personnel_bureau": (0.88, 83, ((2003, 5), (2003, 6))),
    "party_school": (0.94, 92, ()), "culture_bureau": (0.76, 68, ((2004, 8), (2005, 8), (2006, 8))),
    "sports_bureau": (0.80, 74, ((2003, 7), (2004, 7))), "finance_bureau": (0.87, 84, ()),
    "station_area_office": (0.74, 64, ((2003, 5), (2004, 2), (2005, 1), (2006, 10))),
    "youth_league": (0.90, 85, ()), "civilisation_office": (0.91, 88, ()),
    "education_bureau": (0.66, 54, ((2003, 3), (2003, 4), (2004, 6), (2005, 6), (2006, 6), (2007, 6))),
}  # fmt: skip
POINTS = ("study_rules", "governing_capacity", "management", "achievements_in_office", "cadre_quality", "brand",
          "cohesion", "service_image")  # fmt: skip
SHARED = (("party_school", "classroom"), ("administrative_college", "classroom"), ("xingjian_college", "classroom"),
          ("organs_party_committee", "activity_room"), ("organs_party_committee", "library"))  # fmt: skip
NO_SALON = {(2004, 10), (2005, 8), (2006, 2)}
FORUMS = {(2005, 2): 3, (2006, 3): 0}  # the others: one or two
NO_SESSION = {"2004-W53", "2005-W07", "2006-W05", "2006-W33", "2007-W40"}
EARLY = ("p_0202", "p_0220")  # the parameter early_group of the rules


def invent(org: Organisation, rng: random.Random) -> list[dict]:
    """All events, by `recorded_at`."""
    diary = Diary(rng)
    _beginnings(org, diary)
    for year in YEARS:
        for department in STYLE:
            _department_year(org, diary, department, year)
        _leading_group(org, diary, year)
        _publicity(org, diary, year)
        _services(org, diary, year)
        _training(org, diary, year)
        if year >= 2004:
            _youth_league(org, diary, year)
    _it_standard(org, diary)
    _english(org, diary)
    _incidents(diary)
    _mistakes(diary)
    events = diary.events + programme(org, STYLE)
    return sorted(events, key=lambda e: (e["recorded_at"], e["id"]))


def _beginnings(org: Organisation, diary: Diary) -> None:
    diary.add("body_established", "learning_group", date(2003, 2, 20), "p_0001", body_kind="leading_group")
    diary.add("body_established", "learning_office", date(2003, 2, 24), body_kind="office")
    diary.add("meeting", "learning_group", date(2003, 3, 5), purpose="mobilisation")
    for department in STYLE:
        day = workday(diary.rng, 2003, diary.rng.randint(3, 9))
        if department == "education_bureau":
            day = date(2005, 3, 15)  # long after the day it was due
        head = next(p for p in org.members(department, day) if org.persons[p]["post"] == "head")
        diary.add("body_established", department, day, head, body_kind="leading_group")
        if department != "sports_bureau":
            diary.add("document", department, workday(diary.rng, 2003, 10), document_kind="competition_rules")
    for interest, day in (("english", date(2004, 3, 9)), ("drama", date(2004, 4, 13)), ("film", date(2004, 4, 20)),
                          ("reading", date(2005, 2, 22))):  # fmt: skip
        diary.add("body_established", "youth_league", day, body_kind="interest_group", interest=interest)
    for item, day in (("computer", date(2003, 9, 1)), ("television", date(2003, 9, 1)), ("books", date(2003, 11, 3)),
                      ("dvd_player", date(2004, 12, 31))):  # fmt: skip  # the DVD player comes on the last day
        diary.add("resource_provided", "publicity_department", day, item=item)
    for unit in guided(org):
        if unit != "linfen_lu":
            diary.add("plan", unit, workday(diary.rng, 2004, diary.rng.randint(1, 10)), plan_kind="creation_plan")


def _department_year(org: Organisation, diary: Diary, department: str, year: int) -> None:
    rng, (present, level, gaps) = diary.rng, STYLE[department]
    for month in range(1, 13):
        if (year, month) not in gaps:
            _study_day(org, diary, department, workday(rng, year, month), present)
    day = workday(rng, year, 2)
    members = org.members(department, day)
    responsible = members[1] if rng.random() < 0.9 else None
    diary.add("plan", department, day, responsible, plan_kind="activity_plan")
    if not (department == "culture_bureau" and year == 2004):
        diary.add("budget", department, workday(rng, year, 1), amount=rng.randint(20, 160) * 500)
    for month in (3, 9) if department != "station_area_office" or year != 2005 else (3,):
        diary.add("meeting", department, workday(rng, year, month), purpose="department_group")
    for month in rng.sample(range(2, 12), 2):
        diary.add("guidance", department, workday(rng, year, month))
    for form in rng.sample(("lecture", "visit", "competition"), rng.randint(0, 3)):
        diary.add(
            "activity",
            department,
            workday(rng, year, rng.randint(3, 12)),
            form=form,
            minutes=rng.choice((90, 120, 180)),
        )
    if not (department in ("sports_bureau", "culture_bureau") and year == 2003):
        diary.add("activity", department, workday(rng, year, 6), form="joint_study", minutes=120)
    if rng.random() < level / 110:
        diary.add("nomination", department, workday(rng, year, 11), title_kind="civilised_organ")
    for stage in ("used", "transferred", "consolidated", "improved"):
        if rng.random() < (level - 50) / 50 + 0.05 * (year - 2003):
            diary.add("achievement", department, workday(rng, year, rng.randint(6, 12)), stage=stage)
    for item in rng.sample(
        ("computer", "television", "books", "activity_room", "library", "classroom"), rng.randint(2, 4)
    ):
        for _ in range(rng.randint(1, 4)):
            day, user = workday(rng, year, rng.randint(1, 12)), rng.choice(members)
            if org.home(user, day):
                diary.add("resource_used", department, day, user, item=item)
    _judgements(diary, department, year, level + year - 2005)


def _study_day(org: Organisation, diary: Diary, department: str, day: date, present: float) -> None:
    rng = diary.rng
    diary.add("activity", department, day, form="study_day", minutes=rng.choice((90, 120)))
    for person in org.members(department, day):
        chance = min(0.99, present + (0.06 if org.persons[person]["leading_cadre"] else 0))
        roll = rng.random()
        status = "present" if roll < chance else ("excused" if roll > 0.985 else "absent")
        diary.add("attendance", org.home(person, day) or department, day, person, form="study_day", status=status)


def _judgements(diary: Diary, department: str, year: int, level: int) -> None:
    rng, day = diary.rng, workday(diary.rng, year, 11)
    if not (department == "civilisation_office" and year == 2003):
        diary.add("inspection", department, day)
    for point in POINTS:
        for _ in range(2):  # two evaluators
            diary.add("item_scored", department, day, point=point, score=_score(rng, level))
    groups = ("superiors", "peers", "staff")
    if department == "station_area_office" and year == 2003:
        groups = ("superiors", "staff")  # the peers did not vote
    for group in groups:
        for _ in range(rng.randint(4, 8)):
            diary.add("rating", department, workday(rng, year, 12), rater_group=group, score=_score(rng, level - 2))


def _leading_group(org: Organisation, diary: Diary, year: int) -> None:
    rng = diary.rng
    for quarter in range(4):
        if (year, quarter) != (2003, 1):  # no meeting in the spring of 2003
            diary.add(
                "meeting", "learning_group", workday(rng, year, quarter * 3 + rng.randint(1, 3)), purpose="coordination"
            )
    bodies = {2003: ["standing_committee"], 2005: ["secretaries_meeting", "standing_committee", "standing_committee"],
              2006: []}.get(year, ["secretaries_meeting", "standing_committee"])  # fmt: skip
    for i, body in enumerate(bodies):
        diary.add(
            "report_heard", "learning_group", workday(rng, year, 5 + 3 * i), heard_by=body, decisions=rng.randint(1, 4)
        )
    for unit in guided(org):
        if (unit, year) not in (("pengpu_town", 2004), ("beizhan", 2006)):
            diary.add("guidance", unit, workday(rng, year, rng.randint(3, 11)))


def _publicity(org: Organisation, diary: Diary, year: int) -> None:
    rng, unit = diary.rng, "publicity_department"
    diary.add("document", unit, workday(rng, year, 3), document_kind="theory_guidance")
    for month in (2, 5, 8, 11):
        diary.add(
            "publicity", unit, workday(rng, year, month), channel=rng.choice(("newspaper", "television", "meeting"))
        )
    if year == 2003:
        return
    for month in range(1, 13):
        if (year, month) not in NO_SALON:
            diary.add(
                "activity", unit, workday(rng, year, month), hour=18, form="salon", minutes=rng.choice((60, 90, 120))
            )
    for quarter in range(1, 5):
        for _ in range(FORUMS.get((year, quarter), rng.randint(1, 2))):
            month = 3 * quarter - rng.randint(0, 2)
            diary.add("activity", unit, workday(rng, year, month), form="forum", minutes=rng.choice((90, 120, 150)))
    outsiders = [p for p in org.persons if org.persons[p]["rank"] == "staff"]
    for _ in range(20):
        day = workday(rng, year, rng.randint(1, 12))
        guest = rng.choice(outsiders)
        if org.home(guest, day):
            diary.add("resource_used", unit, day, guest, item=rng.choice(("computer", "books", "dvd_player")))


def _services(org: Organisation, diary: Diary, year: int) -> None:
    rng, organs = diary.rng, "organs_party_committee"
    if year != 2006:
        diary.add("document", organs, workday(rng, year, 2), document_kind="study_document")
    for form, partner in (
        ("performance", "culture_bureau"),
        ("fitness", "sports_bureau"),
        ("competition", "finance_bureau"),
    ):
        if not (form == "fitness" and year in (2003, 2004)):
            day = workday(rng, year, rng.randint(4, 11))
            for host in (organs, partner):  # once for each host
                diary.add("activity", host, day, form=form, minutes=180)
    diary.add("funds", "finance_bureau", workday(rng, year, 1), amount=(200 + 40 * (year - 2003)) * 1000)
    diary.add("resource_provided", organs, workday(rng, year, 6), item="lecture_text")
    if year > 2003:
        for month in (1, 4, 7, 10):
            diary.add("publicity", organs, workday(rng, year, month), channel="web")
    for owner, item in SHARED:
        if owner == "xingjian_college" and year < 2005:
            continue
        for _ in range(rng.randint(4, 10)):
            day = workday(rng, year, rng.randint(1, 12))
            guest = rng.choice(sorted(org.persons))
            if org.home(guest, day):
                diary.add("resource_used", owner, day, guest, item=item)


def _training(org: Organisation, diary: Diary, year: int) -> None:
    rng = diary.rng
    for person, row in org.persons.items():
        day = workday(rng, year, rng.randint(3, 11))
        home = org.home(person, day)
        if home is None:
            continue
        topic = rng.choice(("theory", "professional", "technology"))
        if row["rank"] in ("chu", "ju") and rng.random() < 0.93:
            diary.add("training", home, day, person, topic="theory", provider="organisation_department")
        if row["civil_servant"] and rng.random() < (0.8 if year == 2003 else 0.94):
            diary.add("training", home, day, person, topic=topic, provider="personnel_bureau")
        elif rng.random() < 0.6:
            diary.add("training", home, day, person, topic=topic, provider="own_department")


def _youth_league(org: Organisation, diary: Diary, year: int) -> None:
    rng, unit = diary.rng, "youth_league"
    hosts: list[str] = []
    turn = 0
    for monday in mondays(year):
        day = monday + 2 * DAY if monday.isocalendar().week != 5 else monday + 4 * DAY
        name = "{}-W{:02}".format(*day.isocalendar()[:2])
        members = org.members(unit, day)
        if name in NO_SESSION:
            continue
        if not hosts:
            hosts = rng.sample(members, len(members))
        host = hosts.pop()
        if day.month in (7, 8, 9) and year == 2005:
            host = members[2]  # one host all summer
        if host in members:
            topical = rng.choice((15, 45)) if rng.random() < 0.03 else rng.randint(24, 36)
            diary.add("study_session", unit, day, host, hour=9, minutes=rng.choice((90, 100, 120)), topical=topical)
        heads = [p for p in members if org.persons[p]["post"] == "section_head"]
        if rng.random() > 0.02:
            minutes = 10 if rng.random() < 0.02 else rng.choice((15, 15, 15, 20))
            diary.add("grassroots_report", unit, monday, heads[turn % len(heads)], hour=10, minutes=minutes)
        turn += 1
    for quarter in range(1, 5):
        for person in org.members(unit, date(year, 3 * quarter, 15)):
            for _ in range(0 if rng.random() < 0.04 else rng.randint(1, 3)):
                day = workday(rng, year, 3 * quarter - rng.randint(0, 2))
                if home := org.home(person, day):
                    diary.add("online_post", home, day, person, hour=rng.randint(8, 20))
            if rng.random() < 0.5:
                day = workday(rng, year, 3 * quarter)
                diary.add("interest_meeting", unit, day, person, interest=rng.choice(("english", "drama", "film")))


def _it_standard(org: Organisation, diary: Diary) -> None:
    rng = diary.rng
    for person in sorted({p for y in YEARS for p in org.members("finance_bureau", date(y, 6, 30))}):
        system = rng.choice((("windows_2000",), ("windows_xp",), ("windows_2000", "windows_xp")))
        slow = rng.random() < 0.1  # passes one module only after the deadline
        for i, module in enumerate(("basics", *system, "word_processing", "spreadsheet", "internet")):
            day = workday(rng, 2006 if slow and i == 3 else rng.choice((2003, 2004, 2005)), rng.randint(3, 11))
            passed = rng.random() < 0.88
            home = org.home(person, day)
            if home is None:
                continue
            diary.add("module_test", home, day, person, module=module, passed=passed)
            again = day + 21 * DAY
            if not passed and rng.random() < 0.9 and org.home(person, again):
                diary.add("module_test", org.home(person, again) or home, again, person, module=module, passed=True)


def _english(org: Organisation, diary: Diary) -> None:
    rng, unit = diary.rng, "station_area_office"
    for year in (2004, 2005):
        end = date(year, 12, 31)
        for person in org.members(unit, end):
            age = year - int(org.persons[person]["birth_date"][:4])  # on 31 December, the years between
            first = age <= 35 or person in EARLY
            day = workday(rng, year, rng.choice((6, 11, 12)))
            if age > 45 or (first != (year == 2004)) or (year == 2005 and age == 36):
                if age > 45 and rng.random() < 0.85:
                    diary.add(
                        "training",
                        org.home(person, end) or unit,
                        day,
                        person,
                        topic="english",
                        provider="own_department",
                    )
                continue
            home = org.home(person, day)
            if home and rng.random() < 0.92:
                passed = rng.random() < 0.7
                diary.add("exam", home, day, person, certificate="english300", passed=passed)
                if not passed and year == 2004:  # again in the spring, too late
                    diary.add("exam", home, date(2005, 4, 16), person, certificate="english300", passed=True)
    for year in (2006, 2007):
        for person in org.members(unit, date(year, 6, 30)):
            if year - int(org.persons[person]["birth_date"][:4]) > 45 and rng.random() < 0.8:
                day = date(year, 6, 30)
                diary.add(
                    "training", org.home(person, day) or unit, day, person, topic="english", provider="own_department"
                )


def _incidents(diary: Diary) -> None:
    diary.add("incident", "sports_bureau", date(2006, 5, 18), incident_kind="integrity", confirmed=True)
    diary.add("incident", "culture_bureau", date(2005, 9, 6), incident_kind="integrity", confirmed=False)
    diary.add("incident", "finance_bureau", date(2004, 8, 11), incident_kind="safety", confirmed=True)
    wrong = diary.add("incident", "party_school", date(2007, 3, 13), incident_kind="integrity", confirmed=True)
    _again(diary, wrong, voids=wrong["id"], days=40)  # a complaint that proved unfounded


def _mistakes(diary: Diary) -> None:
    """Corrections, voids, resends and rows that cannot be used. Ids go on counting; resends keep theirs."""
    rng = diary.rng
    registers = [e for e in diary.events if e["kind"] == "attendance" and e["status"] == "absent"]
    for event in rng.sample(registers, 40):
        _again(diary, event, corrects=event["id"], days=rng.randint(3, 60), status="excused")
    sessions = [e for e in diary.events if e["kind"] == "study_session"]
    for event in rng.sample(sessions, 5):
        _again(diary, event, corrects=event["id"], days=9, topical=30)
    used = [e for e in diary.events if e["kind"] == "resource_used"]
    for event in rng.sample(used, 8):
        _again(diary, event, voids=event["id"], days=5)
    day = date(2005, 6, 1)
    diary.add("guidance", "transport_bureau", day)  # no such unit
    diary.add("attendance", "treasury_section", day, "p_9999", form="study_day", status="present")  # no such person
    diary.add("picnic", "youth_league", day)  # no such kind
    diary.add("activity", "youth_league", day, form="karaoke")  # no such form
    diary.add("study_session", "youth_league", day, "p_0226", minutes="an hour", topical=30)  # no number
    diary.add("rating", "finance_bureau", day, rater_group="staff", score=180.0)  # out of range
    event = diary.add("meeting", "learning_group", day, purpose="coordination")
    event["occurred_at"] = event["occurred_at"].removesuffix(ZONE)  # no zone
    diary.events += [dict(event) for event in rng.sample(diary.events, 60)]


def _again(diary: Diary, event: dict, days: int, **changes: object) -> None:
    """A correction or void of an event, recorded some days after it."""
    recorded = datetime.fromisoformat(event["recorded_at"]) + days * DAY
    new = event | {"id": f"e{len(diary.events) + 1:06}", "recorded_at": recorded.isoformat(), **changes}
    diary.events.append(new)


def guided(org: Organisation) -> list[str]:
    """The streets, the town and the branch."""
    return [id for id, level in org.level.items() if level in ("street", "branch_bureau")]


def _score(rng: random.Random, level: int) -> float:
    tenths = min(1000, max(0, 10 * level + rng.randint(-45, 45) + rng.randint(-45, 45)))
    return tenths / 10  # written with one decimal


def main() -> None:
    """Write the file."""
    events = invent(Organisation(), random.Random(SEED))
    text = "".join(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n" for event in events)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    with OUT.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
