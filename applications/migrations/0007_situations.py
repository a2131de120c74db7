from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0006_failed_deadlines'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='situations',
            field=models.JSONField(default=dict, help_text='情形: the answers under which materials are asked for'),
        ),
        migrations.AddField(
            model_name='draft',
            name='situations',
            field=models.JSONField(default=dict),
        ),
    ]
