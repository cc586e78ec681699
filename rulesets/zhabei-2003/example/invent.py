"""Invents the example organisation: writes org/units.yaml, bodies.yaml, persons.yaml and edges.yaml.

The departments, streets and bodies are those the source names; sections and persons are invented. The same seed gives
the same bytes. Each row is one line, in JSON, which is YAML too: `generate.py` reads it back without a YAML reader.
"""

import json
import random
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

SEED = 2003
ORG = Path(__file__).parent / "org"
START = "2003-01-01"

# id: (zh, en, persons, {section id: (zh, en)})
DEPARTMENTS: Mapping[str, tuple[str, str, int, Mapping[str, tuple[str, str]]]] = {
    "organisation_department": ("区委组织部", "Organisation department", 22, {
        "cadre_section": ("干部科", "Cadre section"), "organisation_section": ("组织科", "Organisation section"),
        "talent_section": ("人才科", "Talent section")}),
    "publicity_department": ("区委宣传部", "Publicity department", 24, {
        "theory_section": ("理论科", "Theory section"), "news_section": ("新闻科", "News section"),
        "arts_section": ("文艺科", "Arts section"), "publicity_office": ("办公室", "General office")}),
    "organs_party_committee": ("机关党工委", "Organs' Party work committee", 14, {
        "organs_organisation_section": ("组织科", "Organisation section"),
        "organs_publicity_section": ("宣传科", "Publicity section")}),
    "personnel_bureau": ("人事局", "Personnel bureau", 26, {
        "civil_service_section": ("公务员管理科", "Civil service section"),
        "professionals_section": ("专业技术人员科", "Professionals section"),
        "cadre_training_section": ("干部培训科", "Cadre training section"),
        "personnel_office": ("办公室", "General office")}),
    "party_school": ("区委党校", "Party school", 22, {
        "teaching_section": ("教务科", "Teaching section"), "research_section": ("教研室", "Research section"),
        "administrative_college": ("区行政学院", "Administrative college")}),
    "culture_bureau": ("文化局", "Culture bureau", 20, {
        "art_section": ("艺术科", "Art section"), "mass_culture_section": ("群众文化科", "Mass culture section"),
        "culture_market_section": ("文化市场科", "Culture market section")}),
    "sports_bureau": ("体育局", "Sports bureau", 18, {
        "mass_sports_section": ("群众体育科", "Mass sports section"),
        "competition_section": ("竞赛训练科", "Training and competition section")}),
    "finance_bureau": ("财政局", "Finance bureau", 38, {
        "budget_section": ("预算科", "Budget section"), "treasury_section": ("国库科", "Treasury section"),
        "accounting_section": ("会计科", "Accounting section"), "audit_section": ("监督科", "Supervision section"),
        "finance_office": ("办公室", "General office")}),
    "station_area_office": ("上海站地区管委会办公室", "Shanghai station area office", 34, {
        "order_section": ("综合治理科", "Public order section"), "services_section": ("窗口服务科", "Services section"),
        "environment_section": ("市容环境科", "Environment section"),
        "station_general": ("综合科", "General section")}),
    "youth_league": ("团区委", "Youth League district committee", 16, {
        "league_office": ("办公室", "General office"), "league_schools": ("学少部", "Schools section"),
        "league_work": ("青工部", "Young workers section"), "league_publicity": ("宣传部", "Publicity section")}),
    "civilisation_office": ("区文明办", "Civilisation office", 12, {
        "creation_section": ("创建科", "Creation section"), "volunteers_section": ("志愿科", "Volunteers section")}),
    "education_bureau": ("教育局", "Education bureau", 22, {
        "adult_education_section": ("成人教育科", "Adult education section"),
        "education_office": ("办公室", "General office"),
        "lifelong_learning_section": ("终身教育科", "Lifelong learning section"),
        "xingjian_college": ("行健学院", "Xingjian college")}),
}  # fmt: skip
COLLEGES = ("administrative_college", "xingjian_college")
GUIDED = {
    "tianmu_xilu": ("天目西路街道", "Tianmu Xilu street", "street"),
    "beizhan": ("北站街道", "Beizhan street", "street"),
    "baoshan_lu": ("宝山路街道", "Baoshan Lu street", "street"),
    "zhijiang_xilu": ("芷江西路街道", "Zhijiang Xilu street", "street"),
    "gonghexin_lu": ("共和新路街道", "Gonghexin Lu street", "street"),
    "daning_lu": ("大宁路街道", "Daning Lu street", "street"),
    "pengpu_xincun": ("彭浦新村街道", "Pengpu Xincun street", "street"),
    "linfen_lu": ("临汾路街道", "Linfen Lu street", "street"),
    "pengpu_town": ("彭浦镇", "Pengpu town", "street"),
    "public_security_branch": ("闸北公安分局", "Public security branch", "branch_bureau"),
}
NAMED_MEMBERS = ("organisation_department", "publicity_department", "organs_party_committee", "personnel_bureau",
                 "party_school", "culture_bureau")  # fmt: skip
