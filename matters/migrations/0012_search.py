import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
from django.db import migrations, models


# What search and its pages show; every transaction that changes one of them leaves one row (matters.catalogue).
TABLES = (
    "matters_searchentry",
    "matters_guideversion",
    "matters_matter",
    "matters_directoryentry",
    "matters_directoryversion",
    "matters_synonym",
    "places_agency",
    "places_region",
)
NOTE = """
CREATE FUNCTION matters_catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matters_cataloguechange AS c (xid, times, at)
        VALUES (pg_current_xact_id()::text::bigint, 1, now())
        ON CONFLICT (xid) DO UPDATE SET times = c.times + 1;
    RETURN NULL;
END
$$;
""" + "".join(
    f"CREATE TRIGGER catalogue_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION matters_catalogue_changed();\n"
    for table in TABLES
)
FORGET = "".join(f"DROP TRIGGER catalogue_changed ON {table};\n" for table in TABLES) + (
    "DROP FUNCTION matters_catalogue_changed();"
)


class Migration(migrations.Migration):

    dependencies = [
        ('matters', '0011_rules_and_standards'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='CatalogueChange',
            fields=[
                ('xid', models.BigIntegerField(help_text='of the transaction', primary_key=True, serialize=False)),
                ('times', models.PositiveIntegerField(help_text='statements so far')),
                ('at', models.DateTimeField()),
            ],
        ),
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
            model_name='searchentry',
            index=models.Index(fields=['region_code'], name='search_by_region'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(fields=['-popularity', 'title_fold', 'id'], name='search_hot'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(django.contrib.postgres.fields.ranges.RangeStartsWith('validity'), name='search_begins'),
        ),
        migrations.AddIndex(
            model_name='searchentry',
            index=models.Index(django.contrib.postgres.fields.ranges.RangeEndsWith('validity'), name='search_ends'),
        ),
        migrations.AddIndex(
            model_name='synonym',
            index=django.contrib.postgres.indexes.GinIndex(fields=['letters'], name='synonym_letters', opclasses=['gin_trgm_ops']),
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
