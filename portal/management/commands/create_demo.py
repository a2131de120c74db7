import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from support.accounts.demo import CAST, FIRM_NAME, create_cast
from support.accounts.models import User
from support.places.models import Agency

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that can be mistaken for another


class Command(BaseCommand):
    help = "Create the demo cast with one random password, kept in demo-accounts.txt. Never in production."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(_("生产模式下不得创建演示账户"))
        file = settings.DATA_DIR / "demo-accounts.txt"
        password = _kept_password(file)
        if password is None:
            password = "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _m in range(3))
            create_cast(password)
            names = [member.account for member in CAST]
            User.objects.filter(username__in=names).update(password=make_password(password))
            _keep(file, _table(password))
        else:
            create_cast(password)
            _keep(file, _table(password))  # an update may have added people
        self.stdout.write(_("演示账户共 %(count)s 个，名单和密码见 %(file)s") % {"count": len(CAST), "file": file})


def _kept_password(file: Path) -> str | None:
    if not file.exists():
        return None
    return file.read_text(encoding="utf-8").partition("\n")[0].rpartition("：")[2].strip() or None


def _keep(file: Path, text: str) -> None:
    """Readable by the owner only, from the first byte on."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)


def _table(password: str) -> str:
    names = dict(Agency.objects.values_list("uscc", "name"))
    lines = [_("演示账户（人物均为虚构），密码都是：%(password)s") % {"password": password}, ""]
    for member in CAST:
        place = names.get(member.agency, "") or (FIRM_NAME if member.account == "firm_agent" else "")
        lines.append(f"{member.account:<18} {member.name:\u3000<4} {member.duty}  {place}".rstrip())
    return "\n".join(lines) + "\n"