IMPLIED_MEMBERS = ("finance_bureau", "sports_bureau")
SURNAMES = {"张": "Zhang", "王": "Wang", "李": "Li", "赵": "Zhao", "陈": "Chen", "周": "Zhou", "吴": "Wu", "徐": "Xu",
            "孙": "Sun", "朱": "Zhu", "胡": "Hu", "林": "Lin", "何": "He", "郭": "Guo", "马": "Ma", "沈": "Shen",
            }  # fmt: skip
# The section that moves to another department, and when.
MOVED, MOVED_TO, MOVED_ON, LAST_BEFORE = (
    "cadre_training_section", "organisation_department", "2005-07-01", "2005-06-30",
)  # fmt: skip
FOUNDED = {"lifelong_learning_section": "2006-01-01"}
NEW_HEADS = {"culture_bureau": "2006-03-01"}

Row = dict[str, object]


def units() -> list[Row]:
    """The district, its departments and their sections, the streets, the town and the branch."""
    rows: list[Row] = [{"id": "zhabei", "name": _name("闸北区", "Zhabei district"), "level": "district", "from": START}]
    for id, (zh, en, _, sections) in DEPARTMENTS.items():
        rows.append({"id": id, "name": _name(zh, en), "level": "department", "parent": "zhabei",
                     "party_parent": "district_committee", "from": START})  # fmt: skip
        for section, (section_zh, section_en) in sections.items():
            parent: object = id
            if section == MOVED:
                parent = [{"of": id, "from": START, "to": LAST_BEFORE}, {"of": MOVED_TO, "from": MOVED_ON}]
            level = "college" if section in COLLEGES else "section"
            rows.append({"id": section, "name": _name(section_zh, section_en), "level": level, "parent": parent,
                         "from": FOUNDED.get(section, START)})  # fmt: skip
    for id, (zh, en, level) in GUIDED.items():
        rows.append({"id": id, "name": _name(zh, en), "level": level, "parent": "zhabei",
                     "party_parent": "district_committee", "from": START})  # fmt: skip
    return rows


def bodies() -> list[Row]:
    """The Party committee's bodies, the leading groups, and what every department has: branch, union, League branch."""
    rows: list[Row] = [
        {"id": "district_committee", "name": _name("中共闸北区委", "District committee of the Party"), "from": START},
        {"id": "standing_committee", "name": _name("区委常委会", "Standing committee"), "from": START},
        {"id": "secretaries_meeting", "name": _name("区委书记办公会", "Secretaries' meeting"), "from": START},
        {"id": "learning_group", "name": _name("区创建学习型机关领导小组", "District leading group"), "from": START},
        {"id": "learning_office", "name": _name("领导小组办公室", "Office of the leading group"),
         "hosted_by": "organs_party_committee", "from": START},
    ]  # fmt: skip
    for id, (zh, en, _, _) in DEPARTMENTS.items():
        for suffix, body_zh, body_en in (
            ("group", "学习型机关领导小组", "leading group"),
            ("branch", "党支部", "Party branch"),
            ("union", "工会", "trade union"),
            ("league_branch", "团支部", "Youth League branch"),
        ):
            rows.append({"id": f"{id}_{suffix}", "name": _name(zh + body_zh, f"{en}, {body_en}"), "from": START})
    return rows


