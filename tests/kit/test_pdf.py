"""Printed pages: what is drawn can be read again, and the file carries its fonts."""

import io

import pypdf
import pypdfium2
import pytest

from junzi.kit import fonts, pdf


def pages(file: bytes) -> list[pypdf.PageObject]:
    return list(pypdf.PdfReader(io.BytesIO(file)).pages)


def embedded(page: pypdf.PageObject) -> dict[str, bool]:
    """The page's fonts by name, with whether their outlines are in the file."""
    found = {}
    for reference in page["/Resources"].get("/Font", {}).values():
        font = reference.get_object()
        for inner in font.get("/DescendantFonts", [font]):
            descriptor = inner.get_object().get("/FontDescriptor")
            found[str(font["/BaseFont"])] = descriptor is not None and "/FontFile2" in descriptor.get_object()
    return found


def test_chinese_and_latin_words_can_be_read_from_a_page_that_carries_their_fonts() -> None:
    sheet = pdf.new("扫码付款", pdf.A5)
    pdf.line(sheet, "老王小卖部 Lao Wang’s 龘 ¥12.50", 10, 20, size=14, weight=pdf.BOLD)
    pdf.line(sheet, "請掃碼付款 Café Zoë 🥟", 74, 30, anchor="middle")
    [page] = pages(pdf.finished(sheet))
    assert page.extract_text().splitlines() == ["老王小卖部 Lao Wang’s 龘 ¥12.50", "請掃碼付款 Café Zoë 🥟"]
    used = {name: inside for name, inside in embedded(page).items() if "Noto" in name or "noto" in name}
    assert len(used) >= 4 and all(used.values())


def test_signs_of_pictures_are_drawn_each_in_its_own_way() -> None:
    assert len({ink("🥟"), ink("🍜"), ink("🛒"), ink("\U00020bb7")}) == 4
    assert ink("\U00020bb7") == ink("□")


def ink(sign: str) -> int:
    """How many points of a picture of the sign are dark."""
    sheet = pdf.new("", (40, 40))
    pdf.line(sheet, sign, 20, 30, size=60, anchor="middle")
    picture = pypdfium2.PdfDocument(pdf.finished(sheet))[0].render(scale=4).to_pil().convert("L")
    return sum(picture.histogram()[:128])


def test_a_character_that_no_font_has_becomes_a_box_and_what_is_unseen_leaves_no_trace() -> None:
    sheet = pdf.new("", pdf.A5)
    pdf.line(sheet, "a\U00020bb7b\u200dc\ufe0f", 10, 20)
    [page] = pages(pdf.finished(sheet))
    assert page.extract_text() == "a□bc"


@pytest.mark.parametrize(
    "words",
    [
        "老王小卖部和他的朋友们的二十四小时便利店，欢迎光临！（总店）",
        "The Rather Long Name Of A Small Shop Round The Corner",
        "Donaudampfschifffahrtsgesellschaftskapitänsmütze",
        "老王 Lao Wang’s 小卖部 and Sons 饺子馆",
    ],
)
def test_long_names_are_broken_into_lines_that_fit_and_lose_nothing(words: str) -> None:
    lines = pdf.wrapped(words, 40, size=12)
    assert len(lines) > 1
    assert max(pdf.width(line, size=12) for line in lines) <= 40
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert not {line[0] for line in lines} & set("，！）")


def test_what_does_not_go_into_the_last_line_ends_in_an_ellipsis() -> None:
    lines = pdf.wrapped("一二三四五六七八九十" * 5, 40, size=12, most_lines=2)
    assert len(lines) == 2 and lines[1].endswith("…")
    assert pdf.width(lines[1], size=12) <= 40


def test_the_paper_is_larger_than_the_sheet_by_what_is_cut_off() -> None:
    sheet = pdf.new("", (80, 80), bleed=3, marks=5)
    pdf.rule(sheet, 0, 40, 80)
    [page] = pages(pdf.finished(sheet))
    boxes = [
        tuple(round(float(side) / pdf.MM, 2) for side in box) for box in (page.mediabox, page.bleedbox, page.trimbox)
    ]
    assert boxes == [(0, 0, 96, 96), (5, 5, 91, 91), (8, 8, 88, 88)]


def test_a_printer_is_told_what_the_four_inks_are_meant_for() -> None:
    read = pypdf.PdfReader(io.BytesIO(pdf.finished(pdf.new("扫码付款", pdf.A5))))
    [intent] = read.root_object["/OutputIntents"]
    assert (intent["/Type"], intent["/S"]) == ("/OutputIntent", "/GTS_PDFX")
    assert (intent["/OutputConditionIdentifier"], intent["/RegistryName"]) == ("FOGRA39", "http://www.color.org")
    assert float(read.pdf_header.removeprefix("%PDF-")) >= 1.4
    assert read.metadata is not None and read.metadata.title == "扫码付款"


def test_a_listing_goes_over_as_many_pages_as_it_takes_with_its_headings_on_each() -> None:
    columns = [pdf.Column("日期 Date", 2), pdf.Column("Payer", 3), pdf.Column("Amount", 1, figures=True)]
    rows = [(f"2026-11-{day:02}", "王小明" * 20, "12.50") for day in range(1, 91)]
    file = pdf.listing("Takings", ["老王小卖部", "November 2026"], columns, rows, sums=("", "Sum", "1125.00"))
    read = [page.extract_text() for page in pages(file)]
    assert len(read) == 3 and all("日期 Date" in text for text in read)
    assert sum(text.count("12.50") for text in read) == 90
    assert "1125.00" in read[-1] and "老王小卖部" in read[0]


def test_without_its_fonts_an_installation_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    forget()
    try:
        with pytest.raises(fonts.FontsMissing):
            pdf.width("a", size=10)
    finally:
        forget()


def forget() -> None:
    fonts._places.cache_clear()
    fonts._font_of.cache_clear()
