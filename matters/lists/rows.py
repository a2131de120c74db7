"""What each public list shows of a guide, and which guides it takes."""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from matters import codes
from matters.guides import Guide
from matters.models import GuideVersion
from support.places.models import Agency, Region
from support.records.actor import Actor

Cells = dict[str, list[str]]
LICENCE = "01"  # GB/T 39046 A.1

COLUMNS: dict[str, str | Promise] = {
    "basis": gettext_lazy("依据"),
    "statutory": gettext_lazy("法定办结"),
    "promised": gettext_lazy("承诺办结"),
    "fees": gettext_lazy("收费"),
    "pledge_kind": gettext_lazy("承诺方式"),
    "pledge_text": gettext_lazy("承诺内容"),
    "liability": gettext_lazy("不实承诺的法律责任"),
    "check": gettext_lazy("核查"),
    "main": gettext_lazy("主要申请材料"),
    "deferrable": gettext_lazy("可容缺的材料"),
    "procedures": gettext_lazy("特别程序和所需时限"),
    "procedure_basis": gettext_lazy("程序依据"),
    "charges": gettext_lazy("程序收费"),
    "counted": gettext_lazy("计入法定时限"),
}


@dataclass(frozen=True)
class Kind:
    """A list: its name, what it holds in a sentence, which guides, and what it shows of each."""

    key: str
    name: str | Promise
    words: str | Promise
    which: Q
    columns: tuple[str, ...]
    cells: Callable[[Guide], Cells]


def _licence(guide: Guide) -> Cells:
    terms, fees = guide.document["terms"], guide.words["fees"]
    items = [f"{item['name']} {item['standard']}" for item in fees["items"]]
    instant = [_("当场办结")] if guide.is_instant else []
    return {
        "basis": _founded(guide),
        "statutory": [codes.term(terms["statutory"])] if "statutory" in terms else [],
        "promised": [codes.term(terms["promised"])] if "promised" in terms else instant,
        "fees": items if fees["charged"] else [_("不收费")],
    }


def _pledge(guide: Guide) -> Cells:
    pledge = guide.words["pledge"]
    check = [pledge["check_method"]] if "check_method" in pledge else []
    within = [codes.term(pledge["check_term"])] if "check_term" in pledge else []
    return {
        "basis": _founded(guide),
        "pledge_kind": [str(codes.PLEDGE_KINDS[pledge["kind"]])] if "kind" in pledge else [],
        "pledge_text": [pledge["text"]] if "text" in pledge else [],
        "liability": [pledge["liability"]] if "liability" in pledge else [],
        "check": check + within,
    }


def _deferral(guide: Guide) -> Cells:
    later = [
        pgettext("material", "%(name)s（%(n)s 个工作日内补齐）")
        % {"name": each.name, "n": each.deferrable_days}
        for each in guide.materials
        if each.deferrable
    ]
    return {
        "basis": _founded(guide),
        "main": [material.name for material in guide.materials if material.required],
        "deferrable": later,
    }


def _special(guide: Guide) -> Cells:
    procedures = guide.words["special_procedures"]
    several = len(procedures) > 1

    def each(say: Callable[[dict[str, Any]], str]) -> list[str]:
        """One line a procedure, beginning with its name where there are several."""
        return [f"{p['name']}{_('：')}{say(p)}" if several else say(p) for p in procedures]

    def charge(p: dict[str, Any]) -> str:
        return p.get("charge_basis") or pgettext("value", "收费") if p["charged"] else _("不收费")

    return {
        "procedures": [f"{p['name']} {codes.term(p['term'])}" for p in procedures],
        "procedure_basis": each(lambda p: _("；").join(filter(None, (p["basis"], p.get("exclusion_basis"))))),
        "charges": each(charge),
        "counted": each(lambda p: _("不计入") if p["excluded_from_statutory"] else _("计入")),
    }


def _founded(guide: Guide) -> list[str]:
    space = ", " if guide.speaks == "en" else ""
    return [
        each["law"] + (space + each["article"] if each.get("article") else "")
        for each in guide.words["basis"]
    ]


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "licences",
            gettext_lazy("行政许可事项清单"),
            gettext_lazy("由公布的办事指南汇总，供查询；行政许可事项以政府公布的清单为准。"),
            Q(matter__task_type=LICENCE),
            ("basis", "statutory", "promised", "fees"),
            _licence,
        ),
        Kind(
            "pledge",
            gettext_lazy("告知承诺事项清单"),
            gettext_lazy(
                "可以用书面承诺代替证明或者条件审查的事项。是否承诺由您自己选择；不承诺的，按一般程序办理。"
            ),
            Q(search_entry__flags__contains=["pledge"]),
            ("basis", "pledge_kind", "pledge_text", "liability", "check"),
            _pledge,
        ),
        Kind(
            "deferral",
            gettext_lazy("容缺受理清单"),
            gettext_lazy("主要申请材料齐全，可以先受理、后补齐其余材料的事项。"),
            Q(search_entry__flags__contains=["deferral"]),
            ("basis", "main", "deferrable"),
            _deferral,
        ),
        Kind(
            "special",
            gettext_lazy("特别程序清单"),
            gettext_lazy("办理中可能进行的听证、检验、专家评审等程序，以及是否计入法定办结时限。"),
            ~Q(document__special_procedures=[]),
            ("procedures", "procedure_basis", "charges", "counted"),
            _special,
        ),
    )
}


@dataclass(frozen=True)
class Narrowing:
    """Which part of a list: a region with all beneath it (12 digits), an agency."""

    region: str = ""
    agency: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Narrowing":
        """From query parameters; what makes no sense is left out."""
        region, agency = asked.get("region", ""), asked.get("agency", "")
        try:
            agency = str(uuid.UUID(agency)) if agency else ""
        except ValueError:
            agency = ""
        return cls(region if re.fullmatch(r"[0-9]{12}", region, re.ASCII) else "", agency)


def listed(kind: Kind, narrowing: Narrowing, *, actor: Actor, at: dt.datetime) -> QuerySet[GuideVersion]:
    """The guides in force of the list, by region, agency and code."""
    rows = GuideVersion.objects.visible_to(actor).open_at(at).filter(kind.which)
    if narrowing.region:
        region = Region.objects.filter(code=narrowing.region).first()
        rows = rows.filter(matter__agency__region__code__range=region.subtree()) if region else rows.none()
    if narrowing.agency:
        rows = rows.filter(matter__agency__uuid=narrowing.agency)
    ordered = rows.order_by("matter__agency__region_id", "matter__agency_id", "matter__task_code")
    return ordered.select_related("matter__agency__region")


def agencies(kind: Kind, *, actor: Actor, at: dt.datetime) -> list[Agency]:
    """Those with a guide on the list: what it may be narrowed to."""
    rows = listed(kind, Narrowing(), actor=actor, at=at).order_by().values("matter__agency")
    return list(Agency.objects.filter(pk__in=rows).select_related("region").order_by("region_id", "pk"))
