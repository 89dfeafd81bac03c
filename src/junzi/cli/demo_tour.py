"""The link that opens the tour: it signs its people in, who each sit in a frame of their own (web/src/features/tour/)."""

from urllib.parse import urlencode

from junzi.cli import demo_town as demo
from junzi.cli.people_file import PeopleFile

SEATS = {
    "customer": demo.YINUO,
    "shop": demo.HEFANG,
    "operator": demo.YUAN,
    "promoter": demo.LANGJIE,
    "approver": demo.AZHE,
}


def link(address: str, people: PeopleFile) -> str:
    """Passwords and PIN stand after the `#`, which browsers send to nobody; whoever reads the terminal knows them anyway."""
    passwords = {person.handle: person.password for person in people.people()}
    told = {seat: f"{one.handle}:{passwords[one.handle]}" for seat, one in SEATS.items()}
    return f"{address}/tour#{urlencode({**told, 'pin': people.pin()}, safe=':')}"
