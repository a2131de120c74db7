from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"
    label = "certificates"
    verbose_name = "电子证照"

    def ready(self) -> None:
        from certificates.actions import document_ready
        from support.documents.actions import when_ready
        from support.documents.kinds import CERTIFICATE

        when_ready(CERTIFICATE, document_ready)
