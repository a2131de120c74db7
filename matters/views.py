"""The pages of a guide (the version in force, any version that has been in force) and of the directory."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matters import codes, situations
from matters.changes import shown
from matters.compare.changelog import with_planned
from matters.directory import Choice, Listed, browse
from matters.guides import SOURCE, Choices, Guide
from matters.models import DirectoryEntry, GuideVersion, Matter
from matters.scripts import TRADITIONAL, traditional
from support.accounts.access import ActorRequest, audience
from support.places.models import Region

# What an app above knows of a matter's ratings, given with the address (portal.urls).
COUNTY = 4  # Region.level: directories are kept down to the counties
Rated = Callable[[Matter], Any] | None


@audience("public")
@require_safe
def guide(request: ActorRequest, uuid: UUID, rated: Rated = None) -> HttpResponse:
    """The guide in force now; a matter that is closed or unknown is said to be so."""
    now = timezone.now()
    rows = with_planned(GuideVersion.objects.visible_to(request.actor).open_at(now), now)
    version = _with_matter(rows).filter(matter__uuid=uuid).first()
    return _page(request, version, rated, current=True) if version else _closed(request, uuid)


@audience("public")
@require_safe
def guide_version(request: ActorRequest, uuid: UUID, version: int, rated: Rated = None) -> HttpResponse:
    """A version by its number, for those whose case was filed under it."""
    now = timezone.now()
    rows = GuideVersion.objects.visible_to(request.actor).begun(now)
    found = _with_matter(rows).filter(matter__uuid=uuid, version=version).first()
    if found is None:
        return _closed(request, uuid)
    return _page(request, found, rated, current=now in found.validity)


def _with_matter(rows: Any) -> Any:
    return rows.select_related("matter__agency__region", "matter__directory")


def _closed(request: ActorRequest, uuid: UUID) -> HttpResponse:
    matter = Matter.objects.visible_to(request.actor).select_related("directory").filter(uuid=uuid).first()
    closed = shown.closed(matter.directory, timezone.now()) if matter else None
    return render(request, "matters/closed.html", {"matter": matter, "closed": closed}, status=404)


def _page(request: ActorRequest, version: GuideVersion, rated: Rated, *, current: bool) -> HttpResponse:
    asked = get_language() or SOURCE
    guide = version.guide_in(asked)
    choices = situations.understood(guide, request.GET.dict(), prefix=situations.PREFIX)
    context = article(version, guide, choices)
    address = settings.PORTAL_URL + reverse("matters:guide", args=[version.matter.uuid])
    apply_url = _apply_url(version) if current and guide.document["online"]["available"] else ""
    context |= {
        "current": current,
        "rated": rated(version.matter) if rated else None,
        "foreign": guide.speaks != asked,
        "apply_url": apply_url + situations.address(choices) if apply_url else "",
        "address": address,
        "qr": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
    }
    return render(request, "matters/guide.html", context)


def article(version: GuideVersion, guide: Guide, choices: Choices) -> dict[str, Any]:
    """What the page of a guide shows of the guide itself, under the answers to its questions of 情形."""
    words, agency = guide.words, version.matter.agency
    return {
        "version": version,
        "matter": version.matter,
        "agency": agency,
        "guide": guide,
        "words": words,
        "facts": facts(guide),
        "badges": badges(guide),
        "special_procedures": [_special(procedure) for procedure in words["special_procedures"]],
        "links": _links(words["online"]),
        "results": [_result(result) for result in words["results"]],
        "pledge": pledge(words["pledge"]),
        "remedies": {
            "review_authority": agency.review_authority,
            "court": agency.court,
            **words.get("remedies", {}),
        },
        "basics": basics(version, guide),
        "sections": sections(guide),
    } | _trimmed(guide, choices)


def _trimmed(guide: Guide, choices: Choices) -> dict[str, Any]:
    """The materials under the answers given so far, and those that these answers spare."""
    asked = {material.key for material in guide.materials_for(choices)}
    every = [_material(guide, words) for words in guide.words["materials"]]
    return {
        "materials": [material for material in every if material["key"] in asked],
        "spared": [material for material in every if material["key"] not in asked],
        "situation_form": situations.SituationForm(guide, initial=choices, prefix=situations.PREFIX),
        "chosen": situations.in_words(guide, choices),
        "unanswered": len(guide.situations) - len(choices),
    }


def _apply_url(version: GuideVersion) -> str:
    """Empty while no app of the installation takes applications."""
    try:
        return reverse("applications:apply", args=[version.matter.uuid])
    except NoReverseMatch:
        return ""


def facts(guide: Guide) -> list[tuple[str, str]]:
    """The four figures an applicant looks for first."""
    terms = guide.document["terms"]
    instant = guide.document["project_type"] == codes.INSTANT
    promised = codes.term(terms["promised"]) if "promised" in terms else _("当场办结") if instant else ""
    found = [
        (_("承诺办结"), promised),
        (_("法定办结"), codes.term(terms["statutory"]) if "statutory" in terms else ""),
        (_("到现场次数"), str(codes.VISITS[guide.document["visits"]["count"]])),
        (_("费用"), pgettext("value", "收费") if guide.document["fees"]["charged"] else _("不收费")),
    ]
    return [(name, value) for name, value in found if value]


def badges(guide: Guide) -> list[tuple[str, str]]:
    """Words and tone of each: the kind of matter, then what makes it easy."""
    tones = {"instant": "ok", "online": "ok", "pledge": "info", "deferral": "info"}
    kinds = [
        (str(codes.TASK_TYPES.get(guide.task_type, guide.task_type)), "brand"),
        (str(codes.PROJECT_TYPES[guide.document["project_type"]]), ""),
    ]
    return kinds + [(str(codes.FLAGS[flag]), tones[flag]) for flag in guide.flags if flag != "instant"]


def sections(guide: Guide) -> list[tuple[str, str]]:
    """Anchor and title of every section the guide has; an empty one is never shown."""
    words = guide.words
    charged_or_said = words["fees"]["items"] or "note" in words["fees"]
    found: list[tuple[str, str, Any]] = [
        ("conditions", _("受理条件"), True),
        ("materials", _("申请材料"), words["materials"]),
        ("process", _("办理流程"), True),
        ("special", _("特别程序"), words["special_procedures"]),
        ("fees", _("收费"), charged_or_said),
        ("results", _("办理结果"), True),
        ("places", _("办理地点"), words["places"]),
        ("intermediaries", _("中介服务"), words.get("intermediaries")),
        ("basis", _("设定依据"), True),
        ("rights", _("权利与救济"), True),
        ("faq", _("常见问题"), words["faq"]),
        ("contact", _("咨询和投诉"), True),
    ]
    return [(anchor, title) for anchor, title, there in found if there]


def _material(guide: Guide, words: dict[str, Any]) -> dict[str, Any]:
    copies = words["copies"]
    counts = [
        _("原件 %(n)s 份") % {"n": copies["original"]} if copies["original"] else "",
        _("复印件 %(n)s 份") % {"n": copies["copy"]} if copies["copy"] else "",
    ]
    return words | {
        "necessity_words": codes.NECESSITIES[words["necessity"]],
        "deferrable": words["necessity"] == codes.DEFERRABLE,
        "required": words["necessity"] == codes.REQUIRED,
        "type_words": codes.MATERIAL_TYPES[words["type"]],
        "format_words": codes.MATERIAL_FORMATS[words["format"]],
        "source_type_words": codes.MATERIAL_SOURCES[words["source_type"]],
        "collect_words": codes.listed(codes.COLLECT_TYPES, words["collect"]),
        "copies_words": _("，").join(filter(None, counts)),
        "when_words": situations.condition(guide, words["when"]) if "when" in words else "",
        "megabytes": words.get("limits", {}).get("max_bytes", 0) // 2**20,
    }


def _special(words: dict[str, Any]) -> dict[str, Any]:
    return words | {
        "kind_words": codes.SPECIAL_PROCEDURES[words["kind"]],
        "term_words": codes.term(words["term"]),
    }


def _result(words: dict[str, Any]) -> dict[str, Any]:
    return words | {
        "kind_words": codes.RESULT_KINDS[words["kind"]],
        "validity_words": codes.term(words["validity"]) if "validity" in words else "",
    }


def pledge(words: dict[str, Any]) -> list[tuple[str, str]]:
    """What the applicant must know of a 告知承诺 besides its text, and how it was assessed."""
    rows: list[tuple[str, Any]] = [
        (_("承诺方式"), codes.PLEDGE_KINDS.get(words.get("kind", ""))),
        (_("证明义务"), words.get("duty")),
        (_("不实承诺的法律责任"), words.get("liability")),
        (_("核查方式"), words.get("check_method")),
        (_("核查期限"), codes.term(words["check_term"]) if "check_term" in words else ""),
        (_("承诺书是否公开"), _yes_no(words.get("public"))),
        (_("风险评估"), words.get("assessment", {}).get("reason")),
    ]
    return [(name, str(value)) for name, value in rows if value]


def basics(version: GuideVersion, guide: Guide) -> list[tuple[str, str]]:
    """基本信息: every code and plain attribute of the list, with version and dates."""
    document, words = guide.document, guide.words
    identity, services, online = document["identity"], document.get("services", {}), document["online"]
    agency = identity["agency"]
    rows: list[tuple[str, Any]] = [
        (_("事项名称"), version.matter.directory.name),
        (_("业务办理项"), words.get("item")),
        (_("主项"), _("%(name)s（%(code)s）") % _parent(words) if "parent" in words else ""),
        (_("基本编码"), identity["catalog_code"]),
        (_("地方基本编码"), identity["local_catalog_code"]),
        (_("实施编码"), identity["task_code"]),
        (_("事项类型"), codes.TASK_TYPES.get(identity["task_type"], identity["task_type"])),
        (_("行使层级"), codes.listed(codes.USE_LEVELS, identity["use_level"].split("^"))),
        (_("权力来源"), codes.POWER_SOURCES[document["power_source"]]),
        (_("实施主体"), agency["name"]),
        (_("实施主体编码"), agency["uscc"]),
        (_("所在乡镇（街道）、村（社区）"), _locality(words.get("locality", {}))),
        (_("实施主体性质"), codes.DEPT_TYPES[agency["dept_type"]]),
        (_("受委托机构"), document.get("entrusted_to")),
        (_("联办机构"), _("、").join(document.get("joint_agencies", []))),
        (_("服务对象"), codes.listed(codes.SERVICE_OBJECTS, document["service_objects"])),
        (_("办件类型"), codes.PROJECT_TYPES[document["project_type"]]),
        (_("办理形式"), codes.listed(codes.HANDLE_TYPES, document["handle_types"])),
        (_("网办深度"), codes.listed(codes.ONLINE_DEPTHS, online["depth"])),
        (_("通办范围"), codes.AREAS.get(document.get("area", ""))),
        (_("数量限制"), words.get("quantity_limit")),
        (_("面向自然人的主题"), codes.listed(codes.NATURAL_THEMES, document["themes"]["natural"])),
        (_("面向法人的主题"), codes.listed(codes.LEGAL_THEMES, document["themes"]["legal"])),
        (_("进驻政务大厅"), _yes_no(services.get("in_centre"))),
        (_("预约办理"), _yes_no(services.get("appointment"))),
        (_("物流快递"), _yes_no(services.get("express"))),
        (_("材料可以邮寄"), _yes_no(services.get("post_materials"))),
        (_("结果可以邮寄"), _yes_no(services.get("post_results"))),
        (_("自助终端办理"), _yes_no(services.get("terminals"))),
        (_("网上支付"), _yes_no(online.get("pay"))),
        (_("单点登录"), _yes_no(online.get("single_login"))),
        (_("版本"), _("第 %(n)s 版") % {"n": version.version}),
        (_("生效日期"), date_format(timezone.localdate(version.validity.lower))),
        (_("发布日期"), date_format(timezone.localdate(version.published_at))),
    ]
    return [(name, str(value)) for name, value in rows if value]


def _links(online: dict[str, Any]) -> list[tuple[str, str]]:
    """Where else the matter is handled online."""
    names = {
        "url": _("办理机关的网上办理地址"),
        "desktop_url": _("计算机端办理地址"),
        "mobile_url": _("移动端办理地址"),
    }
    return [(words, online[name]) for name, words in names.items() if name in online]


def _parent(words: dict[str, Any]) -> dict[str, str]:
    return {"name": words["parent"]["name"], "code": words["parent"]["catalog_code"]}


def _locality(locality: dict[str, dict[str, str]]) -> str:
    """Town and village with their codes."""
    return _("、").join(_("%(name)s（%(code)s）") % place for place in locality.values())


def _yes_no(value: bool | None) -> str:
    return "" if value is None else _("是") if value else _("否")


# --- the directory -------------------------------------------------------------------------------


@audience("public")
@require_safe
def directory(request: ActorRequest, rated: Rated = None) -> HttpResponse:
    """The whole 基本目录: what agencies have claimed, with their guides, and what nobody has claimed yet.

    `rated` is given to every page of the catalogue; the directory shows no figures.
    """
    choice = Choice.of(request.GET.dict())
    listed = browse(choice, actor=request.actor, at=timezone.now())
    context = {
        "choice": choice,
        "listed": listed,
        "rows": [_row(entry) for entry in listed.entries],
        "tabs": [
            {
                "label": label,
                "count": listed.claimed[value],
                "url": _address(choice, claimed=value),
                "current": choice.claimed == value,
            }
            for value, label in (("", _("全部")), ("yes", _("已认领")), ("no", _("待认领")))
        ],
        "departments": _departments(choice, listed),
        "types": [(code, codes.TASK_TYPES.get(code, code), n) for code, n in listed.task_types],
        "regions": Region.objects.filter(level__lte=COUNTY).order_by("code"),
        "filtered": choice.q or choice.department or choice.task_type or choice.region,
        "previous_url": _address(choice, page=listed.page - 1) if listed.page > 1 else "",
        "next_url": _address(choice, page=listed.page + 1) if listed.page < listed.pages else "",
    }
    return render(request, "matters/directory.html", context)


def _departments(choice: Choice, listed: Listed) -> list[tuple[str, int]]:
    """Those with entries; the chosen one stays even when the other filters leave it none."""
    if choice.department and choice.department not in dict(listed.departments):
        return [(choice.department, 0), *listed.departments]
    return listed.departments


def _row(entry: Any) -> dict[str, Any]:
    """An entry as the list shows it; names of matters are of the catalogue, those of departments are not."""
    name = traditional(entry.name) if get_language() == TRADITIONAL else entry.name
    guides = [version for matter in entry.matters.all() for version in matter.open_guides]
    agencies = [matter.agency.name for matter in entry.matters.all()]
    return {
        "entry": entry,
        "name": name,
        "type": codes.TASK_TYPES.get(entry.task_type, entry.task_type),
        "department": entry.department or _("、").join(dict.fromkeys(agencies)),
        "suspended": entry.state == DirectoryEntry.State.SUSPENDED,
        "changes_at": entry.changes_at,
        "guides": [
            (version.guide_in(get_language() or SOURCE).name, version.matter.uuid, version.matter.agency.name)
            for version in guides
        ],
    }


def _address(choice: Choice, **changed: Any) -> str:
    """The address of the list with some of the choice changed; a changed filter begins at page 1."""
    asked: dict[str, Any] = {"q": choice.q, "department": choice.department, "type": choice.task_type}
    asked["region"] = choice.region
    asked |= {"claimed": choice.claimed, "page": 1} | changed
    return "?" + urlencode({name: value for name, value in asked.items() if value and value != 1})
