from django.urls import URLPattern, URLResolver, include, path

from applications.affected import affected, under_way
from evaluations.figures import figures_of_matter
from evaluations.trials import figures
from matters.compare.urls import FROM_ABOVE
from matters.editing.views_review import publish
from portal.api import SchemaView

FROM_ABOVE["diff"]["affected"] = affected
FROM_ABOVE["standard"]["figures"] = figures

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.page_urls")),
    path("accounts/", include("support.accounts.urls")),
    path("api/v1/", include("support.accounts.api_urls")),
    path("", include("support.calendars.urls")),
    path("api/v1/", include("support.calendars.api_urls")),
    path("", include("support.documents.urls")),
    path("", include("certificates.urls")),
    path("api/v1/", include("certificates.api_urls")),
    path("", include("applications.urls")),
    path("api/v1/", include("applications.api_urls")),
    path("", include("evaluations.urls")),
    path("api/v1/", include("evaluations.api_urls")),
    path("matters/", include("matters.urls"), {"rated": figures_of_matter}),
    # The same page as catalogue:publish, told what runs under the versions before.
    path("catalogue/drafts/<uuid:uuid>/publish/", publish, {"affected": under_way}),
    path("catalogue/words/", include("matters.words.urls")),
    path("catalogue/", include("matters.editing.urls")),
    path("api/v1/", include("matters.api_urls")),
    path("api/v1/", include("matters.exchange.api_urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("", include("support.notices.urls")),
    path("api/v1/", include("support.notices.api_urls")),
]

handler400 = "portal.errors.bad_request"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"
