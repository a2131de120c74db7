"""Elements of the list that must agree with each other: links, appointments, post, places, parent."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _


def agree(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The rule of publishing; see docs/elements.md."""
    online, services = document["online"], document.get("services", {})
    for name in ("url", "desktop_url", "mobile_url"):
        if name in online and not online["available"]:
            yield f"online.{name}", _("不能网上办理的，不能有网上办理的地址")
    for name in ("appointment_quota", "appointment_rule"):
        if name in services and not services.get("appointment"):
            yield f"services.{name}", _("不支持预约的，不能有预约名额和规则")
    for name in ("post_materials", "post_results"):
        if services.get(name) and not services.get("express"):
            yield f"services.{name}", _("不支持物流快递的，材料和结果不能邮寄")
    identity = document["identity"]
    if "parent" in document and document["parent"]["catalog_code"] == identity["catalog_code"]:
        yield "parent.catalog_code", _("主项不能是事项自己")
    yield from _locality(document.get("locality"), identity["agency"]["region_code"])


def _locality(locality: dict[str, Any] | None, region: str) -> Iterator[tuple[str, str]]:
    """Codes of GB/T 2260 and below: a county has six digits of its own, a town nine, a village twelve."""
    if locality is None:
        return
    town = locality["town"]["code"]
    if not town.startswith(region.rstrip("0")) or town[6:9] == "000" or town[9:] != "000":
        yield "locality.town.code", _("应是实施主体所在地的乡镇（街道）代码")
    village = locality.get("village", {}).get("code")
    if village and (not village.startswith(town[:9]) or village[9:] == "000"):
        yield "locality.village.code", _("应是该乡镇（街道）的村（社区）代码")
