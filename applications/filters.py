"""What the desk's list is narrowed to, as it comes in an address. What is not understood is left out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import desk
from applications.desk import Mine, Wish
from applications.lights import Level
from applications.models import Application
from support.places.models import CASE_ROLES, Agency
from support.records.actor import Actor

PERIODS = [
    ("30", gettext_lazy("近 30 日办结")),
    ("365", gettext_lazy("近一年办结")),
    ("all", gettext_lazy("全部办结")),
]
RARER = ("matter", "channel", "received_from", "received_to", "closed", "agency")
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DeskFilter(forms.Form):
    """The understood part of an address; `ignored` has the names of what was not understood."""

    use_required_attribute = False
    tab = forms.ChoiceField(required=False, choices=[(tab.key, tab.label) for tab in desk.TABS])
    number = forms.CharField(label=gettext_lazy("办件编号"), required=False, max_length=50)
    name = forms.CharField(label=gettext_lazy("申请人"), required=False, max_length=50)
    light = forms.ChoiceField(label=gettext_lazy("时限"), required=False)
    mine = forms.ChoiceField(label=gettext_lazy("我的办件"), required=False)
    matter = forms.ChoiceField(label=gettext_lazy("事项"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("来源"), required=False)
    received_from = forms.DateField(label=gettext_lazy("收件日期从"), required=False, widget=DATE)
    received_to = forms.DateField(label=gettext_lazy("收件日期到"), required=False, widget=DATE)
    closed = forms.ChoiceField(label=gettext_lazy("办结时间"), required=False)
    agency = forms.ChoiceField(label=gettext_lazy("机关"), required=False)

    def __init__(self, asked: Mapping[str, str], *, actor: Actor) -> None:
        super().__init__(data=asked)
        agencies = Agency.objects.filter(pk__in=actor.agencies_with(*CASE_ROLES)).order_by("pk")
        self.agencies = {str(agency.uuid): agency for agency in agencies}
        self._offer("light", Level.choices)
        self._offer("mine", [(Mine.NOW, _("现在要我办理的")), (Mine.TAKEN, _("我办理过的"))])
        self._offer("matter", desk.matters(actor))
        self._offer("channel", Application.Channel.choices)
        self._offer("agency", [(uuid, agency.name) for uuid, agency in self.agencies.items()])
        self.fields["closed"].choices = PERIODS  # type: ignore[attr-defined]
        if len(self.agencies) < 2:
            del self.fields["agency"]
        self.ignored = [str(self.fields[name].label or _("分类")) for name in self.errors]
        self.data = {name: asked[name] for name, value in self.cleaned_data.items() if value}
        self.full_clean()
        self.current = desk.tab_of(self.cleaned_data["tab"])
        if self.current.key != "closed":
            self.fields["closed"].widget = forms.HiddenInput()

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = [("", _("全部")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> None:
        first, last = self.cleaned_data.get("received_from"), self.cleaned_data.get("received_to")
        if first and last and first > last:
            for name in ("received_from", "received_to"):
                self.add_error(name, _("起止日期颠倒"))

    @property
    def asked(self) -> dict[str, str]:
        """The conditions as they came."""
        return {name: value for name, value in self.data.items() if name != "tab"}

    @property
    def wish(self) -> Wish:
        found = self.cleaned_data
        agency = self.agencies.get(found.get("agency", ""))
        period = found["closed"] or PERIODS[0][0]
        return Wish(
            agency_id=agency.pk if agency else None,
            light=found["light"],
            matter=found["matter"],
            channel=found["channel"],
            received_from=found["received_from"],
            received_to=found["received_to"],
            mine=found["mine"],
            name=found["name"],
            number=found["number"],
            closed_days=int(period) if period.isdigit() else None,
        )

    @property
    def more(self) -> list[forms.BoundField]:
        """The conditions that fold away."""
        return [field for field in self.visible_fields() if field.name in RARER]

    @property
    def more_used(self) -> bool:
        return any(self.asked.get(name) for name in RARER)

    @property
    def period(self) -> str:
        """Which closed cases the list holds, in words."""
        return str(dict(PERIODS)[self.cleaned_data["closed"] or PERIODS[0][0]])

    def address(self, **changed: Any) -> str:
        """The address of the list with some of it changed; what is empty is left out."""
        asked = {"tab": self.current.key, **self.asked, **changed}
        return "?" + urlencode({name: value for name, value in asked.items() if value})
