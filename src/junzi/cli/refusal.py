"""What a command says in one sentence and ends with, because whoever typed it can do something about it."""

from junzi.kit.config import MissingSetting
from junzi.kit.embedded_postgres import EmbeddedPostgresError
from junzi.kit.leased_connection import EngineTaken
from junzi.kit.migrate import SchemaTooNew, SchemaTooOld
from junzi.kit.nats_bus import NatsUnreachable
from junzi.kit.postgres_binaries import BinariesMissing


class CommandRefused(Exception):
    """A command can't do what it was asked; the text says why and what to do."""


EXPECTED = (
    CommandRefused,
    MissingSetting,
    EmbeddedPostgresError,
    BinariesMissing,
    EngineTaken,
    NatsUnreachable,
    SchemaTooNew,
    SchemaTooOld,
)
