"""`GET terms/due`: the last day of a term, countable again by hand."""

from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from support.calendars import words
from support.calendars.actions import calendar_for, layer_names
from support.calendars.clock import end_of
from support.calendars.forms import LONGEST_TERM
from support.calendars.models import REGION_CODE
from support.calendars.terms import NATIONAL, CalendarNotCovered, Day, Explanation, Term, Unit, explain


class TermQuery(serializers.Serializer[Any]):
    start = serializers.DateField(help_text="收到或受理之日（不计入期限），YYYY-MM-DD")
    amount = serializers.IntegerField(min_value=1, max_value=LONGEST_TERM, help_text="期限的数值")
    unit = serializers.ChoiceField(
        choices=[
            (Unit.WORKDAY.value, gettext_lazy("工作日")),
            (Unit.DAY.value, gettext_lazy("日")),
            (Unit.MONTH.value, gettext_lazy("个月")),
        ],
        help_text="期限单位",
    )
    region = serializers.CharField(
        required=False,
        allow_blank=True,
        validators=[REGION_CODE],
        help_text="12 位区划代码；不填按全国安排计算",
    )


class MissingNotice(serializers.Serializer[Any]):
    region = serializers.CharField()
    region_name = serializers.CharField()
    year = serializers.IntegerField()


class DayAnswer(serializers.Serializer[Any]):
    date = serializers.DateField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["weekend", "holiday", "regional", "makeup"])


class DueAnswer(serializers.Serializer[Any]):
    start = serializers.DateField()
    amount = serializers.IntegerField()
    unit = serializers.ChoiceField(choices=[unit.value for unit in Unit])
    region = serializers.CharField()
    due_on = serializers.DateField(help_text="期限的最后一日")
    due_at = serializers.DateTimeField(help_text="期限届满的时刻：最后一日 24:00")
    provisional = serializers.BooleanField(help_text="真：尚缺放假通知，日期可能变动")
    missing = MissingNotice(many=True)
    reason = serializers.CharField(allow_blank=True)
    skipped = DayAnswer(many=True, help_text="不计入的日子；按日、按月计算时为末日顺延所跨过的日子")
    makeup = DayAnswer(many=True, help_text="计入的调休上班日")
    calendar_version = serializers.IntegerField()


class DueDate(APIView):
    audience = "public"

    @extend_schema(
        operation_id="terms_due",
        summary="计算期限届满日",
        parameters=[TermQuery],
        responses={200: DueAnswer, 400: None},
    )
    def get(self, request: Request) -> Response:
        query = TermQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        region = asked.get("region") or NATIONAL
        try:
            calendar = calendar_for(region)
            found = explain(calendar, asked["start"], Term(asked["amount"], Unit(asked["unit"])))
        except CalendarNotCovered as error:
            raise serializers.ValidationError({"start": [words.uncovered(region)]}) from error
        return Response(answer(found, region=region, version=calendar.version))


def answer(found: Explanation, *, region: str, version: int) -> dict[str, Any]:
    names = layer_names()
    return {
        "start": found.start.isoformat(),
        "amount": found.term.amount,
        "unit": found.term.unit.value,
        "region": region,
        "due_on": found.due.on.isoformat(),
        "due_at": end_of(found.due.on).isoformat(),
        "provisional": found.due.provisional,
        "missing": [
            {"region": code, "region_name": names.get(code, code), "year": year}
            for code, year in found.due.missing
        ],
        "reason": words.why_provisional(found.due.missing),
        "skipped": [_day(day) for day in found.skipped],
        "makeup": [_day(day) for day in found.makeup],
        "calendar_version": version,
    }


def _day(day: Day) -> dict[str, str]:
    return {"date": day.on.isoformat(), "name": words.day(day), "kind": day.kind.value}
