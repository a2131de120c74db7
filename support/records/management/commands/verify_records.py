import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from support.records.verifier import Finding, Report, What, verify


def in_words(finding: Finding) -> str:
    words = {
        What.CHANGED: _("区块 %(block)s：记录 %(event)s 被修改"),
        What.MISSING: _("区块 %(block)s：记录 %(event)s 缺失"),
        What.INSERTED: _("区块 %(block)s：记录 %(event)s 是事后插入的"),
        What.STRAY: _("记录 %(event)s 不属于任何区块"),
        What.CHAIN: _("区块 %(block)s 与前一区块不相连：其间有区块缺失、被改或被插入"),
        What.DIGEST: _("区块 %(block)s 的内容与其摘要不符"),
        What.SIGNATURE: _("区块 %(block)s 的签名不是本系统的"),
        What.KEY_GONE: _("区块 %(block)s 的签名密钥已不在密钥环中，无法证明整条链"),
    }
    return words[finding.what] % {"block": finding.block_id, "event": finding.event_id}


class Command(BaseCommand):
    help = "Check every audit event against its seal. Exit code 1 if anything was changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", help="a head noted earlier (hexadecimal); it must still be in the chain"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify()
        for finding in report.findings:
            self.stdout.write(in_words(finding))
        head_lost = bool(options["head"]) and options["head"].lower() not in report.heads
        if head_lost:
            self.stdout.write(_("链中没有所给的链头：其后的区块被截去或重写"))
        self.summary(report)
        if report.findings or head_lost:
            sys.exit(1)

    def summary(self, report: Report) -> None:
        counts = {
            "blocks": len(report.heads),
            "events": report.events,
            "unsealed": report.unsealed,
            "findings": len(report.findings),
        }
        self.stdout.write(
            _("%(blocks)s 个区块，%(events)s 条记录，%(unsealed)s 条待封存，%(findings)s 处不符。") % counts
        )
        if report.heads:
            self.stdout.write(_("链头：%(head)s") % {"head": report.heads[-1]})
