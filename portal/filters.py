"""The filters of the search page: links that keep what else was asked, with the number of hits each leaves."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from matters import codes
from matters.search import FLAGS, Found, Wish
from support.places.models import Agency, Region

FIRST = 12  # departments shown before the rest is unfolded


class Filter(NamedTuple):
    label: str | Promise
    url: str
    hits: int


class Group(NamedTuple):
    title: str
    filters: list[Filter]
    more: list[Filter]


def address(wish: Wish, **changed: Any) -> str:
    """The address of the search with some of the wish changed; a changed filter begins at page 1."""
    asked: dict[str, Any] = {
        name: getattr(wish, name)
        for name in ("q", "audience", "theme", "agency", "kind", "pace", "level", "area", "flags")
    }
    asked |= {"page": 1} | changed
    flags = dict.fromkeys(asked.pop("flags"), "1")
    if asked["page"] == 1:
        del asked["page"]
    return "?" + urlencode({name: value for name, value in (asked | flags).items() if value})


def groups(wish: Wish, found: Found) -> list[Group]:
    """Every way to narrow the hits that leaves some of them out."""
    counted = found.facets

    def group(
        title: str, pairs: Iterable[tuple[Any, int]], to: Callable[[Any], tuple[Any, dict[str, Any]]]
    ) -> Group:
        filters = []
        for value, n in pairs:
            label, changed = to(value)
            filters.append(Filter(label, address(wish, **changed), n))
        return Group(title, filters[:FIRST], filters[FIRST:])

    areas = counted.areas(wish.area)
    names = Region.objects.in_bulk([code for code, _n in areas]) if areas else {}
    themes = codes.THEMES.get(wish.audience, {})
    flags = [(flag, n) for flag, n in counted.of("flag") if flag in FLAGS and flag not in wish.flags]
    offered = [
        group(_("服务对象"), [] if wish.audience else counted.of("audience"),
              lambda v: (codes.AUDIENCES[v], {"audience": v})),
        group(_("主题"), [] if wish.theme else counted.of(wish.audience),
              lambda v: (themes.get(v, v), {"theme": v})),
        group(_("办件类型"), [] if wish.pace else counted.of("pace"),
              lambda v: (codes.PROJECT_TYPES[v], {"pace": v})),
        group(_("办理方式"), flags, lambda v: (codes.FLAGS[v], {"flags": (*wish.flags, v)})),
        group(_("事项类型"), [] if wish.kind else counted.of("kind"),
              lambda v: (codes.TASK_TYPES.get(v, v), {"kind": v})),
        group(_("部门"), [] if wish.agency else found.agencies,
              lambda v: (v.short_name, {"agency": v.uuid})),
        group(_("层级"), [] if wish.level else sorted(counted.of("level")),
              lambda v: (codes.USE_LEVELS.get(v, v), {"level": v})),
        group(_("地区"), areas, lambda v: (names[v].name if v in names else v, {"area": v})),
    ]  # fmt: skip
    return [each for each in offered if any(link.hits < found.total for link in each.filters)]


def chosen(wish: Wish) -> list[Filter]:
    """What the hits are narrowed by, each with the address without it."""
    picked: list[tuple[str | Promise, dict[str, Any]]] = []
    if wish.audience:
        picked.append((codes.AUDIENCES[wish.audience], {"audience": "", "theme": ""}))
    if wish.theme:
        picked.append((codes.THEMES[wish.audience][wish.theme], {"theme": ""}))
    if wish.pace:
        picked.append((codes.PROJECT_TYPES[wish.pace], {"pace": ""}))
    picked += [
        (codes.FLAGS[flag], {"flags": tuple(f for f in wish.flags if f != flag)}) for flag in wish.flags
    ]
    if wish.kind:
        picked.append((codes.TASK_TYPES[wish.kind], {"kind": ""}))
    if wish.agency:
        agency = Agency.objects.filter(uuid=wish.agency).first()
        picked.append((agency.short_name if agency else _("其他部门"), {"agency": None}))
    if wish.level:
        picked.append((codes.USE_LEVELS[wish.level], {"level": ""}))
    if wish.area:
        region = Region.objects.filter(code=wish.area).first()
        picked.append((region.name if region else wish.area, {"area": ""}))
    return [Filter(label, address(wish, **changed), 0) for label, changed in picked]