def persons(rng: random.Random) -> list[Row]:
    """Everybody, with a home: sections where there are some, heads at the department itself."""
    rows: list[Row] = [
        _person(rng, 1, "zhabei", "district_secretary", "ju", 54, to="2006-02-28"),
        _person(rng, 2, "zhabei", "district_secretary", "ju", 50, from_="2006-03-01"),
        _person(rng, 3, "zhabei", "deputy_head", "ju", 49),
    ]
    for id, (_, _, size, sections) in DEPARTMENTS.items():
        homes = [s for s in sections if s not in FOUNDED]
        for i in range(size):
            number = len(rows) + 1
            if i == 0:
                changed = NEW_HEADS.get(id)
                rows.append(
                    _person(rng, number, id, "head", "chu", rng.randint(46, 56), to="2006-02-28" if changed else None)
                )
                if changed:
                    rows.append(_person(rng, number + 1, id, "head", "chu", 44, from_=changed))
            elif i == 1:
                rows.append(_person(rng, number, id, "deputy_head", "chu", rng.randint(40, 52)))
            elif i - 2 < len(homes):
                rows.append(_person(rng, number, homes[i - 2], "section_head", "ke", rng.randint(33, 50)))
            else:
                home = homes[i % len(homes)]
                rank = "ke" if rng.random() < 0.25 else "staff"
                rows.append(_person(rng, number, home, "staff", rank, rng.randint(23, 57)))
    for id in GUIDED:
        for post, rank in (("head", "chu"), ("staff", "ke")):
            rows.append(_person(rng, len(rows) + 1, id, post, rank, rng.randint(30, 55)))
    _move_some(rng, rows)
    return rows


def _move_some(rng: random.Random, rows: list[Row]) -> None:
    """Let some of the staff arrive late, leave early, or move between sections, some of them of other departments."""
    sections = [s for _, _, _, found in DEPARTMENTS.values() for s in found if s not in FOUNDED and s not in COLLEGES]
    staff = [r for r in rows if r["post"] == "staff" and r["unit"] in sections]
    for i, row in enumerate(rng.sample(staff, 42)):
        first = date(rng.randint(2003, 2007), rng.randint(2, 11), rng.randint(2, 27))
        if i < 14:
            row["from"] = first.isoformat()
        elif i < 26:
            row["to"] = first.isoformat()
        else:
            new = FOUNDED_SECTION if i < 30 else rng.choice([s for s in sections if s != row["unit"]])
            if i < 30:
                first = date(2006, 1, 2)
            last = date.fromordinal(first.toordinal() - 1)
            row["unit"] = [{"of": row["unit"], "from": row["from"], "to": last.isoformat()},
                           {"of": new, "from": first.isoformat()}]  # fmt: skip


FOUNDED_SECTION = "lifelong_learning_section"


def edges(people: Iterable[Row]) -> list[Row]:
    """Who leads, guides, chairs, serves, implements, supports and takes part; Party members and their branches."""
    rows: list[Row] = [
        _edge("part_of", "learning_group", "zhabei"),
        _edge("part_of", "learning_office", "learning_group"),
        _edge("party_part_of", "standing_committee", "district_committee"),
        _edge("party_part_of", "secretaries_meeting", "standing_committee"),
        _edge("reports_to", "learning_group", "standing_committee"),
        _edge("reports_to", "learning_group", "secretaries_meeting"),
        _edge("chairs", "p_0001", "learning_group", to="2006-02-28"),
        _edge("chairs", "p_0002", "learning_group", from_="2006-03-01"),
        *(_edge("member_of", id, "learning_group", basis="named") for id in NAMED_MEMBERS),
        *(_edge("member_of", id, "learning_group", basis="implied") for id in IMPLIED_MEMBERS),
        *(_edge("leads", "learning_office", id, function="coordination") for id in DEPARTMENTS),
        *(_edge("guides", "learning_office", id) for id in GUIDED),
        _edge("serves", "organisation_department", "zhabei", function="training", cohort="division level and above"),
        _edge("serves", "publicity_department", "zhabei", function="theory guidance and publicity"),
        _edge("serves", "personnel_bureau", "zhabei", function="training guidance", cohort="civil servants"),
        _edge("serves", "organs_party_committee", "zhabei", function="study documents and joint events"),
        _edge("serves", "culture_bureau", "organs_party_committee", function="joint events"),
        _edge("serves", "sports_bureau", "organs_party_committee", function="joint events"),
        _edge("serves", "finance_bureau", "zhabei", function="funds"),
        _edge("serves", "publicity_department", "learning_group", function="planning"),
        _edge("serves", "civilisation_office", "learning_group", function="planning"),
    ]
    for id in DEPARTMENTS:
        rows += [
            _edge("part_of", f"{id}_group", id),
            _edge("party_part_of", f"{id}_branch", "organs_party_committee"),
            _edge("supports", id, f"{id}_group"),
            _edge("implements", f"{id}_branch", id),
            _edge("participates", f"{id}_union", id),
            _edge("participates", f"{id}_league_branch", id),
        ]
    for person in people:
        if person["post"] == "head" and person["unit"] in DEPARTMENTS:
            rows.append(_edge("chairs", str(person["id"]), f"{person['unit']}_group", **_life(person)))
    for person in people:
        if person["party_member"]:
            for department, first, last in departments_of(person):
                if department in DEPARTMENTS:
                    rows.append(_edge("member_of", str(person["id"]), f"{department}_branch", first, last))
    return rows


