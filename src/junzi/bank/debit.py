"""Take money from a card: intent → issuer → outcome. Repeatable by its id for ever.

A debit whose answer did not come stays "asked". Whoever wants it calls again: the issuer is first asked what it knows, and told
anew only when it never heard of the reference.
"""

from uuid import UUID

from junzi.bank import store
from junzi.bank.issuer import Issuer
from junzi.bank.model import Debit, DebitState, PaymentAnswer, Unanswered
from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.kit.points import Point

_intended = Point("bank.debit.intended")
_answered = Point("bank.debit.answered")


async def debit(database: Database, issuer: Issuer, *, id: UUID, card_id: UUID, amount_minor: int, text: str) -> Debit:
    """The debit with this id, asked of the issuer if its outcome is not known yet."""
    now = clock.now()
    async with database.transaction() as tx:
        await store.insert_debit(
            tx,
            id=id,
            card_id=card_id,
            amount_minor=amount_minor,
            currency=town.current().currency,
            text=text,
            at=now,
            business_date=town.business_date(now),
        )
        known = await store.debit(tx, id)
        card = await store.card(tx, card_id)
    if known.state is not DebitState.ASKED:
        return known
    _intended.passed()
    try:
        answer = await _ask(issuer, known, card.token)
    except Unanswered:
        return known
    _answered.passed()
    async with database.transaction() as tx:
        await store.set_debit_outcome(tx, id=id, state=DebitState(answer.state), reason=answer.reason, at=clock.now())
        return await store.debit(tx, id)


async def _ask(issuer: Issuer, debit: Debit, token: str) -> PaymentAnswer:
    outcome = await issuer.debit_outcome(debit.id)
    if outcome is not None:
        return outcome
    return await issuer.debit(
        debit.id, token=token, amount_minor=debit.amount_minor, currency=debit.currency, text=debit.text
    )
