from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION matters_guide_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept matters_guideversion := NEW;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'guide version % is published and cannot be deleted', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    kept.validity := OLD.validity;
    IF kept IS DISTINCT FROM OLD
        OR lower(NEW.validity) IS DISTINCT FROM lower(OLD.validity)
        OR (NEW.validity IS DISTINCT FROM OLD.validity AND {unless})
        OR isempty(NEW.validity)
    THEN
        RAISE EXCEPTION 'guide version % is published; {words}', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
"""

EARLIER = FUNCTION.format(
    unless="(upper_inf(NEW.validity) OR NOT upper_inf(OLD.validity) AND upper(NEW.validity) > upper(OLD.validity))",
    words="its end can be set or brought forward, nothing else",
)
OPEN_END = FUNCTION.format(
    unless="NOT upper_inf(OLD.validity)", words="only the open end of its validity can be closed"
)


class Migration(migrations.Migration):
    dependencies = [("matters", "0005_drafts_and_reviews")]

    operations = [migrations.RunSQL(EARLIER, OPEN_END)]
