"""What every request needs, put together once at start."""

import msgspec

from junzi_issuer.config import Settings
from junzi_issuer.courier import Courier
from junzi_issuer.database import Pool
from junzi_issuer.keys import Keys
from junzi_issuer.pauses import Pauses
from junzi_issuer.phone import Phone


class Issuer(msgspec.Struct, frozen=True):
    pool: Pool
    settings: Settings
    keys: Keys
    phone: Phone
    courier: Courier
    pauses: Pauses
