"""Open cases are counted again by the worker; closed ones keep an end only while a certificate is due."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Exists, OuterRef


def count_again(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    cases = apps.get_model("applications", "Application").objects
    deadlines = apps.get_model("applications", "Deadline").objects
    cases.filter(closed_at=None).update(calendar_version=0)
    waiting = deadlines.filter(case=OuterRef("pk"), kind="issue", done_at=None)
    cases.exclude(closed_at=None).exclude(due_at=None).filter(~Exists(waiting)).update(due_at=None)


class Migration(migrations.Migration):

    dependencies = [("applications", "0003_lights")]

    operations = [migrations.RunPython(count_again, migrations.RunPython.noop, elidable=True)]
