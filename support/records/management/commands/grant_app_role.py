from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from support.records.grants import RoleUnfit, grant


class Command(BaseCommand):
    help = "Grant APP_DB_ROLE its rights; insert-only tables stay insert-only. Run as the owner."

    def handle(self, *args: Any, **options: Any) -> None:
        role = settings.APP_DB_ROLE
        if not role:
            self.stdout.write(_("未设置 APP_DB_ROLE：应用与迁移使用同一数据库角色，未作授权。"))
            return
        words = {
            "missing": _("数据库角色 %(role)s 不存在，请先创建。"),
            "superuser": _("数据库角色 %(role)s 是超级用户，数据库无法限制它。请换一个普通角色。"),
            "owner": _("数据库角色 %(role)s 拥有审计表，可自行恢复权限。请换一个不拥有表的角色。"),
        }
        try:
            tables = grant(role)
        except RoleUnfit as error:
            raise CommandError(words[str(error)] % {"role": role}) from error
        self.stdout.write(
            _("已授权 %(role)s；只能插入的表：%(tables)s") % {"role": role, "tables": ", ".join(tables)}
        )
