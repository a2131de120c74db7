from django.db import migrations

from matters.scripts import fold


def fold_names(apps, schema_editor):
    entries = apps.get_model("matters", "DirectoryEntry")
    rows = list(entries.objects.filter(name_fold=""))
    for row in rows:
        row.name_fold = fold(row.name)
    entries.objects.bulk_update(rows, ["name_fold"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("matters", "0003_directory_entries_from_elsewhere")]

    operations = [migrations.RunPython(fold_names, migrations.RunPython.noop)]
