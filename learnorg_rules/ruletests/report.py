"""What became of the cases: for people, as records, and as JUnit XML."""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from attrs import frozen

from ..errors import Source

__all__ = ["JUNIT", "CaseResult", "Failure", "Report", "junit"]


@frozen
class Failure:
    """One thing that a case expected and did not get.

    `name`: the result, its period behind it. `reason`: the first lines of why it is as it is; may be empty.
    """

    source: Source
    name: str
    expected: str
    got: str
    reason: Sequence[str] = ()

    def __str__(self) -> str:
        lines = [f"{self.source}: {self.name}", f"    expected: {self.expected}", f"    got:      {self.got}"]
        if self.reason:
            lines += ["    why:", *(f"        {line}" for line in self.reason)]
        return "\n".join(lines)


@frozen
class CaseResult:
    """One case. It passed where `failures` is empty."""

    file: str
    name: str
    source: Source
    failures: Sequence[Failure] = ()

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


@frozen
class Report:
    """All cases of one ruleset that were run, in the order of the files.

    `unreached`: duties, indicators, awards and vetoes that no expectation names; None where only some cases were run.
    """

    ruleset: str
    folder: str
    cases: Sequence[CaseResult]
    unreached: Sequence[str] | None = None

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(case.passed for case in self.cases)

    @property
    def failed(self) -> int:
        """How many cases failed."""
        return len(self.cases) - self.passed

    @property
    def files(self) -> Sequence[str]:
        """The files the cases stand in, in order."""
        return tuple(dict.fromkeys(case.file for case in self.cases))

    @property
    def failed_files(self) -> Sequence[str]:
        """The files in which a case failed, in order."""
        return tuple(dict.fromkeys(case.file for case in self.cases if not case.passed))

    def to_record(self) -> Mapping[str, object]:
        """The report as plain values, for JSON."""
        return {
            "ruleset": self.ruleset,
            "passed": self.passed,
            "failed": self.failed,
            "cases": [
                {
                    "file": case.file, "line": case.source.line, "name": case.name, "passed": case.passed,
                    "failures": [
                        {
                            "file": f.source.file, "line": f.source.line, "column": f.source.column, "name": f.name,
                            "expected": f.expected, "got": f.got, "why": list(f.reason),
                        }
                        for f in case.failures
                    ],
                }
                for case in self.cases
            ],
            "unreached": None if self.unreached is None else list(self.unreached),
        }  # fmt: skip


JUNIT = b"<?xml version='1.0' encoding='utf-8'?>\n<!-- learnorg test -->\n"
"""How every report begins, by which a file is known as one."""


def junit(reports: Sequence[Report]) -> bytes:
    """The reports as JUnit XML, one suite for each file; without times, so that equal results give equal bytes."""
    root = ElementTree.Element("testsuites")
    for report in reports:
        for file in report.files:
            cases = [case for case in report.cases if case.file == file]
            failed = sum(not case.passed for case in cases)
            suite = ElementTree.SubElement(
                root, "testsuite", {"name": file, "tests": str(len(cases)), "failures": str(failed), "errors": "0"}
            )
            for case in cases:
                where = {"file": case.source.file, "line": str(case.source.line)}
                named = {"classname": report.ruleset, "name": _clean(case.name), **where}
                element = ElementTree.SubElement(suite, "testcase", named)
                if case.failures:
                    first = case.failures[0]
                    message = _clean(f"{first.name}: expected {first.expected}, got {first.got}")
                    failure = ElementTree.SubElement(element, "failure", {"message": message})
                    failure.text = _clean("\n".join(str(f) for f in case.failures))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return JUNIT + f"{text}\n".encode()


def _clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return "".join(
        c if c in "\n\t" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff") else "?"
        for c in text
    )
