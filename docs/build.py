"""Makes what is generated in docs/, or with --check says where it is out of date.

A page of docs/tutorial and docs/how-to is run from top to bottom in a folder of its own, in which `rulesets` is the
project's: a block with `title="FILE"` is written to that file, the commands of a `console` block are run and what they
print is put below them, a `python` block is run and what it prints goes into the `text` block that follows, if one does.
docs/reference/errors.md is written from the codes themselves, docs/requirements.md from the reference programme's rules and
tests.
"""

import argparse
import difflib
import importlib
import os
import pkgutil
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import learnorg_rules
from learnorg_rules.authoring.errors_page import errors_page
from learnorg_rules.ruletests.tracing import TracedRule, trace_requirements

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
USAGE = 2  # what a command ends with that was given what it does not take
TESTS_SHOWN = 4  # of a requirement; the rest are counted
BLOCK = re.compile(r"^```(?P<language>\w+)(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path) -> str:
    """What a command prints, both streams, in the page's folder."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COLUMNS": "100",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode == USAGE:
        sys.exit(f"a command is used wrongly: {command}\n{done.stdout}")
    lines = [line.rstrip() for line in done.stdout.replace(str(folder) + "/", "").splitlines()]
    return "".join(f"{line}\n" for line in lines)


def page(text: str, folder: Path) -> str:
    """The page with what its blocks print now."""
    script: list[str] = []
    printed = ""

    def renew(block: re.Match[str]) -> str:
        nonlocal printed
        language, info, body = block["language"], block["info"], block["body"]
        title = re.search(r'title="([^"]+)"', info)
        if title:
            file = folder / title[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, encoding="utf-8")
        elif language == "console":
            commands = [line for line in body.splitlines() if line.startswith("$ ")]
            body = "".join(f"{command}\n{run(command[2:], folder)}" for command in commands)
        elif language == "python":
            before = "".join(script)
            script.append(body)
            (folder / "page.py").write_text(f"{before}print('--8<--')\n{body}", encoding="utf-8")
            printed = run(f"{sys.executable} -W error page.py", folder).partition("--8<--\n")[2]
            if "Traceback (most recent call last)" in printed:
                sys.exit(f"a python block fails:\n{body}\n{printed}")
        elif language == "text" and printed:
            body, printed = printed, ""
        return f"```{language}{info}\n{body}```"

    return BLOCK.sub(renew, text)


def all_codes() -> dict[str, tuple[str, str]]:
    """Code -> (title, explanation), from every module that has codes."""
    codes: dict[str, tuple[str, str]] = {}
    rooms: dict[str, str] = {}
    for module in sorted(m.name for m in pkgutil.walk_packages(learnorg_rules.__path__, "learnorg_rules.")):
        needs_spark = module.startswith("learnorg_rules.spark.") and not module.endswith(".codes")
        if not module.endswith("__main__") and not needs_spark:
            found = getattr(importlib.import_module(module), "CODES", {})
            for code, text in found.items():
                room = module.split(".")[1]
                if rooms.setdefault(code, room) != room or codes.setdefault(code, text) != text:
                    sys.exit(f"{code} is defined twice, in {rooms[code]} and in {module}: one code, one meaning")
    return codes


def generated() -> dict[Path, str]:
    """Every generated page and what it should say."""
    pages = {
        DOCS / "reference" / "errors.md": errors_page(all_codes(), ROOT / "tests" / "authoring"),
        DOCS / "requirements.md": requirements_page(ROOT / "rulesets" / "zhabei-2003"),
    }
    return pages | {source: renewed(source) for source in sources()}


def requirements_page(ruleset: Path) -> str:
    """Every requirement with the rules that answer it and the tests that look at those."""
    found = trace_requirements(ruleset)
    lines = [
        "# Requirements, rules and tests", "",
        "Every requirement of the reference programme, the rules that answer it and the tests of those rules: what",
        "`learnorg trace rulesets/zhabei-2003` lists. Files are those of that folder. Written by `make docs`.", "",
        f"{found}.", "", "| | requirement | rules | tests |", "|---|---|---|---|",
    ]  # fmt: skip
    for requirement in found.requirements:
        text = f"{requirement.text.say()}<br>{requirement.text.say('zh')}"
        judged = [rule for rule in requirement.rules if rule.testable] or requirement.rules
        rules = "<br>".join(dict.fromkeys(_rule_and_place(rule) for rule in judged))
        tests = [*requirement.tests[:TESTS_SHOWN]]
        if len(requirement.tests) > TESTS_SHOWN:
            tests.append(f"and {len(requirement.tests) - TESTS_SHOWN} more")
        lines.append(f"| R{requirement.number} | {text} | {rules} | {'<br>'.join(tests)} |")
    return "\n".join([*lines, *(f"\n{source}: {text}" for source, text in found.gaps)]) + "\n"


def _rule_and_place(rule: TracedRule) -> str:
    place = Path(rule.source.file)
    return f"{rule.name} ({place.name}:{rule.source.line})"


def sources() -> list[Path]:
    """The pages whose blocks are run."""
    return [ROOT / "README.md", *sorted((*DOCS.glob("tutorial/*.md"), *DOCS.glob("how-to/*.md")))]


def renewed(source: Path) -> str:
    """A page with what its blocks print now."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rulesets").symlink_to(ROOT / "rulesets")
        return page(source.read_text(encoding="utf-8"), Path(folder))


def main() -> None:
    """Write the pages, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is out of date")
    check = parser.parse_args().check
    stale = 0
    began = {file: file.read_text(encoding="utf-8") for file in sources()}
    for file, text in generated().items():
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        if old == text:
            continue
        if began.get(file, old) != old:
            print(f"{file.relative_to(ROOT)}: edited meanwhile, left as it is")
            continue
        stale += 1
        if check:
            name = file.relative_to(ROOT).as_posix()
            sys.stdout.writelines(
                difflib.unified_diff(old.splitlines(True), text.splitlines(True), name, f"{name} (now)")
            )
        else:
            file.write_text(text, encoding="utf-8")
    if check and stale:
        sys.exit(f"{stale} pages are out of date: run `make docs`")
    print(f"docs: {stale} pages written" if stale else "docs: up to date")


if __name__ == "__main__":
    main()
