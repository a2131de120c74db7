"""Which form a step is filled in with: the general one, or its own."""

from typing import Any

from applications.corrections.forms import CorrectionForm, JudgementForm
from applications.deferral.forms import ConfirmForm, RefusalForm
from applications.forms import StepForm
from applications.models import Application
from applications.procedures.forms import EndForm, ExtendForm, ProlongForm, StartForm
from applications.workflow import Step

FORMS: dict[str, type[StepForm]] = {
    "request_correction": CorrectionForm,
    "refuse_corrected": JudgementForm,
    "start_procedure": StartForm,
    "prolong_procedure": ProlongForm,
    "end_procedure": EndForm,
    "extend": ExtendForm,
    "confirm_deferred": ConfirmForm,
    "refuse": RefusalForm,
}


def step_form(step: Step, case: Application, *args: Any, **kwargs: Any) -> StepForm:
    """The form of a step on this case; arguments as for a Django form."""
    return FORMS.get(step.name, StepForm)(step, case, *args, **kwargs)
