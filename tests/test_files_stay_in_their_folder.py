import os
import re
from pathlib import Path

import pytest

from learnorg_rules.errors import InputError
from learnorg_rules.files import LIST, write_file, write_folder


def two(text=b"one"):
    return {"a.txt": lambda stream: stream.write(text), "inner/b.txt": lambda stream: stream.write(b"two")}


def held(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != LIST}


def refused(call):
    with pytest.raises(InputError) as error:
        call()
    return [(Path(i.source.file).name, i.code, i.message, i.hint) for i in error.value.issues]


def test_what_was_written_is_replaced_and_what_is_anothers_is_not(tmp_path):
    folder = tmp_path / "out"
    assert write_folder(folder, two()) == [folder / "a.txt", folder / "inner/b.txt"]
    assert write_folder(folder, two(b"again"))
    assert held(folder) == {"a.txt": b"again", "inner/b.txt": b"two"}
    (folder / "a.txt").write_text("my notes")
    (folder / "c.txt").write_text("more of mine")
    more = {**two(b"third"), "c.txt": lambda stream: stream.write(b"c")}
    hint = "name another place, or give --force to replace it"
    assert refused(lambda: write_folder(folder, more)) == [
        ("a.txt", "F101", "was changed since it was written", hint),
        ("c.txt", "F101", "there is a file that is not ours", hint),
    ]
    assert held(folder) == {"a.txt": b"my notes", "c.txt": b"more of mine", "inner/b.txt": b"two"}
    write_folder(folder, more, force=True)
    assert held(folder) == {"a.txt": b"third", "c.txt": b"c", "inner/b.txt": b"two"}
    assert sorted(p.name for p in folder.iterdir()) == [LIST, "a.txt", "c.txt", "inner"]


def test_no_link_is_followed_with_force_or_without(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    (outside / "kept.txt").write_text("kept")
    folder.mkdir()
    (folder / "a.txt").symlink_to(outside / "kept.txt")
    (folder / "inner").symlink_to(outside)
    (tmp_path / "link").symlink_to(outside)
    said, hint = "is a symbolic link, and nothing is written through one", "delete the link, or name another place"
    for force in (False, True):
        assert refused(lambda force=force: write_folder(folder, two(), force)) == [
            ("a.txt", "F102", said, hint), ("inner", "F102", said, hint),
        ]  # fmt: skip
        found = refused(lambda force=force: write_folder(tmp_path / "link", two(), force))
        assert found == [("link", "F102", said, "name the folder that it leads to")]
        assert refused(lambda force=force: write_file(folder / "a.txt", b"x", b"x", force))[0][1] == "F102"
    assert held(outside) == {"kept.txt": b"kept"}


def test_a_folder_is_no_file_and_a_file_is_no_folder(tmp_path):
    (tmp_path / "out/a.txt").mkdir(parents=True)
    (tmp_path / "out/inner").write_text("a file")
    (tmp_path / "file").write_text("a file")
    hint = "name another place"
    assert refused(lambda: write_folder(tmp_path / "out", two(), force=True)) == [
        ("a.txt", "F103", "is no file", hint), ("inner", "F103", "is no folder", hint)
    ]  # fmt: skip
    assert refused(lambda: write_folder(tmp_path / "file", two())) == [("file", "F103", "is no folder", hint)]
    assert refused(lambda: write_file(tmp_path / "out", b"", b"x")) == [("out", "F103", "is no file", hint)]


@pytest.mark.parametrize("name", ["../a", "/tmp/a", "a/../../b", "..", "", "a\\b", LIST])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(ValueError, match=re.escape(f"no name inside a folder: {name!r}")):
        write_folder(tmp_path / "out", {name: lambda stream: stream.write(b"x")})
    assert not list(tmp_path.iterdir())


def test_a_writer_that_fails_leaves_the_folder_as_it_was(tmp_path):
    folder = tmp_path / "out"
    write_folder(folder, two())

    def failing(stream):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_folder(folder, {"a.txt": lambda stream: stream.write(b"new"), "inner/b.txt": failing})
    assert held(folder) == {"a.txt": b"one", "inner/b.txt": b"two"}
    assert sorted(os.listdir(folder)) == [LIST, "a.txt", "inner"]


def test_a_single_file_replaces_only_one_that_begins_as_ours(tmp_path):
    file = tmp_path / "report.xml"
    write_file(file, b"<ours> 1", b"<ours>")
    write_file(file, b"<ours> 2", b"<ours>")
    assert file.read_bytes() == b"<ours> 2"
    file.write_bytes(b"<theirs>")
    assert [found[1] for found in refused(lambda: write_file(file, b"<ours> 3", b"<ours>"))] == ["F101"]
    write_file(file, b"<ours> 3", b"<ours>", force=True)
    assert file.read_bytes() == b"<ours> 3"
    assert [p.name for p in tmp_path.iterdir()] == ["report.xml"]
