"""What an officer fills in: the notice with every item at once, and the judgement of each."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.acts import Inputs
from applications.corrections.acts import DAYS, LONGEST, USUAL_DAYS, Item, Judgement, name_of
from applications.corrections.scope import Scope
from applications.forms import TOO_LONG, StepForm
from applications.models import Application, CorrectionItem
from applications.workflow import Step

Target = CorrectionItem.Target


class CorrectionForm(StepForm):
    """Every material and question of the guide can be ticked, and nothing else; each ticked one needs why and how."""

    body = "applications/_correction_form.html"
    days = forms.IntegerField(
        label=_("补正期限（工作日）"), min_value=DAYS[0], max_value=DAYS[1], initial=USUAL_DAYS,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            _("补正期限应为 %(least)d 至 %(most)d 个工作日。") % {"least": DAYS[0], "most": DAYS[1]},
        ),
    )  # fmt: skip

    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        self.scope = Scope.of(case)
        for target, key, name in self.candidates:
            place = f"{target}-{key}"
            self.fields[f"ask-{place}"] = forms.BooleanField(label=name, required=False)
            # What is not ticked is not read; unbound it is shown as it will be asked for.
            needed = not self.is_bound or bool(self.data.get(f"ask-{place}"))
            why, how = gettext("“%(name)s”不符合的地方"), gettext("“%(name)s”怎样补正")
            self.fields[f"why-{place}"] = _line(why % {"name": name}, needed, gettext("请写明不符合的地方。"))
            self.fields[f"how-{place}"] = _line(how % {"name": name}, needed, gettext("请写明怎样补正。"))

    @cached_property
    def candidates(self) -> list[tuple[str, str, str]]:
        """Target, key and name of everything that may be asked for."""
        named = [(Target.MATERIAL.value, key, each.name) for key, each in self.scope.materials.items()]
        named += [(Target.FIELD.value, key, each.label) for key, each in self.scope.fields.items()]
        return [row for row in named if not self.scope.objection(*row[:2])]

    @property
    def groups(self) -> Iterator[dict[str, Any]]:
        """For the template: the candidates by kind, each with its three inputs."""
        for target in Target:
            rows = [
                {part: self[f"{part}-{target}-{key}"] for part in ("ask", "why", "how")}
                for kind, key, _name in self.candidates
                if kind == target
            ]
            if rows:
                yield {"title": target.label, "rows": rows}

    def clean(self) -> dict[str, Any]:
        if not any(self.cleaned_data.get(f"ask-{target}-{key}") for target, key, _name in self.candidates):
            self.add_error(None, gettext("请至少选择一项需要补正的内容。"))
        return self.cleaned_data

    def inputs(self) -> Inputs:
        data = self.cleaned_data
        items = [
            Item(target, key, data[f"why-{target}-{key}"], data[f"how-{target}-{key}"])
            for target, key, _name in self.candidates
            if data[f"ask-{target}-{key}"]
        ]
        return Inputs(more={"items": items, "days": data["days"]})


class JudgementForm(StepForm):
    """One judgement for each item of the notice."""

    body = "applications/_judgement_form.html"

    def __init__(self, step: Step, case: Application, *args: Any, **kwargs: Any) -> None:
        super().__init__(step, case, *args, **kwargs)
        guide = case.guide.said
        self.items = list(case.correction.items.all())
        for item in self.items:
            self.fields[f"met-{item.pk}"] = forms.ChoiceField(
                label=name_of(guide, item.target, item.key), widget=forms.RadioSelect,
                help_text=item.how, choices=[("yes", _("符合要求")), ("no", _("仍不符合要求"))],
                error_messages=dict.fromkeys(("required", "invalid_choice"), _("请逐项核对。")),
            )  # fmt: skip
            unmet = self.is_bound and self.data.get(f"met-{item.pk}") == "no"
            label = gettext("“%(name)s”不符合要求的，写明理由") % {"name": self.fields[f"met-{item.pk}"].label}
            self.fields[f"reason-{item.pk}"] = _line(label, unmet, gettext("请写明不符合要求的理由。"))

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [{"met": self[f"met-{item.pk}"], "reason": self[f"reason-{item.pk}"]} for item in self.items]

    def inputs(self) -> Inputs:
        data = self.cleaned_data
        judgements = [
            Judgement(item.pk, data[f"met-{item.pk}"] == "yes", data[f"reason-{item.pk}"]) for item in self.items
        ]
        return Inputs(more={"judgements": judgements})


def _line(label: str, required: bool, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, required=required, widget=forms.Textarea({"rows": 2}),
        error_messages={"required": missing, **TOO_LONG},
    )  # fmt: skip