def departments_of(person: Row) -> list[tuple[str, str, str | None]]:
    """Where the person belonged: (department, first day, last day), following sections that move."""
    above = {s: id for id, (_, _, _, sections) in DEPARTMENTS.items() for s in sections}
    home = person["unit"]
    stays = home if isinstance(home, list) else [{"of": home, "from": person["from"], "to": person.get("to")}]
    found: list[tuple[str, str, str | None]] = []
    for stay in stays:
        unit, first, last = stay["of"], stay["from"], stay.get("to")
        if unit == MOVED and first < MOVED_ON and (last is None or last >= MOVED_ON):
            found += [(above[unit], first, LAST_BEFORE), (MOVED_TO, MOVED_ON, last)]
        elif unit == MOVED and first >= MOVED_ON:
            found.append((MOVED_TO, first, last))
        else:
            found.append((above.get(unit, unit), first, last))
    joined: list[tuple[str, str, str | None]] = []
    for department, first, last in found:  # a move inside one department is no change of branch
        if joined and joined[-1][0] == department:
            joined[-1] = (department, joined[-1][1], last)
        else:
            joined.append((department, first, last))
    return joined


def _person(
    rng: random.Random,
    number: int,
    unit: str,
    post: str,
    rank: str,
    age: int,
    from_: str = START,
    to: str | None = None,
) -> Row:
    zh, en = rng.choice(list(SURNAMES.items()))
    birth = date(2004 - age, rng.randint(1, 12), rng.randint(1, 28))
    row: Row = {
        "id": f"p_{number:04}",
        "name": _name(f"{zh}某{number}", f"{en} {number}"),
        "unit": unit,
        "birth_date": birth.isoformat(),
        "rank": rank,
        "post": post,
        "party_member": post != "staff" or rng.random() < 0.5,
        "civil_servant": unit not in COLLEGES and rng.random() < 0.85,
        "leading_cadre": post in ("head", "deputy_head", "district_secretary"),
        "from": from_,
    }
    return row | ({"to": to} if to else {})


def _edge(kind: str, source: str, target: str, from_: str | None = START, to: str | None = None, **more: str) -> Row:
    row: Row = {"kind": kind, "source": source, "target": target, **more, "from": from_}
    return row | ({"to": to} if to else {})


def _life(person: Row) -> dict[str, str]:
    life = {"from_": str(person["from"])}
    return life | ({"to": str(person["to"])} if "to" in person else {})


def _name(zh: str, en: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def write(file: str, what: str, rows: Iterable[Row]) -> None:
    """One commented header, then one row a line."""
    lines = [f"# Example data: {what} Written by example/invent.py; change it there."]
    lines += ["- " + json.dumps(row, ensure_ascii=False) for row in rows]
    (ORG / file).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Write the four files."""
    rng = random.Random(SEED)
    people = persons(rng)
    ORG.mkdir(parents=True, exist_ok=True)
    write("units.yaml", "the units of the source; their sections are invented.", units())
    write("bodies.yaml", "committees, leading groups, Party branches, unions and League branches.", bodies())
    write("persons.yaml", "every person is invented.", people)
    write("edges.yaml", "who leads, guides, chairs, serves, implements and belongs.", edges(people))


if __name__ == "__main__":
    main()
