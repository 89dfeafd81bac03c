"""Give money back to a card: intent → issuer → outcome. Repeatable by its id for ever.

A credit whose answer did not come stays "asked", like a debit. Whoever wants it calls again: the issuer is first asked what it
knows, and told anew only when it never heard of the reference.
"""

from uuid import UUID

from junzi.bank import store
from junzi.bank.issuer import Issuer
from junzi.bank.model import Credit, CreditState, PaymentAnswer, Unanswered
from junzi.kit import clock, town
from junzi.kit.database import Database
from junzi.kit.points import Point

_intended = Point("bank.credit.intended")
_answered = Point("bank.credit.answered")


async def credit(
    database: Database, issuer: Issuer, *, id: UUID, card_id: UUID, amount_minor: int, text: str
) -> Credit:
    """The credit with this id, asked of the issuer if its outcome is not known yet."""
    now = clock.now()
    async with database.transaction() as tx:
        await store.insert_credit(
            tx,
            id=id,
            card_id=card_id,
            amount_minor=amount_minor,
            currency=town.current().currency,
            text=text,
            at=now,
            business_date=town.business_date(now),
        )
        known = await store.credit(tx, id)
        card = await store.card(tx, card_id)
    if known.state is not CreditState.ASKED:
        return known
    _intended.passed()
    try:
        answer = await _ask(issuer, known, card.token)
    except Unanswered:
        return known
    _answered.passed()
    async with database.transaction() as tx:
        await store.set_credit_outcome(tx, id=id, state=CreditState(answer.state), reason=answer.reason, at=clock.now())
        return await store.credit(tx, id)


async def _ask(issuer: Issuer, credit: Credit, token: str) -> PaymentAnswer:
    outcome = await issuer.credit_outcome(credit.id)
    if outcome is not None:
        return outcome
    return await issuer.credit(
        credit.id, token=token, amount_minor=credit.amount_minor, currency=credit.currency, text=credit.text
    )
