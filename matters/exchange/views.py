"""清单导入导出: the pages of the exchange tables."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from matters.exchange import importing, jobs
from matters.exchange.book import MOST_BYTES, write
from matters.exchange.jobs import JobRefused
from matters.models import ImportJob, Matter
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Role
from support.records import actions as records

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PER_PAGE = 20
FAULTS_PER_PAGE = 50


class UploadForm(forms.Form):
    agency = forms.ModelChoiceField(Agency.objects.none(), label=gettext_lazy("机关"), empty_label=None)
    file = forms.FileField(
        label=gettext_lazy("Excel 文件（.xlsx）"),
        max_length=200,
        error_messages={"required": gettext_lazy("请选择文件"), "empty": gettext_lazy("文件是空的")},
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 %(n)s MB，请分成几个文件") % {"n": MOST_BYTES // 2**20})
        return file


def _pages(page: Page) -> dict[str, str]:  # type: ignore[type-arg]
    """What components/pages.html needs."""
    return {
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "words": _("第 %(n)s 页，共 %(all)s 页") % {"n": page.number, "all": page.paginator.num_pages},
    }


def _agencies(request: ActorRequest):  # type: ignore[no-untyped-def]
    return Agency.objects.filter(pk__in=request.actor.agencies_with(Role.EDITOR)).order_by("name")


@audience("officer", Role.EDITOR)
@require_http_methods(["GET", "POST"])
def exchange(request: ActorRequest) -> HttpResponse:
    """Download the template or the own lists, bring a workbook in, and see what became of earlier ones."""
    form = UploadForm(request.POST or None, request.FILES or None, use_required_attribute=False)
    form.fields["agency"].queryset = _agencies(request)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        file, agency = form.cleaned_data["file"], form.cleaned_data["agency"]
        try:
            job = jobs.order(agency, file.name, file.read(), actor=request.actor, now=timezone.now())
        except JobRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("catalogue:import", job.uuid)
    rows = ImportJob.objects.visible_to(request.actor).select_related("agency", "by").defer("data", "report")
    page = Paginator(rows.order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalogue/exchange.html", {"form": form, "page": page, **_pages(page)})


@audience("officer", Role.EDITOR)
@require_safe
def template(request: ActorRequest) -> HttpResponse:
    """The workbook without any list."""
    return _download(write(()), "template.xlsx")


@audience("officer", Role.EDITOR)
@require_safe
def export(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """The lists of one of the actor's agencies as they are being worked on."""
    agency = get_object_or_404(_agencies(request), uuid=uuid)
    matters = Matter.objects.visible_to(request.actor).filter(agency=agency).order_by("task_code")
    found = list(matters.select_related("agency", "directory"))
    records.write(
        "matters.export", actor=request.actor, target=f"places.agency:{agency.uuid}", agency_id=agency.pk,
        details={"lists": len(found)}, at=timezone.now(),
    )  # fmt: skip
    return _download(write(importing.to_export(found)), f"{agency.uscc}.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=EXCEL)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@audience("officer", Role.EDITOR)
@require_http_methods(["GET", "POST"])
def job(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """One workbook: how far it is, what the dry run found by row and column, and taking it over."""
    rows = ImportJob.objects.visible_to(request.actor).select_related("agency", "by").defer("data")
    found = get_object_or_404(rows, uuid=uuid)
    if request.method == "POST":
        try:
            jobs.apply(found, actor=request.actor, now=timezone.now())
        except JobRefused as refused:
            messages.error(request, str(refused))
        return redirect("catalogue:import", uuid)
    faults = found.report.get("faults", [])
    errors = sum(fault["error"] for fault in faults)
    page = Paginator(faults, FAULTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "catalogue/import.html",
        {
            "job": found,
            "report": found.report,
            "errors": errors,
            "hints": len(faults) - errors,
            "page": page,
            **_pages(page),
            "ready": found.state == ImportJob.State.CHECKED and not found.working
            and not errors and not found.report.get("refused"),
            "percent": 100 * found.done // found.total if found.total else 0,
        },
    )  # fmt: skip
