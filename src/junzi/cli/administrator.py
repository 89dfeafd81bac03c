"""The first administrator of a town, made when it has no staff yet; every later one is made by an administrator."""

from junzi.app import House
from junzi.cli.people_file import PeopleFile
from junzi.kit.errors import NotFound
from junzi.operators import actions as operators
from junzi.people import actions as people
from junzi.people.model import SignUp

HANDLE = "admin"


async def make_first_administrator(house: House, people_file: PeopleFile) -> None:
    """Give the town its first administrator, with a password that is written down before it counts."""
    async with house.database.read() as reader:
        if await operators.has_staff(reader):
            return
    password = people_file.password_of(HANDLE, "administrator")
    try:
        async with house.database.read() as reader:
            person = await people.person_by_handle(reader, HANDLE)
    except NotFound:
        person = await people.sign_up(house.database, SignUp(HANDLE, "Administrator", password))
    async with house.database.transaction() as tx:
        await operators.make_administrator(tx, person.id)
