"""Elements of Word and OpenDocument nested in each other at random: whatever stands in what, a second counter finds as much."""

import re

from hostile import office
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from independent_counter import check_whole, count_docx, count_odt

from pipeline.ingest.office import docx, odt

# Blocks and what stands in lines, with ?b for a block, ?l for what stands in a line, ?w for words.
WORD_BLOCKS = """
<w:p>?l?l</w:p>
<w:p><w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>?l</w:p>
<w:tbl><w:tr><w:tc>?b?b</w:tc><w:tc>?b</w:tc></w:tr></w:tbl>
<w:sdt><w:sdtPr/><w:sdtContent>?b</w:sdtContent></w:sdt>
<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>?b?b</w:sdtContent></w:sdt>
<mc:AlternateContent><mc:Choice>?b</mc:Choice><mc:Fallback>?b</mc:Fallback></mc:AlternateContent>
"""
WORD_LINES = """
<w:r><w:t>?w</w:t></w:r>
<w:r><w:rPr><w:vanish/></w:rPr><w:t>?w</w:t><w:tab/></w:r>
<w:r><w:instrText>?w</w:instrText></w:r>
<w:del><w:r><w:delText>?w</w:delText></w:r></w:del>
<w:ins>?l?l</w:ins>
<w:hyperlink>?l</w:hyperlink>
<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>?l</w:sdtContent></w:sdt>
<mc:AlternateContent><mc:Choice>?l</mc:Choice><mc:Fallback>?l</mc:Fallback></mc:AlternateContent>
<w:r><w:footnoteReference w:id="2"/></w:r>
<w:r><w:drawing><wps:txbx><w:txbxContent>?b</w:txbxContent></wps:txbx></w:drawing></w:r>
"""
OPEN_BLOCKS = """
<text:p>?l?l</text:p>
<text:h text:style-name="T9">?l</text:h>
<table:table><table:table-row><table:table-cell>?b?b</table:table-cell></table:table-row></table:table>
<text:list><text:list-item>?b</text:list-item></text:list>
<text:section text:display="none">?b</text:section>
<draw:frame><draw:text-box>?b</draw:text-box></draw:frame>
<text:table-of-content><text:index-body>?b</text:index-body></text:table-of-content>
<office:annotation>?b</office:annotation>
<text:tracked-changes><text:changed-region><text:deletion>?b</text:deletion></text:changed-region></text:tracked-changes>
"""
OPEN_LINES = """
?w
?w<text:tab/><text:s/>?w
<text:span text:style-name="T9">?l</text:span>
<text:a>?l?l</text:a>
<text:note><text:note-citation>1</text:note-citation><text:note-body>?b</text:note-body></text:note>
<office:annotation>?b</office:annotation>?l
<draw:frame><draw:text-box>?b</draw:text-box></draw:frame>
<text:hidden-text>?l</text:hidden-text>
<text:hidden-paragraph text:is-hidden="true"/>?l
"""
HIDING = '<style:style style:name="T9"><style:text-properties text:display="none"/></style:style>'
DEEPEST = 4
WORDS = st.integers(0, 999).map("w{} ".format)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def blocks_of(blocks: str, lines: str) -> st.SearchStrategy[str]:
    """Blocks with anything in them, so and so deep."""
    block = line = WORDS
    for deep in range(DEEPEST + 1):
        line, block = (
            st.one_of([_filled(pattern, {"?b": block, "?l": line, "?w": WORDS}) for pattern in _some(patterns, deep)])
            for patterns in (lines, blocks)
        )
    return st.lists(block, min_size=1, max_size=3).map("".join)


def _some(patterns: str, deep: int) -> list[str]:
    """All patterns; where the nesting ends, the first."""
    return patterns.strip().split("\n")[: None if deep else 1]


def _filled(pattern: str, kinds: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    pieces = (kinds.get(piece, st.just(piece)) for piece in re.split(r"(\?[blw])", pattern))
    return st.tuples(*pieces).map("".join)


@FEW
@given(blocks_of(WORD_BLOCKS, WORD_LINES))
def test_however_word_nests_its_elements_nothing_is_lost_or_counted_twice(body: str) -> None:
    note = office.story("footnotes", f'<w:footnote w:id="2">{office.p(office.r("underneath"))}</w:footnote>')
    data = office.docx(body, notes={"footnotes": note})
    reading = docx.read(data)
    check_whole(reading)
    assert reading.chars == count_docx(data)


@FEW
@given(blocks_of(OPEN_BLOCKS, OPEN_LINES), blocks_of(OPEN_BLOCKS, OPEN_LINES))
def test_however_opendocument_nests_its_elements_nothing_is_lost_or_counted_twice(body: str, header: str) -> None:
    masters = f"<style:master-page><style:header>{header}</style:header></style:master-page>"
    data = office.odt(body, styles=HIDING, masters=masters)
    reading = odt.read(data)
    check_whole(reading)
    assert reading.chars == count_odt(data)
