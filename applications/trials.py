"""Runs an author's tests of a guide on the code that handles real cases, in a transaction rolled back.

The run makes what a case needs: the guide in force for a matter of its own, an applicant, officers of
every role, files. Nobody receives anything: messages and papers are rows that vanish with the rest, and
what is to happen after a commit never does.
"""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from applications import clock, filing, regimes
from applications.actions import settle, take
from applications.acts import Inputs
from applications.corrections import answers
from applications.corrections.acts import USUAL_DAYS, Item
from applications.corrections.scope import Scope
from applications.filing import FilingRefused
from applications.models import Application, State
from applications.papers import all_answers
from applications.workflow import APPLICANT, STEPS, StepRefused
from certificates.models import Certificate
from matters.editing.trial_forms import NOTICES
from matters.forms import prefill
from matters.guides import Guide
from matters.models import DirectoryEntry, GuideVersion, Matter
from matters.trials import Act, Document, Line, Script
from support.accounts.models import Mandate, Party, User
from support.calendars.actions import calendar_for
from support.calendars.terms import Calendar, Term, Unit
from support.documents.models import Upload
from support.notices.models import Notice
from support.records.actor import Actor, Kind


class _Over(Exception):
    """Ends the transaction of a run."""


def run(matter: Matter, document: Document, script: Script, now: dt.datetime) -> Sequence[Line]:
    """Play the script from `now` on; every line says what was found and whether that was expected."""
    lines: list[Line] = []
    try:
        with transaction.atomic():
            _Play(matter, document, script, now, lines).play()
            raise _Over
    except _Over:
        return lines


class _Play:
    def __init__(
        self, matter: Matter, document: Document, script: Script, now: dt.datetime, lines: list[Line]
    ) -> None:
        self.script, self.lines, self.at = script, lines, now
        self.calendar: Calendar = calendar_for(matter.agency.region_id)
        self.version = _in_force(matter, document, now)
        self.guide: Guide = self.version.guide
        self.agency_id = matter.agency_id
        self.applicant, self.user = _applicant(script.applicant)
        self.accepted_on: dt.date | None = None
        self.due_on: dt.date | None = None

    def play(self) -> None:
        case = self._file()
        if case is None:
            return
        received_on = timezone.localdate(self.at)
        for act in self.script.acts:
            self._wait(act.after)
            settle(case, self.at)
            if act.step and not self._step(case, act):
                return
            case.refresh_from_db()
            self._note_due(case)
        self._compare(case, self.accepted_on or received_on)

    # --- what happens ---

    def _file(self) -> Application | None:
        actor = self._applicants_hat()
        # The account knows who applies; those answers cannot be typed.
        answers = self.script.answers | prefill(self.guide, self.applicant)
        uploads = {
            key: [_upload(self.applicant, self.user, self.at)] for key in self.script.materials if self._asked(key)
        }
        try:
            case = filing.submit(
                self.version.matter, answers, uploads, key=secrets.token_hex(16), actor=actor, now=self.at,
                situations=self.script.situations,
            )  # fmt: skip
        except FilingRefused as refused:
            for key, words in refused.errors.items():
                self._say(
                    _("提交申请"),
                    _("被退回：%(key)s %(words)s") % {"key": key, "words": "".join(words)},
                    right=False,
                )
            return None
        self._say(_("提交申请"), _("已收件"))
        return case

    def _asked(self, key: str) -> bool:
        return any(material.key == key for material in self.guide.uploads)

    def _wait(self, workdays: int) -> None:
        if workdays:
            day = self.calendar.add(timezone.localdate(self.at), Term(workdays, Unit.WORKDAY)).on
            self.at = timezone.localtime(self.at).replace(year=day.year, month=day.month, day=day.day)

    def _step(self, case: Application, act: Act) -> bool:
        label = str(regimes.step(act.step, self.guide).label)
        on = timezone.localdate(self.at).isoformat()
        inputs = Inputs(act.reasons, act.verdict, act.where_to_go, self._more(act, case))
        try:
            take(act.step, case, actor=self._who(act.step), seen=case.revision, at=self.at, inputs=inputs)
        except StepRefused as refused:
            self._say(f"{on} {label}", str(refused), right=False)
            return False
        self._say(f"{on} {label}", _("已办理"))
        if STEPS[act.step].accepts:
            self.accepted_on = timezone.localdate(self.at)
        return True

    def _more(self, act: Act, case: Application) -> dict[str, Any]:
        """What a correction in a test is about: every material handed in, or else the first question. The
        applicant answers each of them."""
        if act.step == "supplement":
            self._answer(case)
        if act.step != "request_correction":
            return {}
        scope = Scope.of(case)
        given = all_answers(case)
        targets = [("material", key) for key in scope.given] or [
            ("field", key) for key in scope.fields if key in given
        ][:1]
        return {"items": [Item(*each, act.reasons, act.reasons) for each in sorted(targets)], "days": USUAL_DAYS}

    def _answer(self, case: Application) -> None:
        for item in case.correction.items.all():
            if item.target == answers.FIELD:
                answers.save(case, {item.key: all_answers(case).get(item.key)})
            else:
                answers.hold(case, item, [_upload(self.applicant, self.user, self.at)])

    def _applicants_hat(self) -> Actor:
        party = self.applicant
        kind = Kind.COMPANY if party.kind == Party.Kind.LEGAL else Kind.CITIZEN
        return Actor(kind, user_id=self.user.pk, name=party.name, party_id=party.pk)

    def _who(self, name: str) -> Actor:
        """The person for a step: another one for every role, so that no one decides on the own opinion."""
        step = STEPS[name]
        if step.who == APPLICANT:
            return self._applicants_hat()
        roles = (step.who, *step.also)
        user, _new = User.objects.get_or_create(
            username=f"trial-{step.who}-{self.version.uuid}", defaults={"name": _("自测人员")}
        )
        grants = frozenset((self.agency_id, str(role)) for role in roles)
        return Actor(Kind.OFFICER, user_id=user.pk, name=user.name, grants=grants)

    def _note_due(self, case: Application) -> None:
        end = clock.dates(case, self.at).due_at
        if end is not None and case.accepted_at is not None and case.decided_at is None:
            self.due_on = timezone.localdate(end - dt.timedelta(days=1))

    # --- what came of it ---

    def _compare(self, case: Application, counted_from: dt.date) -> None:
        expected = self.script.expected
        state = clock.standing(case, self.at)
        wanted = State(expected.state) if expected.state in State.values else None
        self._say(
            _("办件状态"),
            str(regimes.state_words(state, self.guide)),
            str(regimes.state_words(wanted, self.guide)) if wanted else expected.state,
            right=state == expected.state,
        )
        last = None
        if expected.amount:
            last = self.calendar.add(counted_from, Term(expected.amount, Unit(expected.unit))).on
        self._say(_("应当办结日期"), _day(self.due_on), _day(last), right=self.due_on == last)
        told = list(Notice.objects.filter(party=self.applicant).order_by("id").values_list("kind", flat=True))
        self._say(
            _("给申请人的消息"),
            _in_words(told),
            _in_words(expected.notices),
            right=sorted(set(told)) == sorted(expected.notices),
        )
        issued = Certificate.objects.filter(holder=self.applicant).exists()
        words = {True: _("发放"), False: _("不发放")}
        self._say(_("证照"), words[issued], words[expected.certificate], right=issued == expected.certificate)

    def _say(self, what: str, found: str, expected: str = "", *, right: bool = True) -> None:
        self.lines.append(Line(what, found, expected, right))


