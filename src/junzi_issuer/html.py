"""Draws the page. Every value put into a template is escaped, unless it was drawn here as markup."""

from datetime import datetime
from hashlib import sha256
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

import msgspec

from junzi_issuer.bindings import CardFaults, PageView, Step
from junzi_issuer.cards import BANKS, BANKS_BY_KEY, SANDBOX_BANK, TEST_CARDS, Bank, Behaviour, TestCard
from junzi_issuer.rules import CODE_LENGTH, HOLDER_LENGTH, MAX_CODES_WRONG, CodeVerdict, NumberFault
from junzi_issuer.texts import TEXTS, Language


class Markup(str):
    """Text that is HTML already."""


class Form(msgspec.Struct, frozen=True):
    """What a form shows beside the page's own state: what was typed, and what was wrong with it."""

    number: str = ""
    holder: str | None = None
    faults: CardFaults | None = None
    code_fault: CodeVerdict | None = None
    notice: str | None = None


_TEMPLATES = {
    name: Template(files(__package__).joinpath("templates", f"{name}.html").read_text(encoding="utf-8"))
    for name in ("layout", "card", "code", "ended", "missing", "test_card", "message")
}
ASSETS = {
    name: files(__package__).joinpath("static", name).read_bytes() for name in ("issuer.css", "issuer.js", "issuer.svg")
}
_ASSET_VERSION = sha256(b"".join(ASSETS.values())).hexdigest()[:12]


def draw_page(view: PageView, language: Language, at: datetime, form: Form) -> str:
    """The page of a binding, as far as it has come."""
    draw = {Step.CARD: _draw_card_step, Step.CODE: _draw_code_step, Step.ENDED: _draw_ended}[view.step]
    title = {Step.CARD: "title_card", Step.CODE: "title_code", Step.ENDED: f"title_{view.binding.state}"}[view.step]
    return _draw_layout(language, TEXTS[language][title], draw(view, language, at, form))


def draw_missing(language: Language) -> str:
    content = _fill("missing", language)
    return _draw_layout(language, TEXTS[language]["title_missing"], content)


def _draw_card_step(view: PageView, language: Language, _: datetime, form: Form) -> Markup:
    texts = TEXTS[language]
    faults = form.faults or CardFaults()
    number_fault = "" if faults.number is None else texts[_NUMBER_FAULTS[faults.number]]
    works = [_draw_test_card(place, card, language) for place, card in enumerate(TEST_CARDS) if _works(card)]
    trouble = [_draw_test_card(place, card, language) for place, card in enumerate(TEST_CARDS) if not _works(card)]
    banks = {digits: {"key": bank.key, "name": _name(bank, language)} for digits, bank in BANKS.items()}
    banks[""] = {"key": SANDBOX_BANK.key, "name": _name(SANDBOX_BANK, language)}
    return _fill(
        "card",
        language,
        asked_by=texts["asked_by"].format(host=_host(view)),
        csrf_token=view.binding.csrf_token,
        notice=_draw_notice(form),
        number=_group(form.number),
        number_fault=number_fault,
        number_invalid="true" if number_fault else "false",
        holder=view.binding.holder_hint if form.holder is None else form.holder,
        holder_length=HOLDER_LENGTH,
        holder_fault=texts["fault_holder"] if faults.holder else "",
        holder_invalid="true" if faults.holder else "false",
        banks=msgspec.json.encode(banks).decode(),
        works=Markup("".join(works)),
        trouble=Markup("".join(trouble)),
    )


def _draw_code_step(view: PageView, language: Language, at: datetime, form: Form) -> Markup:
    assert view.card is not None and view.binding.code_expires_at is not None
    texts = TEXTS[language]
    seconds = max(0, int((view.binding.code_expires_at - at).total_seconds()))
    fault = ""
    if form.code_fault is not None:
        left = MAX_CODES_WRONG - view.binding.codes_wrong
        fault = texts[_CODE_FAULTS[form.code_fault]].format(left=left)
    return _fill(
        "code",
        language,
        message=_draw_message(view, language, seconds),
        csrf_token=view.binding.csrf_token,
        notice=_draw_notice(form),
        hint=texts["code_hint"].format(last4=view.card.last4),
        fault=fault,
        invalid="true" if fault else "false",
        length=CODE_LENGTH,
        seconds=seconds,
        last4=view.card.last4,
        bank_key=view.card.bank,
        bank_name=_name(BANKS_BY_KEY[view.card.bank], language),
    )


def _draw_message(view: PageView, language: Language, seconds: int) -> Markup:
    """The text message on the sandbox's phone."""
    texts = TEXTS[language]
    if view.message_code is None or view.card is None:
        return Markup(f'<p class="gone" role="status">{escape(texts["phone_gone"])}</p>')
    minutes = (seconds + 59) // 60
    life = texts["life_minutes"].format(count=minutes) if minutes > 1 else texts["life_seconds"].format(count=seconds)
    code = Markup(f'<strong data-one-time-code="{view.message_code}">{view.message_code}</strong>')
    text = Template(escape(texts["phone_text"].format(code="$code", last4=view.card.last4, life=life)))
    return _fill("message", language, text=Markup(text.substitute(code=code)))


def _draw_ended(view: PageView, language: Language, _: datetime, __: Form) -> Markup:
    texts = TEXTS[language]
    outcome = view.binding.reason or view.binding.state
    return _fill(
        "ended",
        language,
        state=view.binding.state,
        mark="✓" if view.binding.reason is None else "×",
        explanation=texts[f"ended_{outcome}"],
        return_url=view.binding.return_url,
        back=texts["back"].format(host=_host(view)),
    )


def _draw_test_card(place: int, card: TestCard, language: Language) -> Markup:
    return _fill(
        "test_card",
        language,
        place=place,
        number=card.number,
        first_half=_group(card.number[:8]),
        second_half=_group(card.number[8:]),
        bank_key=card.bank.key,
        name=_name(card.bank, language),
        behaviour=card.zh if language == "zh" else card.en,
    )


def _draw_notice(form: Form) -> Markup:
    return Markup(f'<p class="notice" role="alert">{escape(form.notice)}</p>' if form.notice else "")


def _draw_layout(language: Language, title: str, content: Markup) -> str:
    return _fill("layout", language, title=title, content=content, version=_ASSET_VERSION)


def _fill(template: str, language: Language, /, **values: object) -> Markup:
    escaped = {key: value if isinstance(value, Markup) else escape(str(value)) for key, value in values.items()}
    texts = {f"t_{key}": escape(text) for key, text in TEXTS[language].items() if key.isidentifier()}
    return Markup(_TEMPLATES[template].substitute(texts, language=language, **escaped))


def _works(card: TestCard) -> bool:
    return card.behaviour is Behaviour.WORKS


def _name(bank: Bank, language: Language) -> str:
    return bank.zh if language == "zh" else bank.en


def _host(view: PageView) -> str:
    return urlsplit(view.binding.return_url).netloc


def _group(number: str) -> str:
    """Digits in fours; anything else as it was typed."""
    if not number.isdigit():
        return number
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


_NUMBER_FAULTS = {
    NumberFault.LENGTH: "fault_length",
    NumberFault.CHECK_DIGIT: "fault_check_digit",
    NumberFault.FOREIGN: "fault_foreign",
}
_CODE_FAULTS = {
    CodeVerdict.MALFORMED: "fault_malformed",
    CodeVerdict.EXPIRED: "fault_expired",
    CodeVerdict.WRONG: "fault_wrong",
}
