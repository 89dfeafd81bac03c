"""What only the ledger's writer can do, done by it whichever process it is in: posting, and telling balances from memory.

Accounts and transfers travel as the rows they are. MessagePack has no numbers beyond 64 bits; larger amounts go as bytes.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from junzi.kit.bus import Bus
from junzi.kit.errors import Busy
from junzi.kit.handed_in import HandedIn
from junzi.kit.open_transactions import refuse_inside_transaction
from junzi.ledger.model import CreateAccountResult, CreateTransferResult, InvalidEvent
from junzi.ledger.post import Writer
from junzi.ledger.requests import CreateAccounts, CreateTransfers, ExpirePending, Request, TransferEvent
from junzi.ledger.rows import AccountRow

_AMOUNT = 3
_LARGEST_NUMBER = 2**63 - 1
_Row = list[Any]


class _Post(msgspec.Struct, array_like=True, frozen=True, tag="post"):
    """As `CreateTransfers`."""

    events: list[bytes | _Row]
    plain: bool
    dated: bool


class _Open(msgspec.Struct, array_like=True, frozen=True, tag="open"):
    """As `CreateAccounts`."""

    events: list[_Row]
    dated: bool


class _Expire(msgspec.Struct, array_like=True, frozen=True, tag="expire"):
    pass


class _Tell(msgspec.Struct, array_like=True, frozen=True, tag="tell"):
    """The accounts of these ids."""

    ids: list[bytes]


class _Posted(msgspec.Struct, array_like=True, frozen=True, tag="posted"):
    outcome: list[CreateTransferResult]


class _Opened(msgspec.Struct, array_like=True, frozen=True, tag="opened"):
    outcome: list[CreateAccountResult]


class _Expired(msgspec.Struct, array_like=True, frozen=True, tag="expired"):
    outcome: int


class _Told(msgspec.Struct, array_like=True, frozen=True, tag="told"):
    outcome: list[_Row]


class _Invalid(msgspec.Struct, array_like=True, frozen=True, tag="invalid"):
    words: str


_Question = _Post | _Open | _Expire | _Tell
_Answer = _Posted | _Opened | _Expired | _Told | _Invalid
_encode = msgspec.msgpack.encode
_decode_question = msgspec.msgpack.Decoder(_Question).decode
_decode_answer = msgspec.msgpack.Decoder(_Answer).decode
_ANSWERS: dict[type[Any], type[Any]] = {_Post: _Posted, _Open: _Opened, _Expire: _Expired}


class LedgerHandedIn:
    """The way to the writer.

    rows:    what the writer of this process knows of accounts
    writer:  that of this process, which may hold the lease
    """

    writer: Writer

    def __init__(self, bus: Bus, rows: Callable[[Sequence[bytes]], Awaitable[dict[bytes, AccountRow]]]) -> None:
        self._rows_here = rows
        self._way = HandedIn(bus, "ledger", self._answer)
        self.begin = self._way.begin
        self.end = self._way.end

    @property
    def reaches_holder(self) -> bool:
        return self._way.reaches_holder

    def submit(self, request: Request) -> Awaitable[Any]:
        """The outcome, after the commit that carries it. Raises `Busy`: nothing is known to be done."""
        if self.writer.up or not self.reaches_holder:
            return self.writer.submit(request)
        return self._submit_there(request)

    async def rows(self, ids: Sequence[bytes]) -> dict[bytes, AccountRow]:
        """The accounts there are of these ids, as all that is acknowledged has left them. Raises `Busy`."""
        if self.writer.up or not self.reaches_holder:
            return await self._rows_here(ids)
        answer = await self._asked(_Tell(list(ids)))
        if answer is None:
            return await self._rows_here(ids)
        return {row[0]: tuple(row) for row in answer}

    async def _submit_there(self, request: Request) -> Any:
        outcome = await self._asked(_packed(request))
        return await self.writer.submit(request) if outcome is None else outcome

    async def _asked(self, question: _Question) -> Any:
        """The outcome; None when this process has become the writer, and nothing was asked."""
        refuse_inside_transaction()
        answer = await self._way.ask(_encode(question), here=lambda: self.writer.up)
        if answer is None:
            return None
        told: _Answer = _decode_answer(answer)
        if isinstance(told, _Invalid):
            raise InvalidEvent(told.words)
        return told.outcome

    async def _answer(self, data: bytes) -> bytes:
        if not self.writer.up:
            raise Busy
        question: _Question = _decode_question(data)
        try:
            if isinstance(question, _Tell):
                return _encode(_Told([list(row) for row in (await self._rows_here(question.ids)).values()]))
            return _encode(_ANSWERS[type(question)](await self.writer.submit(_unpacked(question))))
        except InvalidEvent as refusal:
            return _encode(_Invalid(str(refusal)))


def _packed(request: Request) -> _Post | _Open | _Expire:
    if isinstance(request, CreateTransfers):
        return _Post([_with_bytes(event) for event in request.events], request.plain, request.dated)
    if isinstance(request, CreateAccounts):
        return _Open([list(row) for row in request.events], request.dated)
    return _Expire()


def _with_bytes(event: TransferEvent) -> bytes | _Row:
    if isinstance(event, bytes):
        return event
    row: _Row = list(event)
    amount = event[3]
    if amount > _LARGEST_NUMBER:
        row[_AMOUNT] = amount.to_bytes(16)
    return row


def _unpacked(question: _Post | _Open | _Expire) -> Request:
    if isinstance(question, _Expire):
        return ExpirePending()
    if isinstance(question, _Open):
        return CreateAccounts([tuple(row) for row in question.events], question.dated)
    events: list[TransferEvent] = []
    for event in question.events:
        if isinstance(event, list):
            if isinstance(event[_AMOUNT], bytes):
                event[_AMOUNT] = int.from_bytes(event[_AMOUNT])
            events.append(tuple(event))
        else:
            events.append(event)
    return CreateTransfers(events, question.plain, question.dated)
