"""Every delta and figure knows its matter. The deltas are made again from the facts by 0003."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evaluations', '0001_initial'),
        ('matters', '0002_guides_are_immutable'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='agencyfigure',
            name='one_figure_per_measure',
        ),
        migrations.AddField(
            model_name='agencyfigure',
            name='matter',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matters.matter'),
        ),
        migrations.DeleteModel('RatingDelta'),
        migrations.CreateModel(
            name='RatingDelta',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.PositiveSmallIntegerField(choices=[(0, 'Evaluable'), (1, 'Stars 1'), (2, 'Stars 2'), (3, 'Stars 3'), (4, 'Stars 4'), (5, 'Stars 5')])),
                ('count', models.PositiveIntegerField(default=1)),
                ('agency', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.agency')),
                ('matter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='matters.matter')),
            ],
        ),
        migrations.AddIndex(
            model_name='agencyfigure',
            index=models.Index(condition=models.Q(('matter', None)), fields=['agency'], name='figure_of_agency'),
        ),
        migrations.AddConstraint(
            model_name='agencyfigure',
            constraint=models.UniqueConstraint(fields=('agency', 'matter', 'measure'), name='one_figure_per_measure', nulls_distinct=False),
        ),
    ]
