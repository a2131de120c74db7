from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]

    operations = [
        migrations.RenameField("certificatetype", "years", "months"),
        migrations.AlterField(
            "certificatetype",
            "months",
            models.PositiveSmallIntegerField(
                blank=True, help_text="null: no end", null=True, verbose_name="有效月数"
            ),
        ),
    ]
