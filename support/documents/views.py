import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from support.accounts.access import ActorRequest, audience
from support.documents import actions
from support.documents.content import PDF
from support.documents.models import Document, Upload
from support.records import actions as records


@audience("applicant")
@require_safe
def upload(request: ActorRequest, uuid: uuid.UUID) -> HttpResponse:
    """A party looks at what it handed in."""
    actor = request.actor
    found = get_object_or_404(Upload.objects.visible_to(actor), uuid=uuid)
    records.write(
        "read.upload", actor=actor, target=f"documents.upload:{found.uuid}", subject_id=found.party_id
    )
    return actions.serve_upload(found)


@audience("member")
@require_safe
def document(request: ActorRequest, uuid: uuid.UUID) -> HttpResponse:
    """The sealed PDF of a paper; until it is made, a page that says so."""
    actor = request.actor
    found = get_object_or_404(Document.objects.visible_to(actor).select_related("agency"), uuid=uuid)
    if not found.is_ready:
        return render(request, "documents/waiting.html", {"document": found})
    records.write(
        "read.document", actor=actor, target=actions.target_of(found), subject_id=found.party_id,
        agency_id=found.agency_id,
    )  # fmt: skip
    actions.note_reading(found, actor=actor, now=timezone.now())
    disposition = "attachment" if "download" in request.GET else "inline"
    return actions.serve(actions.read_file(found), PDF, f"{found.title} {found.number}.pdf", disposition)
