"""The events of the phases, the goals and the linkage to persons; their own seed and ids, so that the others stay as they are."""

import random
from datetime import date

from diary import DAY, YEARS, Diary, Organisation, workday

SEED = 20071231
EXAMPLE_GOALS = (
    "political_quality",
    "learning_power",
    "creativity",
    "competitiveness",
    "effectiveness",
    "public_image",
)
SLOW = ("education_bureau", "station_area_office", "culture_bureau")  # learn little, rise little
DRIVERS = {"wto": (8, 5), "knowledge_economy": (6, 4), "competition": (5, 6), "transport_district": (4, 9),
           "expo_2010": (2, 12)}  # driver: rise of the index a year, until 2005 and after  # fmt: skip
FIELDS = ("finance", "economy", "technology", "management")
TOPICS, CHANNELS = ("theory", "professional", "technology"), ("college", "party_school", "in_service", "self_study")


def programme(org: Organisation, departments: dict[str, tuple]) -> list[dict]:
    """The events, in no order. `departments`: (share present, level of scores, …) by id."""
    diary = Diary(random.Random(SEED))
    _papers(diary, departments)
    for year in YEARS:
        _district(org, diary, year)
        for department, (_, level, _) in departments.items():
            _department(diary, department, year, level)
            _learning(org, diary, department, year)
        _appraisals(org, diary, year)
    for number, event in enumerate(diary.events, start=1):
        event["id"] = f"f{number:06}"
    return diary.events


def _papers(diary: Diary, departments: dict[str, tuple]) -> None:
    for kind, day in (("benchmarking_visit", date(2003, 1, 14)),
                      ("seminar", date(2003, 1, 21)), ("consultation", date(2003, 2, 11)),
                      ("field_study", date(2003, 3, 18))):  # fmt: skip
        diary.add("study", "publicity_department", day, study_kind=kind)
    for paper, day in (("key_task", date(2003, 2, 18)), ("five_year_plan", date(2003, 2, 27)),
                       ("implementation_opinion", date(2003, 3, 3)), ("evaluation_rules", date(2003, 6, 12)),
                       ("implementation_plan", date(2003, 4, 1)), ("appraisal_mechanism", date(2006, 4, 4)),
                       ("incentive_mechanism", date(2007, 3, 6))):  # fmt: skip  # none on innovation
        diary.add("paper_issued", "learning_group", day, paper=paper)
    diary.add("mobilisation", "zhabei", date(2003, 3, 5), "p_0001", attended=True, spoke=True)
    diary.add("mobilisation", "zhabei", date(2003, 3, 5), "p_0003", attended=True, spoke=False)
    for seat in ("organisation_department", "publicity_department", "organs_party_committee", "personnel_bureau",
                 "party_school", "culture_bureau", "finance_bureau"):  # fmt: skip
        diary.add("seat_taken", "learning_group", date(2003, 2, 20), seat=seat)
    for department in departments:
        diary.add(
            "paper_received", department, date(2003, 4, 1) + diary.rng.randint(1, 20) * DAY, paper="implementation_plan"
        )
        for part in ("approach", "goals", "schedule", "activity_plan"):
            late = department == "education_bureau" and part == "activity_plan"
            diary.add(
                "unit_plan_part", department, date(2005, 4, 12) if late else workday(diary.rng, 2004, 3), part=part
            )
    for kind, day in (("seminar", date(2005, 5, 17)), ("experience_exchange", date(2005, 10, 18)),
                      ("study_visit", date(2006, 6, 20))):  # fmt: skip
        diary.add("exchange", "learning_group", day, exchange_kind=kind)
    for model, day in (("youth_league_topics", date(2005, 11, 8)), ("station_english", date(2006, 5, 9))):
        diary.add("model_named", "learning_group", day, model=model)
        diary.add("programme_publicity", "publicity_department", day + 20 * DAY, theme="model", model=model)


