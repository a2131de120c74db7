"""自测: the pages on which an author writes tests of a definition, runs them and reads what came of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from matters import actions
from matters import trials as tests
from matters.editing.trial_forms import ActForms, TrialForm, initial_of
from matters.forms import StepForm
from matters.guides import Guide
from matters.models import GuideDraft, Trial
from matters.permissions import may_edit
from matters.situations import PREFIX, SituationForm
from matters.trials import Script
from support.accounts.access import ActorRequest, audience
from support.places.models import Role

TONES = {"new": "", "stale": "warn", "failed": "bad", "passed": "ok"}


def _draft(request: ActorRequest, uuid: UUID) -> GuideDraft:
    rows = GuideDraft.objects.visible_to(request.actor).select_related(
        "matter__agency__region", "matter__directory"
    )
    return get_object_or_404(rows, uuid=uuid)


@audience("officer", Role.EDITOR, Role.REVIEWER)
@require_http_methods(["GET", "POST"])
def trials(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """All tests of the draft's matter: begun from the definition, run, each with its last report."""
    draft = _draft(request, uuid)
    now = timezone.now()
    if request.method == "POST":
        if "begin" in request.POST:
            made = tests.begin(draft, actor=request.actor, now=now)
            messages.success(request, _("已生成 %(n)s 个自测，请核对内容后运行。") % {"n": len(made)})
        else:
            found = [
                tests.run(draft, each, actor=request.actor, now=now) for each in draft.matter.trials.all()
            ]
            passed = sum(bool(each.passed) for each in found)
            messages.info(
                request,
                _("运行了 %(all)s 个自测，通过 %(passed)s 个。") % {"all": len(found), "passed": passed},
            )
        return redirect("catalogue:trials", uuid)
    standing: list[dict[str, Any]] = [
        {"trial": trial, "state": state, "words": _words(state), "tone": TONES[state]}
        for trial, state in tests.standing(draft)
    ]
    there = {row["trial"].purpose for row in standing}
    return render(
        request,
        "catalogue/trials.html",
        {
            "draft": draft,
            "standing": standing,
            "missing": [purpose.label for purpose in tests.REQUIRED if purpose not in there],
            "editable": may_edit(request.actor, draft.matter),
            "back": _hub(draft),
        },
    )


def _words(state: str) -> str:
    return {
        "new": _("还没有运行"),
        "stale": _("定义或者自测有改动，需要重新运行"),
        "failed": _("没有通过"),
        "passed": _("通过"),
    }[state]


def _hub(draft: GuideDraft) -> str:
    try:
        return reverse("catalogue:draft", args=[draft.uuid])
    except NoReverseMatch:
        return reverse("portal:home")


@audience("officer", Role.EDITOR)
@require_http_methods(["GET", "POST"])
def edit(request: ActorRequest, uuid: UUID, trial: UUID | None = None) -> HttpResponse:
    """Write one test: the form as it is filled in, the steps and the time between them, what must come of it."""
    draft = _draft(request, uuid)
    guide = Guide(actions.complete(draft.matter, draft.document))
    found = (
        get_object_or_404(draft.matter.trials, uuid=trial)
        if trial
        else Trial(matter=draft.matter, revision=0)
    )
    script = Script.of(found.script or {})
    page = _Page(guide, found, script, request.POST if request.method == "POST" else None)
    if request.method == "POST" and page.reshaped:
        page.forgive()
    elif request.method == "POST" and page.is_valid():
        try:
            tests.keep(
                draft, found if trial else None, name=page.form.cleaned_data["name"],
                purpose=page.form.cleaned_data["purpose"], script=page.script(),
                seen=page.form.cleaned_data["seen"], actor=request.actor, now=timezone.now(),
            )  # fmt: skip
        except ValueError as stale:
            page.form.add_error(None, str(stale))
        else:
            messages.success(request, _("自测已保存。"))
            return redirect("catalogue:trials", uuid)
    context = {"draft": draft, "trial": found if trial else None, "page": page, "form": page.form}
    return render(request, "catalogue/trial.html", context)


class _Page:
    """The forms of one test on one page."""

    def __init__(self, guide: Guide, trial: Trial, script: Script, data: Any) -> None:
        self.form = TrialForm(guide, data, initial=initial_of(trial, script) if trial.script else {"seen": 0})
        self.situations = SituationForm(guide, data, prefix=PREFIX, initial=script.situations)
        acts = [act.__dict__ for act in script.acts]
        self.acts = ActForms(data, prefix="acts", initial=acts)
        answers = dict(script.answers)
        self.steps: list[StepForm] = []
        for step in guide.steps:
            form = StepForm(step, answers=answers, data=data)
            for key in [key for key, field in form.definitions.items() if field.prefill]:
                del form.fields[key]  # the account knows these
                del form.definitions[key]
            if data is not None and form.is_valid():
                answers |= form.to_json()
            self.steps.append(form)
        self.answers = answers

    def is_valid(self) -> bool:
        asked = [self.situations, *self.steps]
        valid = [self.form.is_valid(), self.acts.is_valid(), *(form.is_valid() for form in asked)]
        for form in asked:  # one summary for the page
            for messages_ in form.errors.values():
                for message in messages_:
                    self.form.add_error(None, message)
        return all(valid)

    @property
    def reshaped(self) -> bool:
        """Whether a row of a table was added or removed: nothing is to be kept yet."""
        return any(step.reshaped for step in self.steps)

    def forgive(self) -> None:
        for step in self.steps:
            step.forgive()
        for form in (self.form, self.situations, *self.acts):
            form.errors.clear()

    def script(self) -> Script:
        asked = {key for step in self.steps for key in step.fields}
        answers = {key: value for key, value in self.answers.items() if key in asked}
        return Script(
            applicant=self.form.cleaned_data["applicant"],
            answers=answers,
            materials=tuple(self.form.cleaned_data.get("materials", ())),
            situations=self.situations.choices(),
            acts=tuple(act for form in self.acts if (act := form.act())),
            expected=self.form.expected(),
        )


@audience("officer", Role.EDITOR)
@require_POST
def remove(request: ActorRequest, uuid: UUID, trial: UUID) -> HttpResponse:
    draft = _draft(request, uuid)
    tests.remove(get_object_or_404(draft.matter.trials, uuid=trial), actor=request.actor, now=timezone.now())
    messages.success(request, _("自测已删除。"))
    return redirect("catalogue:trials", uuid)
