import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import matters.models.directory
import uuid
from django.conf import settings
from django.db import migrations, models


# Each entry gets a name of its own for addresses, and belongs to the directory that its code says.
IDENTITY = """
UPDATE matters_directoryentry SET
    uuid = gen_random_uuid(),
    facts_version = version,
    region_code = CASE
        WHEN catalog_code IS NULL OR left(catalog_code, 2) = '00' THEN ''
        ELSE rpad(left(catalog_code, 2), 12, '0')
    END
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0008_exchange"),
        ("places", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangedEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("open", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="ChangeReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("round", models.PositiveIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("approved", "同意"), ("returned", "退回修改")], max_length=10, null=True
                    ),
                ),
                ("comment", models.TextField(default="", verbose_name="审核意见")),
                ("at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "目录调整审核",
            },
        ),
        migrations.CreateModel(
            name="DirectoryChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "新增"),
                            ("change", "变更"),
                            ("split", "拆分"),
                            ("merge", "合并"),
                            ("suspend", "暂停"),
                            ("cancel", "取消"),
                            ("resume", "恢复"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "起草中"),
                            ("review", "审核中"),
                            ("approved", "审核通过"),
                            ("lifted", "补审未通过，已解除"),
                            ("dropped", "已放弃"),
                        ],
                        default="draft",
                        max_length=8,
                    ),
                ),
                ("emergency", models.BooleanField(default=False)),
                ("reason", models.TextField(verbose_name="理由")),
                ("basis", models.TextField(verbose_name="依据")),
                ("proposed", models.JSONField(default=list)),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("keep", "不受影响，按提交申请时的规定办完"),
                            ("relieve", "只减不增：减少材料或者缩短时限，由办理机关照此办理"),
                            ("end", "依据已经废止，由办理机关逐件作出书面决定终止"),
                        ],
                        default="keep",
                        max_length=8,
                    ),
                ),
                (
                    "effect_note",
                    models.TextField(blank=True, default="", help_text="what is relieved, or why cases end"),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        help_text="null: on approval", null=True, verbose_name="计划生效时间"
                    ),
                ),
                (
                    "resumes_on",
                    models.DateField(
                        help_text="of a suspension; a promise, no order",
                        null=True,
                        verbose_name="预计恢复日期",
                    ),
                ),
                ("in_force_from", models.DateTimeField(help_text="once approved", null=True)),
                (
                    "effect_told_at",
                    models.DateTimeField(help_text="when those with running cases were told", null=True),
                ),
                ("review_due_on", models.DateField(help_text="of an emergency suspension", null=True)),
                ("round", models.PositiveIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("editors", models.JSONField(default=list, help_text="ids of those who saved anything")),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "目录调整申请",
            },
        ),
        migrations.CreateModel(
            name="DirectoryVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "facts_version",
                    models.PositiveIntegerField(help_text="the version that last changed the facts"),
                ),
                ("name", models.CharField(max_length=200, verbose_name="事项名称")),
                ("task_type", models.CharField(max_length=2, verbose_name="事项类型")),
                ("by_law", models.TextField(null=True, verbose_name="设定依据")),
                ("use_level", models.CharField(max_length=20, null=True, verbose_name="行使层级")),
                ("department", models.CharField(max_length=100, null=True, verbose_name="部门")),
                (
                    "local_catalog_code",
                    models.CharField(default="", max_length=50, verbose_name="地方基本编码"),
                ),
                (
                    "name_fold",
                    matters.models.directory.FoldedField(
                        default="", editable=False, max_length=400, of="name"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("1", "在用"), ("2", "暂停"), ("3", "取消")],
                        max_length=1,
                        verbose_name="事项状态",
                    ),
                ),
                (
                    "validity",
                    django.contrib.postgres.fields.ranges.DateTimeRangeField(
                        help_text="open below: since before the portal"
                    ),
                ),
            ],
            options={
                "verbose_name": "基本目录版本",
            },
        ),
        migrations.CreateModel(
            name="Lineage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="directoryentry",
            name="changes_at",
            field=models.DateTimeField(editable=False, help_text="when the next version begins", null=True),
        ),
        migrations.AddField(
            model_name="directoryentry",
            name="facts_version",
            field=models.PositiveIntegerField(default=1, help_text="the version that last changed the facts"),
        ),
        migrations.AddField(
            model_name="directoryentry",
            name="region_code",
            field=models.CharField(
                blank=True,
                default="",
                help_text="whose own directory; empty: the national one",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="directoryentry",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.RunSQL(IDENTITY, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="directoryentry",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddIndex(
            model_name="directoryentry",
            index=models.Index(
                condition=models.Q(("changes_at__isnull", False)),
                fields=["changes_at"],
                name="directory_changes_due",
            ),
        ),
        migrations.AddIndex(
            model_name="directoryentry",
            index=models.Index(fields=["region_code"], name="directory_of_region"),
        ),
        migrations.AddConstraint(
            model_name="directoryentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", None), models.Q(("local_catalog_code", ""), _negated=True)),
                fields=("region_code", "local_catalog_code"),
                name="local_code_once_in_a_region",
            ),
        ),
        migrations.AddField(
            model_name="changedentry",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="concerned",
                to="matters.directoryentry",
            ),
        ),
        migrations.AddField(
            model_name="changereview",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.agency"
            ),
        ),
        migrations.AddField(
            model_name="changereview",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="directorychange",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="directory_changes",
                to="places.agency",
            ),
        ),
        migrations.AddField(
            model_name="directorychange",
            name="entries",
            field=models.ManyToManyField(
                help_text="as they are before",
                related_name="changes",
                through="matters.ChangedEntry",
                to="matters.directoryentry",
            ),
        ),
        migrations.AddField(
            model_name="directorychange",
            name="updated_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="changereview",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reviews",
                to="matters.directorychange",
            ),
        ),
        migrations.AddField(
            model_name="changedentry",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="concerned",
                to="matters.directorychange",
            ),
        ),
        migrations.AddField(
            model_name="directoryversion",
            name="change",
            field=models.ForeignKey(
                help_text="null: loaded",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="made",
                to="matters.directorychange",
            ),
        ),
        migrations.AddField(
            model_name="directoryversion",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="matters.directoryentry",
            ),
        ),
        migrations.AddField(
            model_name="directoryversion",
            name="held_by",
            field=models.ForeignKey(
                help_text="the emergency suspension but for which it would be in use",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="matters.directorychange",
            ),
        ),
        migrations.AddField(
            model_name="lineage",
            name="after",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="came_from",
                to="matters.directoryentry",
            ),
        ),
        migrations.AddField(
            model_name="lineage",
            name="before",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="became",
                to="matters.directoryentry",
            ),
        ),
        migrations.AddField(
            model_name="lineage",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lineage",
                to="matters.directorychange",
            ),
        ),
        migrations.AddIndex(
            model_name="directorychange",
            index=models.Index(fields=["state", "-updated_at"], name="changes_by_state"),
        ),
        migrations.AddIndex(
            model_name="directorychange",
            index=models.Index(fields=["-in_force_from"], name="changes_in_force"),
        ),
        migrations.AddIndex(
            model_name="changereview",
            index=models.Index(
                condition=models.Q(("outcome", None)),
                fields=["agency", "change"],
                name="change_reviews_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="changereview",
            constraint=models.UniqueConstraint(
                fields=("change", "agency", "round"), name="one_change_review_per_round"
            ),
        ),
        migrations.AddConstraint(
            model_name="changedentry",
            constraint=models.UniqueConstraint(fields=("change", "entry"), name="entry_once_in_a_change"),
        ),
        migrations.AddConstraint(
            model_name="changedentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("open", True)), fields=("entry",), name="one_open_change_of_an_entry"
            ),
        ),
        migrations.AddConstraint(
            model_name="directoryversion",
            constraint=models.UniqueConstraint(fields=("entry", "version"), name="directory_version_once"),
        ),
        migrations.AddConstraint(
            model_name="directoryversion",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("entry", "="), ("validity", "&&")], name="one_directory_version_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="lineage",
            constraint=models.UniqueConstraint(fields=("before", "after"), name="lineage_once"),
        ),
        migrations.AddIndex(
            model_name="directorychange",
            index=models.Index(
                condition=models.Q(
                    ("effect_told_at", None),
                    ("state", "approved"),
                    models.Q(("effect", "keep"), _negated=True),
                ),
                fields=["in_force_from"],
                name="change_effects_to_tell",
            ),
        ),
    ]
