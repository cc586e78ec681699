import shutil
from pathlib import Path

import pytest

from learnorg_rules.authoring import load
from learnorg_rules.errors import InputError

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))
GOOD = sorted((HERE / "good").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda p: p.stem)
def test_a_bad_file_is_refused_with_its_whole_message(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with pytest.raises(InputError) as refused:
        load(path.name)
    assert f"{refused.value}\n" == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", GOOD, ids=lambda p: p.stem)
def test_the_mended_file_is_accepted(path):
    load(path)


def test_the_corpus_shows_one_fault_a_file():
    several = {"alias_bomb", "ten_faults"}
    texts = {path.stem: path.with_suffix(".txt").read_text(encoding="utf-8") for path in BAD}
    faults = {name: sum(not line.startswith("    ") for line in text.splitlines()) for name, text in texts.items()}
    assert {name for name, count in faults.items() if count != 1} == several
    assert faults["ten_faults"] >= 10
    assert len(BAD) >= 40


def test_faults_of_all_files_of_a_folder_are_reported_together(tmp_path):
    for name in ("unknown_key", "duplicate_key", "unknown_kind"):
        text = (HERE / "bad" / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(tmp_path)
    assert {issue.code for issue in refused.value.issues} >= {"E106", "E201", "E308", "E211", "E212"}


def test_an_unreadable_file_does_not_make_its_names_unknown_elsewhere(tmp_path):
    shutil.copy(HERE / "programme" / "ruleset.yaml", tmp_path / "ruleset.yaml")
    (tmp_path / "more.yaml").write_text("measures:\n  odd: 'count(forum)\n", encoding="utf-8")
    (tmp_path / "use.yaml").write_text("measures:\n  twice: 2 * odd\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(tmp_path)
    assert [issue.code for issue in refused.value.issues] == ["E101"]


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(InputError, match="E114 the folder holds no rule file"):
        load(tmp_path)
    (tmp_path / "rules.yml").write_text("ruleset: {}", encoding="utf-8")
    with pytest.raises(InputError, match=r"rename .rules\.yml"):
        load(tmp_path)
    with pytest.raises(InputError, match="E114 cannot be read: it does not exist"):
        load(tmp_path / "none.yaml")
    with pytest.raises(InputError, match="E114 no rule files were given"):
        load([])
