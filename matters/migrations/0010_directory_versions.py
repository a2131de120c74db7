from django.db import migrations

# What was in the directory before it had versions: one each, since before the portal.
FIRST = """
INSERT INTO matters_directoryversion
    (entry_id, version, facts_version, name, task_type, by_law, use_level, department, local_catalog_code,
     name_fold, state, validity)
SELECT id, version, version, name, task_type, by_law, use_level, department, local_catalog_code,
       name_fold, state, tstzrange(NULL, NULL)
FROM matters_directoryentry
"""
REFUSE = """
CREATE FUNCTION matters_directory_version_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept matters_directoryversion := NEW;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'directory version % is decided and cannot be deleted', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    kept.validity := OLD.validity;
    IF kept IS DISTINCT FROM OLD
        OR (isempty(OLD.validity) AND NOT isempty(NEW.validity))
        OR (isempty(NEW.validity) AND lower_inf(OLD.validity))
        OR (NOT isempty(NEW.validity) AND lower(NEW.validity) IS DISTINCT FROM lower(OLD.validity))
        OR (upper_inf(NEW.validity) AND NOT upper_inf(OLD.validity))
        OR upper(NEW.validity) > upper(OLD.validity)
    THEN
        RAISE EXCEPTION 'directory version % is decided; its end can be set or brought forward, nothing else', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER directory_version_is_immutable BEFORE UPDATE OR DELETE ON matters_directoryversion
    FOR EACH ROW EXECUTE FUNCTION matters_directory_version_is_immutable();
"""
PERMIT = """
DROP TRIGGER directory_version_is_immutable ON matters_directoryversion;
DROP FUNCTION matters_directory_version_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0009_directory_changes")]

    operations = [
        migrations.RunSQL(FIRST, "DELETE FROM matters_directoryversion"),
        migrations.RunSQL(REFUSE, PERMIT),
    ]
