"""What was typed when the session ran out is kept, sealed, until the same page is open again."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, QueryDict

from applications.models import Draft
from support.records.sealing import Unsealable, seal, unseal

KEY = "typed"
LIMIT = 20_000


def keeps_typed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Before an anonymous POST is sent to the login page, keep its fields for `recall`.

    Files cannot be kept. Whether the next person may see the page is for the view to decide.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            typed = request.POST.copy()
            typed.pop("csrfmiddlewaretoken", None)
            text = typed.urlencode()
            # Only for a draft that exists: nobody fills our tables with guesses.
            if len(text) <= LIMIT and Draft.objects.filter(uuid=kwargs["uuid"]).exists():
                place = str(uuid.uuid4())
                sealed = seal(text, place=f"session.typed:{place}")
                request.session[KEY] = {"path": request.path, "place": place, "sealed": sealed.hex()}
        return view(request, *args, **kwargs)

    return kept


def recall(request: HttpRequest) -> QueryDict | None:
    """The fields typed on this very page before logging in again, once; else None."""
    kept = request.session.get(KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[KEY]
    try:
        text = unseal(bytes.fromhex(kept["sealed"]), place=f"session.typed:{kept['place']}").decode()
    except Unsealable:
        return None
    return QueryDict(text)
