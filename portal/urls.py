from django.urls import URLPattern, URLResolver, include, path

from evaluations.figures import figures_of_matter
from portal.api import SchemaView

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
