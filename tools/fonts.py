"""Make the fonts of the papers from the published ones: python tools/fonts.py NotoSans.ttf NotoSansSC.ttf

It needs fonttools and the variable TrueType fonts of Noto; docs/decisions/0015-papers.md says what is kept of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FONTS = Path(__file__).parents[1] / "integrations" / "paper" / "fonts"
ALPHABETS = [
    (0x0020, 0x02FF),  # Latin with its extensions
    (0x0300, 0x036F),  # marks that combine
    (0x0370, 0x052F),  # Greek, Cyrillic
    (0x1E00, 0x1EFF),  # Latin of Viet Nam and others
    (0x2000, 0x206F),  # punctuation
    (0x2070, 0x209F),  # raised and lowered figures
    (0x20A0, 0x20CF),  # currencies
    (0x2100, 0x218F),  # letter-like signs, fractions
]
_LAYOUT = ["BASE", "DSIG", "GDEF", "GPOS", "GSUB", "MVAR", "STAT", "VORG", "meta", "vhea", "vmtx"]


def alphabets() -> set[int]:
    """Return the code points of the alphabets."""
    return {point for first, last in ALPHABETS for point in range(first, last + 1)}


def chinese() -> set[int]:
    """Return the code points of GBK beyond ASCII: every character of GB 2312 and Big5 and many of names."""
    return {point for point in range(0x80, 0x10000) if _in_gbk(chr(point))}


def _in_gbk(character: str) -> bool:
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


def make(source: str, axes: dict[str, int], points: set[int], file: str) -> None:
    """Write one weight of a font, cut down to some code points."""
    font = instantiateVariableFont(TTFont(source, recalcTimestamp=False), axes, updateFontNames=True)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += _LAYOUT
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    font.save(FONTS / file)


def main(latin: str, sc: str) -> None:
    """Write the fonts."""
    make(latin, {"wght": 400, "wdth": 100}, alphabets(), "NotoSans-Regular.ttf")
    make(latin, {"wght": 700, "wdth": 100}, alphabets(), "NotoSans-Bold.ttf")
    make(sc, {"wght": 400}, chinese(), "NotoSansSC-Regular.ttf")


if __name__ == "__main__":
    main(*sys.argv[1:])
