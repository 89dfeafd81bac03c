"""The demo people's passwords: drawn once, written down before they are used, readable by their owner only."""

from pathlib import Path

from junzi.cli.people_file import ALPHABET, PeopleFile


def test_a_password_is_drawn_once_and_found_again_by_the_next_start(tmp_path: Path) -> None:
    first = PeopleFile(tmp_path).password_of("lin", "林小满, a shopper")
    PeopleFile(tmp_path).password_of("chen", "keeps the noodle shop")
    again = PeopleFile(tmp_path)
    assert again.password_of("lin", "林小满, a shopper") == first
    assert [(person.handle, person.role) for person in again.people()] == [
        ("lin", "林小满, a shopper"),
        ("chen", "keeps the noodle shop"),
    ]


def test_the_file_is_readable_by_its_owner_only_even_after_it_grew(tmp_path: Path) -> None:
    people = PeopleFile(tmp_path)
    for handle in ("lin", "chen"):
        people.password_of(handle, "somebody")
        assert people.path.stat().st_mode & 0o777 == 0o600


def test_a_half_written_file_of_a_killed_start_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "demo-people.part").write_text("half")
    drawn = PeopleFile(tmp_path).password_of("lin", "somebody")
    assert PeopleFile(tmp_path).password_of("lin", "somebody") == drawn


def test_passwords_differ_and_are_easy_to_type(tmp_path: Path) -> None:
    people = PeopleFile(tmp_path)
    drawn = {people.password_of(f"person{number}", "somebody") for number in range(20)}
    assert len(drawn) == 20
    assert all(len(password) == 14 and set(password) <= {*ALPHABET, "-"} for password in drawn)


def test_nobody_is_known_before_the_first_start(tmp_path: Path) -> None:
    assert PeopleFile(tmp_path).people() == []
