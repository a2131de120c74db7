from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.page_urls")),
]

handler400 = "portal.errors.bad_request"
handler500 = "portal.errors.server_error"