def _in_words(kinds: Iterable[str]) -> str:
    known = dict(NOTICES)
    return _("、").join(str(known.get(kind, kind)) for kind in kinds)


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else _("无")


def _in_force(matter: Matter, document: Document, now: dt.datetime) -> GuideVersion:
    """The document in force for a matter of its own, whatever the real one has published."""
    double = Matter.objects.create(
        task_code=f"{matter.task_code[:23]}{secrets.token_hex(5).upper()}",
        agency=matter.agency,
        directory=matter.directory,
        task_type=matter.task_type,
        regime=matter.regime,
    )
    DirectoryEntry.objects.filter(pk=matter.directory_id).reopen()
    return GuideVersion.objects.create(
        matter=double,
        version=1,
        document=document,
        validity=DateTimeTZRange(now - dt.timedelta(days=1), None),
        published_at=now,
        published_by=_("自测"),
    )


def _applicant(kind: str) -> tuple[Party, User]:
    """A person or an organisation whose number nobody has: that of no region, or of no organisation."""
    while True:
        party = Party(kind=kind, identity_level=3)
        if kind == Party.Kind.LEGAL:
            stem = f"91640104YYYY{secrets.randbelow(10_000):04d}"
            stem += _organisation_check(stem[8:])
            number = stem + uscc.calc_check_digit(stem)
            party.name, party.code_type = "示例有限公司", "001"
        else:
            born = dt.date(1960, 1, 1) + dt.timedelta(days=secrets.randbelow(14_000))
            stem = f"640199{born:%Y%m%d}001"
            number = stem + mod_11_2.calc_check_digit(stem)
            party.name, party.code_type = "张示例", "111"
        party.set_number(number)
        if not Party.objects.filter(number_index=party.number_index).exists():
            break
    party.phone, party.address = "19900000001", "银川市兴庆区示例路100号"
    user = User.objects.create(username=f"trial-{number}", name=party.name)
    if kind == Party.Kind.NATURAL:
        party.user = user
    party.save()
    if kind == Party.Kind.LEGAL:
        Mandate.objects.create(
            user=user, party=party, role=Mandate.Role.AGENT, valid_from=dt.date(2000, 1, 1)
        )
    return party, user


def _organisation_check(stem: str) -> str:
    """GB 11714: the ninth character of an organisation code."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(c, 36) * w for c, w in zip(stem, weights, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def _upload(party: Party, user: User, now: dt.datetime) -> Upload:
    return Upload.objects.create(
        party=party, uploaded_by=user, original_name="示例.pdf", content_type="application/pdf",
        size=1024, sha256="0" * 64, created_at=now,
    )  # fmt: skip
