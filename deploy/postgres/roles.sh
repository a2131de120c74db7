#!/bin/sh
# The role that owns the database and migrates, and the role of the application without those powers. Run once,
# by the image of PostgreSQL when it has made the cluster; may be run again, e.g. after changing a password.
set -eu
: "${OWNER_PASSWORD:?}" "${APP_PASSWORD:?}"
psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
SELECT 'CREATE ROLE ' || name FROM (VALUES ('portal_owner'), ('portal_app')) AS needed (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE portal_owner LOGIN NOSUPERUSER PASSWORD :'owner_password';
ALTER ROLE portal_app LOGIN NOSUPERUSER PASSWORD :'app_password';
SELECT 'CREATE DATABASE portal OWNER portal_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'portal') \gexec
REVOKE ALL ON DATABASE portal FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE portal TO portal_app;
SQL
