"""All figures counted from the facts, by matter and by agency."""

from django.db import migrations

COUNT_AGAIN = """
DELETE FROM evaluations_agencyfigure;
DELETE FROM evaluations_ratingdelta;
INSERT INTO evaluations_agencyfigure (agency_id, matter_id, measure, count)
SELECT agency_id, matter_id, measure, count(*)
FROM (
    SELECT c.agency_id, c.matter_id, 0 AS measure
    FROM evaluations_invitation i JOIN applications_application c ON c.id = i.case_id
    UNION ALL
    SELECT r.agency_id, c.matter_id, r.stars
    FROM evaluations_rating r JOIN applications_application c ON c.id = r.case_id
) AS facts
GROUP BY GROUPING SETS ((agency_id, matter_id, measure), (agency_id, measure));
"""


class Migration(migrations.Migration):

    dependencies = [
        ('evaluations', '0002_figures_by_matter'),
        ('applications', '0001_initial'),
    ]

    operations = [migrations.RunSQL(COUNT_AGAIN, migrations.RunSQL.noop)]
