"""`junzi up` as a person meets it: first start, second start, Ctrl-C with sockets open, a kill, and what it refuses."""

import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from junzi.cli.demo_tour import SEATS
from junzi.cli.people_file import DemoPerson, PeopleFile
from junzi.kit.embedded_postgres import running_url
from tests.support.ports import free_port
from tests.support.until import until_blocking
from tests.support.up import Starter, Up, first_start, without_database_url

pytestmark = [pytest.mark.slow, pytest.mark.crash]

STOP_WITHIN_S = 3.0
# What the machine may be slower than ours; a stop that waits for sockets would take minutes.
SLACK_S = 5.0


def test_the_first_start_prints_addresses_people_and_what_to_try_and_the_second_where_they_are_and_the_tour(
    start: Starter, data_folder: Path
) -> None:
    first, people = first_start(), PeopleFile(data_folder).people()
    assert f"http://localhost:{first.port}" in first.printed
    assert "Filling the demo town" in first.printed
    assert "To try" in first.printed
    assert first.signed_in == {person.handle: 201 for person in people} != {}
    for person in people:
        assert person.handle in first.printed
        assert person.password in first.printed

    second = start()
    assert "Filling the demo town" not in second.printed()
    # The link signs those in who sit in the tour; nobody else's password is shown again.
    told, [link] = second.printed(), re.findall(r"http://localhost:\d+/tour#\S+", second.printed())
    assert f":{second.port}/tour#" in link
    assert all(person.password not in told.replace(link, "") for person in people)
    assert [person.handle for person in people if person.password in link] == [one.handle for one in seated(people)]
    assert "demo-people.txt" in told
    assert all(second.sign_in(person).status_code == 201 for person in people)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stops_within_seconds_with_sockets_open_and_leaves_no_process_behind(
    start: Starter, data_folder: Path, number: signal.Signals
) -> None:
    up = start()
    processes = up.processes()
    cookie = up.sign_in(PeopleFile(data_folder).people()[0]).cookies["junzi_session"]
    with (
        httpx.Client(trust_env=False, timeout=60) as kept_alive,
        socket.create_connection(("127.0.0.1", up.port)) as half_a_request,
        connect(
            f"ws://localhost:{up.port}/ws", origin=up.url, additional_headers={"Cookie": f"junzi_session={cookie}"}
        ) as chatting,
    ):
        kept_alive.get(f"{up.url}/healthz")
        half_a_request.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        assert "welcome" in chatting.recv(10)
        began = time.monotonic()
        up.process.send_signal(number)
        assert up.process.wait(60) == 0
        assert time.monotonic() - began < STOP_WITHIN_S + SLACK_S
    assert "Stopped." in up.printed()
    assert not [pid for pid in processes if running(pid)]


def test_after_a_kill_the_next_start_serves_everything_as_before(start: Starter, data_folder: Path) -> None:
    killed = start()
    processes = killed.processes()
    killed.process.kill()
    killed.process.wait()
    if sys.platform == "linux":
        until_blocking(lambda: not any(running(pid) for pid in processes), timeout_s=30)

    again = start()
    assert all(again.sign_in(person).status_code == 201 for person in PeopleFile(data_folder).people())


def test_refuses_a_data_folder_in_use_a_taken_port_and_a_second_server_on_one_database(
    start: Starter, data_folder: Path
) -> None:
    up = start()
    # Another port than the running one's, so that it is the folder that is refused.
    port = str(free_port())
    assert f"process {up.process.pid}" in refusal("up", "--data", str(data_folder), "--port", port)
    assert "Choose another with --port" in refusal("up", "--data", str(data_folder), "--port", str(up.port))

    url = running_url(data_folder, "junzi")
    assert "serves this database already" in refusal("serve", "--port", port, database_url=url)


def test_the_auditor_finds_nothing_in_a_new_town_while_it_is_served_and_afterwards(
    start: Starter, data_folder: Path
) -> None:
    up = start()
    for _ in range(2):
        said = subprocess.run(
            [sys.executable, "-m", "junzi.cli", "audit", "--data", str(data_folder)],
            capture_output=True,
            text=True,
            check=False,
            env=without_database_url(),
        )
        assert said.returncode == 0, said.stdout + said.stderr
        assert "nothing found" in said.stdout
        if up.process.poll() is None:
            stop(up)


def test_the_data_folder_keeps_everything_from_everybody_else() -> None:
    first = first_start()
    assert {"keys", "keys/issuer", "demo-people.txt", "junzi.log", "sandbox-bank.log"} <= set(first.inside)
    # The copied programs are no secret, and PostgreSQL's own account has to run them.
    assert [path for path in first.open_to_others if not path.startswith("pg-")] == []


def test_serves_over_https_to_whoever_trusts_this_machines_own_authority(start: Starter, data_folder: Path) -> None:
    secure_port = free_port()
    up = start("--https", "--https-port", str(secure_port))
    url = f"https://localhost:{secure_port}"
    told = httpx.get(f"{up.url}/api/trust", trust_env=False, timeout=60).json()
    assert told["https_url"] == url
    assert told["fingerprint"] in up.printed()
    certificate = httpx.get(f"{up.url}/api/trust/certificate", trust_env=False, timeout=60)
    assert certificate.headers["content-type"] == "application/x-x509-ca-cert"
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz", trust_env=False)

    trusting = ssl.create_default_context(cadata=certificate.text)
    person = PeopleFile(data_folder).people()[0]
    with httpx.Client(verify=trusting, trust_env=False, timeout=60) as client:
        body = {"handle": person.handle, "password": person.password}
        answer = client.post(f"{url}/api/sessions", json=body, headers={"Origin": url})
        assert "Secure" in answer.headers["set-cookie"]
        cookie = answer.cookies["junzi_session"]
    headers = {"Cookie": f"junzi_session={cookie}"}
    with connect(f"wss://localhost:{secure_port}/ws", origin=url, additional_headers=headers, ssl=trusting) as chatting:
        assert "welcome" in chatting.recv(10)
        began = time.monotonic()
        stop(up)
        assert time.monotonic() - began < STOP_WITHIN_S + SLACK_S


def test_serve_without_a_database_says_what_to_set() -> None:
    assert "JUNZI_DATABASE_URL is not set" in refusal("serve")


def seated(people: list[DemoPerson]) -> list[DemoPerson]:
    handles = {one.handle for one in SEATS.values()}
    return [person for person in people if person.handle in handles]


def stop(up: Up) -> None:
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(60) == 0


def refusal(*arguments: str, database_url: str | None = None) -> str:
    """What a command says that refuses: one sentence and no traceback."""
    given = {"JUNZI_DATABASE_URL": database_url} if database_url else {}
    ended = subprocess.run(
        [sys.executable, "-m", "junzi.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**without_database_url(), **given},
    )
    assert ended.returncode == 1, ended.stdout
    assert "Traceback" not in ended.stderr
    return ended.stderr


def running(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
