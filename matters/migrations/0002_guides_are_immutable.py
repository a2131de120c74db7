from django.db import migrations

REFUSE = """
CREATE FUNCTION matters_guide_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
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
        OR (NEW.validity IS DISTINCT FROM OLD.validity AND NOT upper_inf(OLD.validity))
        OR isempty(NEW.validity)
    THEN
        RAISE EXCEPTION 'guide version % is published; only the open end of its validity can be closed', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guide_is_immutable BEFORE UPDATE OR DELETE ON matters_guideversion
    FOR EACH ROW EXECUTE FUNCTION matters_guide_is_immutable();
"""

PERMIT = """
DROP TRIGGER guide_is_immutable ON matters_guideversion;
DROP FUNCTION matters_guide_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, PERMIT)]
