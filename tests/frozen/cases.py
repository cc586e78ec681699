"""Command lines over everything that ships, whose outputs are pinned, so that a change of the code can be held against them.

    python tests/frozen/cases.py --list                  the names
    python tests/frozen/cases.py --to DIR [NAME ...]     write the outputs to files, to compare two states of the code
    python tests/frozen/cases.py --write [NAME ...]      pin the outputs as they are now

A NAME may have wildcards: `zhabei*`. `digests.json` has the SHA-256 of each output, `texts/` the whole of some small ones.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from unittest import mock

from attrs import evolve, frozen
from frozen_inputs import ROOT, make_inputs

import learnorg_rules as lr
from learnorg_rules.cli import main

__all__ = ["CASES", "DIGESTS", "TEXTS", "Case", "Workplace", "digest", "file_name"]

HERE = Path(__file__).resolve().parent
DIGESTS, TEXTS = HERE / "digests.json", HERE / "texts"
LINKS = {"rulesets": ROOT / "rulesets", "bad_rules": ROOT / "tests/authoring/bad", "bad_events": ROOT / "tests/adapters/events/bad"}  # fmt: skip
WHY = "why"  # no command: every kind of result explained through Python, as a process for each would take minutes
UNSET = ("COLORTERM", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "PYTHONUTF8")


@frozen
class Case:
    """Command lines that run one after the other in one folder.

    `width`: columns of the terminal the output goes to; 0 for a file. `files`: pattern of the files whose content
    belongs to the output. `whole`: the text is kept, not only its digest.
    """

    name: str
    commands: tuple[tuple[str, ...], ...]
    width: int = 0
    files: str = ""
    whole: bool = False


# ---- the cases


def case(name: str, *commands: str, width: int = 0, files: str = "", whole: bool = False) -> Case:
    """A case of command lines with a blank between two arguments; `~` for a blank inside one."""
    split = tuple(tuple(part.replace("~", " ") for part in command.split()) for command in commands)
    return Case(name, split, width, files, whole)


def whole(*cases: Case) -> list[Case]:
    """The cases, their texts kept."""
    return [evolve(one, whole=True) for one in cases]


def _schemes() -> Iterator[Case]:
    # scheme: a day in its course; (subject, rule, period) to explain; a value to change; a subject
    given = {
        "cbc_taiwan_grades": ("2021-06-30", "c1 annual 2020", "top_share=50%", "c7"),
        "city_staffing_evaluation": ("2018-12-31", "archives year 2018", "step=2%", "archives"),
        "civil_servant_appraisal": ("2006-12-31", "p01 three_years_excellent 2006", "excellent_from=95", "p01"),
        "cpd_worked_examples": ("2018-09-30", "m2 hkicpa_three_years_rolling 2018", "hkicpa_a_year=30", "m2"),
        "nanjing_civil_servant_credits": ("2013-06-30", "p1 due_of_chu 2010", "a_day=5", "p3"),
        "shijie_learning_organ_kaoping": ("2011-08-31", "press_office inspection.participation 2010", "lectures_a_year=5", "press_office"),
        "ting_quantified_appraisal": ("2010-11-30", "a1 quarter.office 2010-Q1", "excellent_share=10%", "office_1"),
        "wenzhou_county_2012": ("2012-06-30", "agriculture year 2012", "a_rank_costs=10%", "health"),
    }  # fmt: skip
    for scheme, (day, explained, changed, subject) in given.items():
        folder = f"rulesets/schemes/{scheme}"
        subject_of, rule, period = explained.split()
        explain = f"explain {folder} {subject_of} {rule} --period {period}"
        events = f"{folder}/example/events/events.ndjson"
        yield case(f"{scheme} run json", f"run {folder} --json")
        yield case(f"{scheme} run json in its course", f"run {folder} --json --at {day}")
        yield case(f"{scheme} run text", f"run {folder}", f"run {folder} --lang zh --at {day}")
        yield case(f"{scheme} run on 80 columns", f"run {folder} --lang zh", f"run {folder} --at {day}", width=80)
        yield case(f"{scheme} run on 120 columns", f"run {folder}", f"run {folder} --unit {subject}", width=120)
        yield case(f"{scheme} explain", explain, f"{explain} --lang zh", f"{explain} --limit 1 --json")
        yield case(f"{scheme} why", f"{WHY} {folder} -", f"{WHY} {folder} {day}")
        yield case(f"{scheme} missing", f"missing {folder} {subject} --at {day}", f"missing {folder} {subject} --at {day} --lang zh", f"missing {folder} {subject} --at {day} --json")  # fmt: skip
        yield case(f"{scheme} diff", f"diff {folder} --set {changed}", f"diff {folder} --set {changed} --lang zh", f"diff {folder} --set {changed} --markdown")  # fmt: skip
        yield case(f"{scheme} diff json", f"diff {folder} --set {changed} --json --at {day}")
        yield case(f"{scheme} sweep", f"sweep {folder} --number {changed.partition('=')[0]} --at {day} --json")  # fmt: skip
        slow = scheme in ("nanjing_civil_servant_credits", "civil_servant_appraisal")  # many years of days
        pace = f"--at {day}" if slow else "--advance-with-events"
        yield case(f"{scheme} watch", f"watch {folder} --events {events} --no-follow {pace} --unit {subject} --json", f"watch {folder} --events {events} --no-follow --at {day} --lang zh")  # fmt: skip
        yield case(f"{scheme} check, trace and test", f"check {folder}", f"check {folder} --json", f"trace {folder}", f"test {folder}")  # fmt: skip


def _zhabei() -> Iterator[Case]:
    folder = "rulesets/zhabei-2003"
    early = f"{folder} --events inputs/zhabei/events.ndjson"
    changed = f"{folder} inputs/edited/zhabei-2003"
    for day in ("2004-06-30",):
        yield case(f"zhabei run json {day}", f"run {folder} --json --at {day}")
    yield case("zhabei run json of what was known", f"run {folder} --json --at 2005-12-31 --known-at 2005-12-20")  # fmt: skip
    yield case("zhabei run text", f"run {folder} --at 2005-12-31")
    yield case("zhabei run on 80 columns zh", f"run {folder} --at 2005-12-31 --lang zh", width=80)
    yield case("zhabei run early", f"run {early} --at 2003-02-28", f"run {early} --at 2003-03-31 --unit culture_bureau --period 2003-Q1 --lang zh")  # fmt: skip
    yield case("zhabei plan", f"run {folder} --plan", f"run {folder} --plan --lang zh")
    yield case("zhabei explain salon", f"explain {folder} publicity_department arts_salon --period 2005-08 --at 2005-12-31", whole=True)  # fmt: skip
    yield case("zhabei explain staff", f"explain {folder} publicity_department year.staff --at 2005-12-31 --limit 5", width=100)  # fmt: skip
    yield case("zhabei explain early json", f"explain {early} culture_bureau regular_study --at 2003-03-31 --json")
    yield case("zhabei why", f"{WHY} {folder} 2005-12-31")
    yield case("zhabei missing", f"missing {folder} publicity_department --at 2005-06-30")
    yield case("zhabei missing early", f"missing {early} zhabei --at 2003-03-31 --lang zh")  # fmt: skip
    yield case("zhabei diff", f"diff {changed} --at 2005-12-31", width=80)
    yield case("zhabei diff json", f"diff {changed} --at 2004-12-31 --json")
    yield case(
        "zhabei watch and publish",
        f"watch {early} --no-follow --store log.db --at 2003-01-31 --unit culture_bureau --json",
        f"publish {folder} --store log.db --period 2003-01",
        f"published {folder} --store log.db --verify --json",
    )  # fmt: skip
    yield case("zhabei fit", f"fit {folder} --from 2005-01-01 --to 2005-03-31 --kind attendance --kind activity")  # fmt: skip
    yield case("zhabei trace", f"trace {folder} --lang zh")
    yield case("zhabei test", f"test {folder} --run what~salon|of~17~items|decisions.*integrity")  # fmt: skip
    yield case("zhabei check", f"check {folder}", f"check {folder} --json", whole=True)


def _permits() -> Iterator[Case]:
    folder = "rulesets/permit-intake"
    yield case("permits run json", f"run {folder} --json")
    yield case("permits run json 2011-05-31", f"run {folder} --json --at 2011-05-31")
    yield case("permits run csv", f"run {folder} --csv out --at 2011-12-31", files="out/*.csv")
    yield case("permits run on 80 columns", f"run {folder} --at 2011-12-31", width=80)
    yield case("permits run on 120 columns zh", f"run {folder} --at 2011-12-31 --lang zh", width=120)
    yield from whole(
        case("permits run one group", f"run {folder} --at 2011-12-31 --unit Group~1 --period 2011-Q4"),
        case("permits explain award", f"explain {folder} Group~2 group_of_the_quarter --period 2010-Q4 --limit 3"),
        case("permits explain zh", f"explain {folder} Resource01 close_own_in_time --period 2011-03 --lang zh --limit 3"),
        case("permits missing", f"missing {folder} Group~2 --at 2011-05-20"),
    )  # fmt: skip
    yield case("permits why", f"{WHY} {folder} 2011-12-31")
    yield case("permits diff", f"diff {folder} --set tasks_a_month=100 --at 2011-06-30", width=120)
    yield case("permits diff json", f"diff {folder} --set quarter.prompt.points=25 --set quarter.cover.points=12 --set quarter.steady.points=8 --at 2011-06-30 --json")  # fmt: skip
    yield case("permits sweep", f"sweep {folder} --number open_allowed --number person_quota --at 2011-12-31")
    yield case("permits fit", f"fit {folder} --from 2011-01-01 --to 2011-03-31", f"fit {folder} --from 2011-01-01 --to 2011-03-31 --by person --kind task --json")  # fmt: skip
    yield case("permits check, trace, plan and test", f"check {folder}", f"trace {folder}", f"run {folder} --plan", f"test {folder}")  # fmt: skip


def _banner() -> Iterator[Case]:
    folder, org, events = "rulesets/banner-loop", "--org inputs/banner/org", "--events inputs/banner/events.ndjson"
    given = f"{folder} {org} {events}"
    yield case("banner run json", f"run {given} --json")
    yield from whole(
        case("banner run text", f"run {given} --at 2005-06-30"),
        case("banner run zh on 80 columns", f"run {given} --at 2005-05-15 --lang zh", width=80),
        case("banner run on 120 columns", f"run {given} --at 2005-03-31 --period 2005-Q1", width=120),
        case("banner explain", f"explain {given} --at 2005-06-30 arts banner", f"explain {given} --at 2005-06-30 books standing --period 2005-Q1 --lang zh"),
        case("banner missing", f"missing {given} --at 2005-06-20 books", f"missing {given} --at 2005-06-20 docks --lang zh"),
        case("banner diff", f"diff {folder} inputs/edited/banner-loop {org} {events} --at 2005-06-30", f"diff {given} --set banner_quota=0 --at 2005-06-30 --markdown --lang zh"),
        case("banner sweep", f"sweep {given} --at 2005-06-30", f"sweep {given} --at 2005-06-30 --margins"),
        case("banner watch", f"watch {folder} {org} {events} --no-follow --at 2005-06-30 --unit books", f"watch {folder} {org} {events} --no-follow --at 2005-03-31 --unit courts --lang zh"),
        case(
            "banner publish",
            f"watch {folder} {org} {events} --no-follow --store log.db --at 2005-06-30 --unit district",
            f"publish {folder} {org} --store log.db --period 2005-Q1",
            f"publish {folder} {org} --store log.db --period 2005-Q3",
            f"watch {folder} {org} --events inputs/banner/late.ndjson --no-follow --store log.db --at 2005-07-01",
            f"published {folder} {org} --store log.db --verify",
            f"published {folder} {org} --store log.db --lang zh",
        ),
        case("banner fit", f"fit {given} --from 2005-01-01 --to 2005-06-30"),
        case("banner check and test", f"check {folder}", f"trace {folder}", f"run {folder} --plan", f"test {folder}", f"test {folder} --json"),
    )  # fmt: skip
    yield case("banner watch json", f"watch {folder} {org} {events} --no-follow --advance-with-events --json")
    yield case("banner why", f"{WHY} {folder} 2005-06-30 inputs/banner/org inputs/banner/events.ndjson")
    yield case("banner diff json", f"diff {folder} inputs/edited/banner-loop {org} {events} --json")
    yield case("banner simulate shipped", f"simulate {folder}/scenarios/banner.yaml --repetitions 1 --json")
    yield case("banner simulate", "simulate inputs/banner/short.yaml --repetitions 4 --out out --cost banner=500", files="out/tables/*.csv")  # fmt: skip
    yield case("banner simulate zh", "simulate inputs/banner/short.yaml --repetitions 3 --out out --precision 10 --lang zh")  # fmt: skip


def _district() -> Iterator[Case]:
    folder, org = "rulesets/district-year", "--org inputs/district/org.json"
    given = f"{folder} {org} --events inputs/district/events.ndjson"
    parquet = f"{folder} {org} --events inputs/district/events.parquet"
    yield case("district run json", f"run {given} --json")
    yield case("district run json of parquet", f"run {parquet} --json --at 2005-06-30")
    yield case("district run text", f"run {given}", f"run {parquet} --lang zh --at 2005-08-15")
    yield case("district run on 80 columns", f"run {given}", width=80)
    yield case("district why", f"{WHY} {folder} 2005-12-31 inputs/district/org.json inputs/district/events.ndjson")
    yield case("district explain", f"explain {given} d00000 year --lang zh", f"explain {given} d00001 civilised_organ", f"explain {given} d00002 year.r6 --json")  # fmt: skip
    yield case("district missing", f"missing {given} d00000 --at 2005-09-30")
    yield case("district diff", f"diff {given} --set year.grades.good=65", f"diff {given} --set year.r1.points=4 --set year.r2.points=8 --json")  # fmt: skip
    yield case("district sweep", f"sweep {parquet} --number year.r6.points --number year.grades.good")
    yield case("district watch", f"watch {folder} {org} --events inputs/district/events.ndjson --no-follow --at 2005-12-31 --unit d00001")  # fmt: skip
    yield case("district fit", f"fit {given} --from 2005-01-01 --to 2005-12-31 --kind salon --kind exam")
    yield case("district check, trace, plan and test", f"check {folder}", f"trace {folder}", f"run {folder} --plan", f"test {folder} --run award|full_year")  # fmt: skip


def _faults() -> Iterator[Case]:
    for path in sorted(LINKS["bad_rules"].glob("*.yaml")):
        yield case(f"bad rules {path.stem}", f"check bad_rules/{path.name}", f"check bad_rules/{path.name} --json")
    for path in sorted(p for p in LINKS["bad_events"].iterdir() if p.suffix != ".txt"):
        rules = "kinds_in_xes" if ".xes" in path.name else "kinds"
        given = f"inputs/{rules} --org inputs/kinds_org --events bad_events/{path.name} --at 2005-12-31"
        yield case(f"bad events {path.name}", f"run {given}")
    several = "inputs/kinds --org inputs/kinds_org --at 2005-12-31 --events"
    yield case("bad rules and events in json", "check bad_rules/ten_faults.yaml rulesets/banner-loop --json", f"run {several} bad_events/several_faults.ndjson --json")  # fmt: skip
    folder = "rulesets/schemes/wenzhou_county_2012"
    yield case(
        "wrong usage", "run", "run nowhere", f"run {folder} --at 2012-13-01", f"run {folder} --at 2020-01-01",
        f"run {folder} --set nothing=1", f"run {folder} --set yeer.learning.points=1", f"run {folder} --unit helth",
        f"run {folder} --period 2013", f"explain {folder} helth year", f"explain {folder} health yeer",
        f"missing {folder} helth", f"diff {folder}", f"sweep {folder} --number nothing", f"watch {folder}",
        f"published {folder} --store none.db", f"fit {folder} --from 2012-12-31 --to 2012-01-01", "simulate nowhere.yaml",
        "test nowhere", "chek rulesets/banner-loop", "run rulesets/banner-loop", whole=True,
    )  # fmt: skip


def _help() -> Iterator[Case]:
    commands = ("check", "run", "explain", "missing", "diff", "sweep", "watch", "publish", "published", "simulate", "fit", "test", "trace")  # fmt: skip
    yield case("help", "--help", *(f"{name} --help" for name in commands))


CASES = {
    one.name: one for group in (_zhabei, _permits, _district, _banner, _schemes, _faults, _help) for one in group()
}


# ---- running them


class Terminal(io.StringIO):
    """What looks like a terminal to the command line."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Workplace:
    """A folder of its own with the inputs in it, and links to the shipped files: outputs name no place of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.number = 0
        make_inputs(self.folder / "inputs")
        _link(self.folder, LINKS)

    def output(self, one: Case) -> str:
        """What the commands of the case write: standard output, standard error, exit code, files."""
        self.number += 1
        place = self.folder / f"case{self.number}"
        place.mkdir()
        _link(place, {**LINKS, "inputs": self.folder / "inputs"})
        with contextlib.chdir(place), _environment(one.width):
            parts = [_part(command, one.width) for command in one.commands]
            parts += [
                f"--- {path}\n{path.read_text(encoding='utf-8')}" for path in sorted(Path().glob(one.files or "-"))
            ]
        text = "".join(parts)
        for real, shown in ((place, "<place>"), (self.folder, "<folder>"), (ROOT, "<root>")):
            text = text.replace(str(real), shown)
        return text


def _link(folder: Path, links: Mapping[str, Path]) -> None:
    for name, target in links.items():
        (folder / name).symlink_to(target, target_is_directory=True)


@contextlib.contextmanager
def _environment(width: int) -> Iterator[None]:
    fixed = {"COLUMNS": str(width or 100), "LINES": "50", "TERM": "xterm", "NO_COLOR": "1", "LANG": "C.UTF-8"}
    with mock.patch.dict(os.environ, fixed):
        for name in UNSET:
            os.environ.pop(name, None)
        yield


def _part(command: Sequence[str], width: int) -> str:
    out, err = (Terminal(), Terminal()) if width else (io.StringIO(), io.StringIO())
    code: object = 0
    if command[0] == WHY:
        out.writelines(_explanations(*command[1:]))
    else:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(list(command))
            except SystemExit as stop:
                code = stop.code
    heading = f"$ learnorg {' '.join(command)}\n"
    errors = f"--- standard error\n{err.getvalue()}" if err.getvalue() else ""
    return f"{heading}{out.getvalue()}{errors}--- exit code {code}\n\n"


def _explanations(ruleset: str, day: str, org: str = "", events: str = "") -> Iterator[str]:
    """Every rule explained: its first result in English, its last one in Chinese."""
    rules = lr.load(ruleset)
    organisation = lr.read_org(org or f"{ruleset}/example/org", columns=rules.organisation.columns)
    found = lr.scan_events(events) if events else lr.scan_events(f"{ruleset}/example/events/*")
    result = lr.assess(rules, organisation, found, at=None if day == "-" else day)
    wanted: dict[str, list[tuple[str, str]]] = {}
    for one in result.duties:
        wanted.setdefault(one.rule, []).append((one.subject, one.period))
    for one in result.scorecards:
        wanted.setdefault(one.rule, []).append((one.subject, one.period))
    for one in result.indicators:
        wanted.setdefault(f"{one.rule}.{one.indicator}", []).append((one.subject, one.period))
    for one in result.awards:
        wanted.setdefault(one.rule, []).append((one.subject, one.period))
    for rule, places in wanted.items():
        for (subject, period), language in ((places[0], "en"), (places[-1], "zh")):
            yield f"\n{rule} {subject} {period} {language}\n{result.why(subject, rule, period, language)}\n"


def digest(text: str) -> str:
    """The SHA-256 of an output."""
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def file_name(name: str) -> str:
    """The file that has the text of a case."""
    return re.sub(r"[^\w.-]+", "_", name) + ".txt"


# ---- from the command line


def _write(outputs: dict[str, str], everything: bool) -> None:
    known = json.loads(DIGESTS.read_text(encoding="utf-8")) if DIGESTS.exists() else {}
    known = {} if everything else {name: value for name, value in known.items() if name in CASES}
    known |= {name: digest(text) for name, text in outputs.items()}
    DIGESTS.write_text(json.dumps(dict(sorted(known.items())), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    kept = {file_name(one.name) for one in CASES.values() if one.whole}
    TEXTS.mkdir(exist_ok=True)
    for path in TEXTS.iterdir():
        if path.name not in kept:
            path.unlink()
    _put(TEXTS, {name: text for name, text in outputs.items() if CASES[name].whole})


def _put(folder: Path, outputs: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in outputs.items():
        (folder / file_name(name)).write_bytes(text.encode("utf-8", "backslashreplace"))


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--list", action="store_true")
    what.add_argument("--to", type=Path, metavar="DIR")
    what.add_argument("--write", action="store_true")
    given = parser.parse_args()
    chosen = [one for one in CASES.values() if not given.names or any(fnmatch(one.name, n) for n in given.names)]
    if not chosen:
        sys.exit("no case has such a name; see --list")
    if given.list:
        print(*(one.name for one in chosen), sep="\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        workplace = Workplace(Path(folder))
        outputs = {one.name: workplace.output(one) for one in chosen}
    if given.write:
        _write(outputs, everything=not given.names)
    else:
        _put(given.to, outputs)


if __name__ == "__main__":
    _main()
