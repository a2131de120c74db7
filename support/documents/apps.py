from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "support.documents"
    label = "documents"
    verbose_name = "文书与材料"
