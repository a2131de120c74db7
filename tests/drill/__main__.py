"""`bin/drill`: start a portal of its own, load it, kill its parts in turn, wait for quiet, count."""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from tests.drill.counts import COUNTS, compare
from tests.drill.people import Applicant, Client, Desk, Said
from tests.portal.installation import Portal, until

# What is killed, by the words of its command. A child of a child is killed too: the pool, a web process.
VICTIMS = {
    "web": "granian",
    "worker": "celery -A portal worker",
    "beat": "celery -A portal beat",
    "broker": "valkey-server",
    "database": "bin/postgres -D",
}
STUCK = 120  # seconds in which at least one of the things that wait must get done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="of load before and after each kill")
    seconds = parser.parse_args().seconds
    # Our own processes make the trouble here; the gateway's is tried in tests/notices.
    portal = Portal(SMS_SANDBOX_TROUBLE="0", SMS_SANDBOX_DELAY="0")
    try:
        portal.start()
        until(lambda: portal.beats_since(0), 60, "ready")
        return drill(portal, seconds)
    finally:
        portal.remove()


def drill(portal: Portal, seconds: float) -> int:
    said = Said()
    stop = threading.Event()
    people = _people(portal, said)
    threads = [threading.Thread(target=_work, args=(person.act, stop), daemon=True) for person in people]
    for thread in threads:
        thread.start()
    for name, words in VICTIMS.items():
        time.sleep(seconds)
        before = len(said.filed)
        portal.kill(words)
        time.sleep(seconds)
        until(lambda: portal.get("/livez")[0] == 200, 60, "the web serves")
        until(lambda n=before: len(said.filed) > n, 60, f"filings after {name} was killed")  # type: ignore[misc]
        print(f"{name:<9} killed; {len(said.filed):>5} filed, {len(said.taken):>5} steps taken", flush=True)
    stop.set()
    for thread in threads:
        thread.join(60)
    print("waiting for papers and messages", flush=True)
    while waiting := _waiting(portal):
        until(lambda n=waiting: _waiting(portal) < n, STUCK, f"fewer than {waiting} things waiting")  # type: ignore[misc]
    return compare(portal, said)


def _people(portal: Portal, said: Said) -> list[Applicant | Desk]:
    text = (portal.home.path / "demo-accounts.txt").read_text(encoding="utf-8")
    password = text.partition("\n")[0].rpartition("：")[2].strip()

    def client(account: str) -> Client:
        return Client(portal.port, account, password)

    matter = portal.ask(
        "SELECT m.uuid FROM matters_guideversion g JOIN matters_matter m ON m.id = g.matter_id"
        " WHERE g.document->'name'->>'zh-hans' = '食品经营许可（新办）'"
    )[0][0]
    applicants = [Applicant(client(name), str(matter), said) for name in ("citizen", "stranger", "citizen")]
    desk = Desk({role: client(role) for role in ("clerk", "officer", "approver")}, said)
    return [*applicants, desk]


def _work(act: Callable[[], None], stop: threading.Event) -> None:
    while not stop.is_set():
        act()


def _waiting(portal: Portal) -> int:
    """How many papers, messages and certificates are still to be made or sent."""
    return sum(int(str(portal.ask(query)[0][0])) for query in COUNTS["waiting"].values())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
