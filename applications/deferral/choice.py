"""Which materials an applicant may leave out at filing, and by which choice (容缺受理)."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from matters.guides import Material

WORDING = "容缺告知/1"  # version of the words of deadline and consequence under which the choice is made
Errors = dict[str, list[str]]


def wrong(deferred: Collection[str], wanted: Iterable[Material], given: Collection[str]) -> Errors:
    """Errors by material key: only what the guide marks as deferrable, and what is not handed in already.

    The one door of the choice, online, over the API and at a window. Applicants with a record of dishonesty have no
    such choice; the portal keeps no such record yet, and where it does it is to be asked here.
    """
    known = {material.key: material for material in wanted}
    errors: Errors = {}
    for key in deferred:
        if key not in known or not known[key].deferrable:
            errors[key] = [_("只有办事指南标明可以容缺的材料，才能以后补交。")]
        elif key in given:
            errors[key] = [_("“%(name)s”已经提交，不需要容缺。") % {"name": known[key].name}]
    return errors


def chosen(kept: Collection[str], wanted: Iterable[Material], given: Collection[str]) -> tuple[str, ...]:
    """What a draft leaves out: those ticked that may be, and were not handed in after all."""
    return tuple(m.key for m in wanted if m.deferrable and m.key in kept and m.key not in given)
