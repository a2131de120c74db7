"""A mail server for trying out: `python -m runtime.mail_server`. Keeps every mail as a file, sends none on.

Recipients whose name begins with `refused` are refused for good (550), with `later` for now (451). A
share of the others is put off too, if MAIL_SANDBOX_TROUBLE says so.
"""

import asyncio
import os
import random
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 1_000_000  # bytes of a mail


class Box:
    """Answers of the server, and the files of what it took."""

    def __init__(self, place: Path, *, trouble: float = 0.0, seed: str = "1") -> None:
        self.place, self.trouble = place, trouble
        self.luck = random.Random(seed)  # noqa: S311
        self.number = 0

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("refused"):
            return "550 5.1.1 no such user"
        if address.startswith("later") or self.luck.random() < self.trouble:
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.number += 1
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{self.number}.eml"
        hidden = self.place / f".{name}"
        hidden.write_bytes(bytes(envelope.original_content or b""))
        hidden.replace(self.place / name)  # a reader sees whole mails only
        return "250 OK"


async def serve() -> None:
    place = Path(os.environ["MAIL_SANDBOX_HOME"])
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    box = Box(
        place,
        trouble=float(os.environ.get("MAIL_SANDBOX_TROUBLE", "0")),
        seed=os.environ.get("MAIL_SANDBOX_SEED", "1"),
    )
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="localhost", data_size_limit=LARGEST),
        "127.0.0.1",
        int(os.environ["MAIL_SANDBOX_PORT"]),
    )
    await server.serve_forever()


def main() -> None:
    os.umask(0o077)
    asyncio.run(serve())


if __name__ == "__main__":
    main()
