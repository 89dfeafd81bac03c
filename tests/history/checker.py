"""What must be true of a conversation's history after anything may have happened, judged from what every device wrote down.

The checker knows no server: it is given what the devices saw and what fresh devices are shown afterwards, and names what
does not fit.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

Place = tuple[str, int]
"""Conversation and number."""


@dataclass
class Record:
    """What one device saw.

    acknowledged:  by conversation and the message's own name, the number it was given
    told:          every message at its number, however it was learned, in the order of learning
    kept:          by conversation, the log that the device has in the end
    unread:        by conversation, what it shows in the end
    reads:         by conversation and person, how far a person was ever told to have read
    """

    device: str
    person: str
    acknowledged: dict[tuple[str, str], int] = field(default_factory=dict)
    told: list[tuple[Place, str]] = field(default_factory=list)
    kept: dict[str, dict[int, str]] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    reads: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A message as the log has it in the end."""

    seq: int
    id: str
    sender: str | None


@dataclass(frozen=True)
class Shown:
    """A conversation as a fresh device of a person is shown it in the end. from_seq: they read from after it on"""

    log: list[Line]
    read_seq: int
    unread: int
    from_seq: int = 0


@dataclass
class History:
    """shown: by person, then by conversation"""

    records: list[Record]
    shown: dict[str, dict[str, Shown]]


def faults(history: History) -> list[str]:
    """Everything that is wrong, in words; none where all is well."""
    return [
        *_logs(history),
        *_acknowledged(history),
        *_devices(history),
        *_unread(history),
    ]


def _logs(history: History) -> Iterator[str]:
    """Each log is without gaps, says nothing twice, and is the same to every member."""
    seen: dict[Place, str] = {}
    for person, conversations in history.shown.items():
        for id, shown in conversations.items():
            seqs = [line.seq for line in shown.log]
            if seqs != list(range(shown.from_seq + 1, shown.from_seq + 1 + len(seqs))):
                yield f"gap: {person} reads {id} as {seqs}"
            for name, count in Counter((line.id, line.sender) for line in shown.log).items():
                if count > 1:
                    yield f"doubled: message {name[0]} stands {count} times in {id} as {person} reads it"
            for line in shown.log:
                other = seen.setdefault((id, line.seq), line.id)
                if other != line.id:
                    yield f"disagreement: number {line.seq} of {id} is {line.id} to {person} and {other} to another member"


def _acknowledged(history: History) -> Iterator[str]:
    """What was acknowledged stands at its number, for every member."""
    members: dict[str, list[str]] = defaultdict(list)
    for person, conversations in history.shown.items():
        for id in conversations:
            members[id].append(person)
    places = {
        (person, id): {line.id: line.seq for line in shown.log}
        for person, conversations in history.shown.items()
        for id, shown in conversations.items()
    }
    for record in history.records:
        for (id, name), seq in record.acknowledged.items():
            for person in members[id]:
                stands = places[(person, id)].get(name)
                if stands is None:
                    if seq > history.shown[person][id].from_seq:
                        yield f"lost: message {name} was acknowledged as {seq} of {id}, and {person} doesn't have it"
                elif stands != seq:
                    yield f"moved: message {name} was acknowledged as {seq} of {id} and stands at {stands}"


def _devices(history: History) -> Iterator[str]:
    """No device was ever told another message at a number, and what each keeps is the log."""
    for record in history.records:
        shown = history.shown[record.person]
        logs = {id: {line.seq: line.id for line in one.log} for id, one in shown.items()}
        for (id, seq), name in record.told:
            stands = logs.get(id, {}).get(seq)
            if stands != name:
                yield f"disagreement: {record.device} was told {name} as {seq} of {id}, where {stands} stands"
        for id, log in logs.items():
            kept = record.kept.get(id, {})
            missing, foreign = log.keys() - kept.keys(), {seq for seq in kept if kept[seq] != log.get(seq)}
            if missing:
                yield f"missed: {record.device} doesn't have {sorted(missing)} of {id}"
            if foreign:
                yield f"disagreement: {record.device} keeps other messages at {sorted(foreign)} of {id}"


def _unread(history: History) -> Iterator[str]:
    """What is shown as unread is what the log counts, and reading never went back."""
    for person, conversations in history.shown.items():
        for id, shown in conversations.items():
            counted = sum(line.seq > shown.read_seq for line in shown.log)
            if shown.unread != counted:
                yield f"unread: {person} is shown {shown.unread} in {id}, and {counted} are"
            newest = max((line.seq for line in shown.log if line.sender == person), default=0)
            if shown.read_seq < newest:
                yield f"unread: {person} wrote {newest} of {id} and has read only up to {shown.read_seq}"
    for record in history.records:
        for id, shown in history.shown[record.person].items():
            if record.unread.get(id) != shown.unread:
                yield f"unread: {record.device} shows {record.unread.get(id)} in {id}, a fresh device {shown.unread}"
        for (id, person), seq in record.reads.items():
            reader = history.shown.get(person, {}).get(id)
            if reader is not None and reader.read_seq < seq:
                yield f"reading went back: {person} had read up to {seq} of {id} and stands at {reader.read_seq}"
