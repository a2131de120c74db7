from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "support.places"
    label = "places"
    verbose_name = "区划与机关"
