from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "support.notices"
    label = "notices"
    verbose_name = "通知"
