from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    label = "applications"
    verbose_name = "办件"

    def ready(self) -> None:
        from applications.delivery import document_ready
        from applications.trials import run
        from matters.trials import run_with
        from support.documents.actions import when_ready
        from support.documents.kinds import KINDS

        for kind in KINDS:
            when_ready(kind, document_ready)
        run_with(run)
