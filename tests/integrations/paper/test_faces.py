from __future__ import annotations

import pytest

from integrations.paper.faces import Face, lines, printable, runs, width

BODY = Face(9)


NAMES = ["Nguyễn Thị Hồng Ánh", "Łukasz Żółć", "Şükrü Ğ", "Юлія Ґудзь", "Қанат Әлиұлы", "Ελένη", "欧阳镕喆", "陳玥堃"]


@pytest.mark.parametrize("name", [*NAMES, "山田太郎", "Ⅱ № ½ € ° ² ▲ ◎"])
@pytest.mark.parametrize("bold", [False, True])
def test_names_are_printed_as_they_are_written(name: str, bold: bool) -> None:
    assert printable(name) == name
    assert "".join(piece for _font, piece in runs(name, Face(9, bold))) == name


def test_letters_with_their_marks_apart_become_one() -> None:
    assert printable("Nguye\u0302\u0303n") == "Nguyễn"


def test_a_character_without_a_shape_becomes_its_number() -> None:
    assert printable("ກ 𠮷 🛠") == "[U+0E81] [U+20BB7] [U+1F6E0]"


def test_control_characters_and_turns_of_direction_are_left_out() -> None:
    assert printable("a\x00b\x1b[1m\u202ec\td\r\ne") == "ab[1mc d\ne"


def test_lines_break_at_spaces_and_fit() -> None:
    text = "Remove the wheel and then the brake and cap the lines " * 5
    broken = lines(text, BODY, 120)
    assert " ".join(broken).split() == text.split()
    assert all(width(line, BODY) <= 120 for line in broken)


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    for room in range(20, 80):
        broken = lines("释放液压系统压力。排气（两次）并检查渗漏。", BODY, room)
        assert "".join(broken) == "释放液压系统压力。排气（两次）并检查渗漏。"
        assert all(line[0] not in "。）" and line[-1] != "（" for line in broken)
        assert all(width(line, BODY) <= room for line in broken)


def test_a_word_longer_than_a_line_is_cut() -> None:
    word = "X" * 200
    broken = lines(f"no {word} end", BODY, 100)
    assert "".join(broken).replace(" ", "") == f"no{word}end"
    assert all(width(line, BODY) <= 100 for line in broken)


def test_line_breaks_of_the_text_are_kept() -> None:
    assert lines("a\n\nb\n", BODY, 100) == ["a", "", "b", ""]
