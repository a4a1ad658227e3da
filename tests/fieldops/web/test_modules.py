"""What the head of a page says to run a script: each of its modules at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldops.web import modules
from fieldops.web.modules import module, modules_of

SCRIPTS = Path(modules.__file__).parent / "static" / "js"
TEMPLATES = Path(modules.__file__).parent / "templates"
ENTRIES = sorted(path.relative_to(SCRIPTS).with_suffix("").as_posix() for path in SCRIPTS.rglob("*.js"))


@pytest.mark.parametrize("name", ENTRIES)
def test_a_script_loads_what_its_imports_name_and_theirs_each_once(name: str) -> None:
    files = modules_of(name)
    assert files[0] == f"{name}.js"
    assert len(set(files)) == len(files)
    for file in files:
        lines = (SCRIPTS / file).read_text("utf-8").splitlines()
        told = [line.split('"')[1] for line in lines if line.startswith(("import ", "export ")) and '"' in line]
        named = [path for path in told if path.endswith(".js")]
        assert {((SCRIPTS / file).parent / path).resolve() for path in named} <= {SCRIPTS / one for one in files}


def test_the_board_asks_for_all_its_modules_but_the_map_which_is_opened_later() -> None:
    files = modules_of("board/main")
    assert {"words.js", "api.js", "board/evidence.js", "board/turns.js"} <= set(files)
    assert "board/map.js" not in files
    assert str(module("board/main")).count("modulepreload") == len(files) - 1


def test_no_template_names_a_module_by_hand() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text("utf-8")
        assert "modulepreload" not in text
        assert '<script type="module"' not in text
