"""What a form asks when, in sentences; and what is wrong with it, though the rest of the draft be unfinished."""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from matters.checks import problems
from matters.conditions import Condition
from matters.formedit import rules
from matters.formedit.kinds import KINDS
from matters.formedit.properties import answers_of
from matters.formedit.structure import Node, fields_of, steps_of
from matters.guides import SOURCE, Guide


class Finding(NamedTuple):
    """A fault or a warning of the form; `step` and `field` are the keys of where it is mended."""

    path: str
    words: str
    step: str = ""
    field: str = ""
    label: str = ""


def guide_of(document: Node) -> Guide | None:
    """The form alone, read as a guide; None where what was imported cannot be read as a form."""
    try:
        guide = Guide({"form": {"steps": document.get("form", {}).get("steps", [])}})
        for step in guide.document["form"]["steps"]:
            named = [step, *step["fields"]]
            texts = [step["title"][SOURCE], *(field["label"][SOURCE] for field in step["fields"])]
            if not all(isinstance(words, str) for words in [*texts, *(node["key"] for node in named)]):
                return None
        known = all(field.type in KINDS for field in guide.fields())
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return guide if known else None


def findings(whole: Node) -> list[Finding]:
    """All that is wrong with the form of a document: its schema, then the rules of forms."""
    found = [(p.path, p.message) for p in problems(whole) if p.path == "form" or p.path.startswith("form.")]
    if guide_of(whole) is None:
        return [Finding(path, words) for path, words in found]
    empty = {f"form.steps[{i}].fields" for i, step in enumerate(steps_of(whole)) if not step["fields"]}
    found = [(path, _("这一步还没有问题") if path in empty else words) for path, words in found]
    if not found:
        found = [each for rule in rules.RULES for each in rule(whole)]
    return [_placed(path, words, whole) for path, words in dict.fromkeys(found)]


def warnings(document: Node) -> list[Finding]:
    return [_placed(path, words, document) for rule in rules.WARNINGS for path, words in rule(document)]


def _placed(path: str, words: str, document: Node) -> Finding:
    place = re.match(r"form\.steps\[(\d+)\](?:\.fields\[(\d+)\])?", path)
    if not place:
        return Finding(path, words)
    step = steps_of(document)[int(place[1])]
    node = step if place[2] is None else step["fields"][int(place[2])]
    named = (node.get("label") or node["title"])[SOURCE]
    return Finding(path, words, step["key"], "" if node is step else node["key"], named)


def sentences(document: Node) -> list[dict[str, str]]:
    """Every condition: 当“申请人类型”选择“个人”时，询问“身份证号码”。"""
    fields = {field["key"]: field for field in fields_of(document)}
    found = []
    for field in fields.values():
        if condition := Condition.read(field.get("show_if")):
            said = {"when": in_words(condition, fields), "question": field["label"][SOURCE]}
            found.append({"key": field["key"], "words": _("当%(when)s时，询问“%(question)s”。") % said})
    return found


def in_words(condition: Condition, fields: dict[str, Node]) -> str:
    terms = []
    for key, value in condition.terms:
        asked = fields.get(key)
        answer = dict(answers_of(asked)).get(value, value) if asked else value
        said = {"question": asked["label"][SOURCE] if asked else key, "answer": answer}
        terms.append(_("“%(question)s”选择“%(answer)s”") % said)
    return (_("，并且") if condition.mode == "all" else _("，或者")).join(terms)
