from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "support.records"
    label = "records"
    verbose_name = "审计记录"
