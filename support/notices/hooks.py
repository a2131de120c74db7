"""Where the text message gateway reports. Open to the world, so that little is done before the signature."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from support.accounts.access import audience
from support.accounts.attempts import client_network, one_more
from support.notices import reports, sms

LONGEST = 4096  # bytes
FORGERIES, SECONDS = 60, 600  # in that time from one address; a true report is heard all the same


def _answer(status: HTTPStatus, **more: object) -> HttpResponse:
    return JsonResponse({"status": status.phrase, **more}, status=status)


@csrf_exempt
@audience("public")
@require_POST
def sms_report(request: HttpRequest) -> HttpResponse:
    """One report. Known, repeated, late or of a message that is not ours: 200, and the gateway is done."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:20]) > LONGEST:
        return _answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not sms.is_on():
        return _answer(HTTPStatus.NOT_FOUND)
    try:
        report = sms.adapter().read_report(request)
    except sms.Forged:
        if one_more(f"attempts:sms_report:{client_network(request)}", FORGERIES, SECONDS):
            return _answer(HTTPStatus.FORBIDDEN)
        return _answer(HTTPStatus.TOO_MANY_REQUESTS)
    except (ValueError, RecursionError):
        return _answer(HTTPStatus.BAD_REQUEST)
    return _answer(HTTPStatus.OK, noted=reports.note(report, now=timezone.now()))
