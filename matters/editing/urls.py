"""事项管理: the pages of those who edit, review and publish the catalogue."""

from django.urls import URLPattern

from matters.changes.urls import urlpatterns as changes
from matters.compare.urls import urlpatterns as compare
from matters.editing.page_urls import urlpatterns as pages
from matters.editing.trial_urls import urlpatterns as trials
from matters.exchange.urls import urlpatterns as exchange
from matters.formedit.urls import urlpatterns as formedit

app_name = "catalogue"

urlpatterns: list[URLPattern] = [*pages, *formedit, *trials, *compare, *changes, *exchange]
