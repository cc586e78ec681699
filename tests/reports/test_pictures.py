from xml.etree import ElementTree

import made_simulation as made
import pytest

import learnorg_rules as lr
from learnorg_rules.reports.pictures import CJK_FONTS, Labels, cjk_font, pages, save_pictures, text_width
from learnorg_rules.reports.pictures_duties import duty_maps
from learnorg_rules.reports.pictures_sweeps import tornado
from learnorg_rules.reports.pictures_totals import fans, rank_pictures
from learnorg_rules.sensitivity.sweeps import sweep
from learnorg_rules.simulation.answers import answers

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def drawn(tmp_path):
    simulation = made.drawn(made.scenario(tmp_path), 25)
    found = answers(simulation)
    rules, org = made.rules(tmp_path), made.organisation(tmp_path)
    events = lr.events_from([{"id": "1", "kind": "session", "unit": "north", "minutes": 60,
                              "occurred_at": "2005-02-10T10:00:00+08:00"}])  # fmt: skip
    swept = sweep(rules, org, events, "2005-12-31")
    pictures = [
        *fans(simulation, "year"), *rank_pictures(simulation, found, "year", "cup"), *duty_maps(simulation, found),
        *duty_maps(simulation, found, "meets"), tornado(swept, "year"),
    ]  # fmt: skip
    return pictures, Labels(rules, org, "zh")


def texts(path):
    return ["".join(t.itertext()) for t in ElementTree.parse(path).iter(f"{SVG}text")]


def test_text_stays_text_in_chinese_whatever_fonts_are_installed(drawn, tmp_path):
    pictures, labels = drawn
    save_pictures(pictures, tmp_path / "out", labels)
    for name in ("fan_year", "ranks_year", "duties_as_it_is"):
        assert {"北所", "南所", "西所"} <= set(texts(tmp_path / "out" / f"{name}.svg"))
    assert "年度：总分走势" in texts(tmp_path / "out" / "fan_year.svg")
    assert "年度：单个参数变动的影响" in texts(tmp_path / "out" / "tornado_year.svg")
    written = (tmp_path / "out" / "fan_year.svg").read_text(encoding="utf-8")
    assert all(f"'{font}'" in written for font in CJK_FONTS)


def test_the_same_pictures_are_the_same_bytes(drawn, tmp_path):
    pictures, labels = drawn
    one, _ = save_pictures(pictures, tmp_path / "one", labels)
    two, _ = save_pictures(pictures, tmp_path / "two", labels)
    assert [p.name for p in one] == [p.name for p in two]
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]


def test_a_missing_chinese_font_is_told_once_and_ids_stand_in(drawn, tmp_path):
    pictures, labels = drawn
    _, note = save_pictures(pictures, tmp_path / "out", labels)
    said = "no installed font has Chinese, so the PNG files say ids and English; the SVG files do not"
    assert note == ("" if cjk_font() else said)
    plain = Labels(labels.ruleset, labels.organisation, "zh", is_plain=True)
    assert [plain.subject(s) for s in ("north", "west")] == ["North office", "west"]
    assert (plain.rule("scorecards", "year"), plain.word("rank")) == ("Year", "rank")


def test_names_are_shown_as_they_are_written(drawn, tmp_path):
    pictures, labels = drawn
    (tmp_path / "units.yaml").write_text(made.UNITS.replace("North office", "Cost $x^2$ & <b>"), encoding="utf-8")
    english = Labels(labels.ruleset, lr.read_org(tmp_path / "units.yaml"), "en")
    save_pictures(pictures[:1], tmp_path / "out", english)
    assert "Cost $x^2$ & <b>" in texts(tmp_path / "out" / "fan_year.svg")


def test_no_two_texts_of_a_picture_overlap(drawn, tmp_path):
    pictures, labels = drawn
    for picture in pictures:
        figure = picture.draw(Labels(labels.ruleset, labels.organisation, is_plain=True))
        figure.canvas.draw()
        boxes = []
        for axis in figure.axes:
            if axis.get_visible() and axis.axison:
                shown = [*axis.texts, axis.title, axis._left_title, axis.xaxis.label, axis.yaxis.label]
                shown += [t for t in (*axis.get_xticklabels(), *axis.get_yticklabels()) if t.get_visible()]
                boxes += [(t.get_text(), t.get_window_extent()) for t in shown if t.get_text()]
        boxes += [(t.get_text(), t.get_window_extent()) for t in figure.texts]
        for i, (one, box) in enumerate(boxes):
            for other, next_ in boxes[i + 1 :]:
                apart = box.x1 <= next_.x0 or next_.x1 <= box.x0 or box.y1 <= next_.y0 or next_.y1 <= box.y0
                assert apart or box == next_, (picture.name, one, other)


def test_many_rows_are_shared_out_over_several_pictures():
    rows = [str(i) for i in range(41)]
    assert [len(part) for part in pages(rows, 40)] == [21, 20]
    assert [r for part in pages(rows, 40) for r in part] == rows
    assert pages([], 40) == []


def test_chinese_takes_more_room_than_as_many_letters():
    assert text_width("学习") > text_width("ab")