def _district(org: Organisation, diary: Diary, year: int) -> None:
    rng = diary.rng
    for driver, (before, after) in DRIVERS.items():
        index = 100 + before * min(2, year - 2003) + after * max(0, year - 2005)
        diary.add("change_indicator", "zhabei", date(year, 12, 12), driver=driver, index=float(index))
    if year != 2004:
        diary.add("study", "civilisation_office", workday(rng, year, 9), study_kind="peer_exchange")
    if year != 2006:
        diary.add("programme_publicity", "publicity_department", workday(rng, year, 4), theme="values")
    for month in (3, 9) if year != 2005 else (3,):
        diary.add("coordination", "learning_office", workday(rng, year, month), participants=rng.randint(4, 12))
    if year >= 2004:
        speaker = "p_0003" if year < 2006 else "p_0002"
        diary.add("leader_talk", "organs_party_committee", workday(rng, year, 5), speaker)
    found = 11 + 3 * (year - 2003) if year != 2005 else 10
    day = workday(rng, year, 11)
    here = [p for p in org.persons if org.home(p, day) and org.persons[p]["post"] != "staff"]
    for person in rng.sample(here, found):
        diary.add("competency_found", org.home(person, day) or "zhabei", day, person, competency=rng.choice(FIELDS))


def _department(diary: Diary, department: str, year: int, level: int) -> None:
    rng, slow = diary.rng, department in SLOW
    for player in ("administration", "party_branch", "trade_union", "league_branch"):
        if not (slow and player in ("administration", "league_branch") and year in (2003, 2005)):
            diary.add("part_played", department, workday(rng, year, 10), player=player)
    rise = (1 if slow else 3) * (year - 2003)
    for goal in EXAMPLE_GOALS:
        score = min(99.0, 0.85 * level + rise + rng.randint(-10, 10) / 10)
        diary.add("goal_rating", department, workday(rng, year, 12), goal=goal, score=round(score, 1))
    for dimension in ("leaders_lead", "incentives", "own_wish"):
        score = min(99.0, level - 5 + (year - 2003) + rng.randint(-40, 40) / 10)
        diary.add("climate_survey", department, workday(rng, year, 6), dimension=dimension, score=round(score, 1))
    if year in (2005, 2006) and not (department == "civilisation_office") and (year == 2005) != slow:
        diary.add("study", department, workday(rng, year, 9), study_kind="field_study")


def _learning(org: Organisation, diary: Diary, department: str, year: int) -> None:
    """Most of the staff finish something; in some of the departments few do. A third takes its turn in the rotation."""
    rng, slow = diary.rng, department in SLOW
    for person in org.members(department, date(year, 6, 30)):
        turn = year >= 2005 and int(person[2:]) % 3 == year - 2005
        if not turn and rng.random() > (0.62 if slow else 0.9 + 0.02 * (year - 2003)):
            continue
        day = workday(rng, year, rng.randint(1, 12))
        if home := org.home(person, day):
            more = {"rotation": True} if turn else {}
            hours = rng.choice((8, 12, 16, 24)) + (2 * (year - 2003) if year != 2006 else 0)  # a thin year
            diary.add("learning", home, day, person, topic=rng.choice(TOPICS), learning_channel=rng.choice(CHANNELS),
                      hours=float(hours), **more)  # fmt: skip


def _appraisals(org: Organisation, diary: Diary, year: int) -> None:
    rng, day = diary.rng, date(year, 12, 20)
    for person, row in org.persons.items():
        home = org.home(person, day)
        if home is None or not row["civil_servant"]:
            continue
        roll = rng.random()
        grade = "excellent" if roll < 0.13 else "competent" if roll < 0.97 else "incompetent"
        if rng.random() > 0.02:
            diary.add("appraisal", home, day, person, appraisal_grade=grade)
        if rng.random() < 0.03:
            action = rng.choice(("grading", "promotion"))
            diary.add("personnel_action", home, day, person, hour=16, action=action)
