
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matters', '0004_fold_directory_names'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='searchentry',
            name='edition',
            field=models.PositiveSmallIntegerField(default=0, help_text='of the rules by which the row was made'),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='letters',
            field=models.TextField(default='', help_text='titles and what people say, for typing errors: tokens.letters'),
        ),
        migrations.AddField(
            model_name='searchentry',
            name='popularity',
            field=models.PositiveIntegerField(default=0, help_text='cases of the matter filed of late'),
        ),
        migrations.AddField(
            model_name='synonym',
            name='changed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='synonym',
            name='changed_by',
            field=models.CharField(default='', max_length=50),
        ),
        migrations.AddField(
            model_name='synonym',
            name='in_use',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='synonym',
            name='initials',
            field=models.CharField(default='', help_text='first letters of the pinyin of the term', max_length=60),
        ),
        migrations.AddField(
            model_name='synonym',
            name='letters',
            field=models.TextField(default='', help_text='of the term, for typing errors: tokens.letters'),
        ),
        migrations.AddField(
            model_name='synonym',
            name='revision',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='synonym',
            name='sounds',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=400), default=list, help_text='LIKE patterns of the pinyin of term and words', size=None),
        ),
        migrations.AlterField(
            model_name='synonym',
            name='expands_to',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None, verbose_name='目录里的用词'),
        ),
        migrations.AlterField(
            model_name='synonym',
            name='term',
            field=models.CharField(max_length=60, unique=True, verbose_name='人们的说法'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['letters'], name='search_letters', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddIndex(
            model_name='synonym',
            index=django.contrib.postgres.indexes.GinIndex(fields=['letters'], name='synonym_letters', opclasses=['gin_trgm_ops']),
        ),
    ]
