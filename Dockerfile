# syntax=docker/dockerfile:1
# Two images from one tree: `portal` runs web, worker, beat and the commands; `nginx` has the static files.
# docs/running.md says how they are used.

FROM python:3.11-slim-bookworm AS python
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8
WORKDIR /app

# --- packages of Python, and what has to be compiled or collected --------------------------------
FROM python AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev gettext \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir 'uv>=0.8,<1'
ENV UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-group dev --no-group embedded
COPY . .
ENV PATH=/app/.venv/bin:$PATH PORTAL_STATIC=/app/collected
# The settings want secrets even to collect files; these stand in no image and open nothing.
RUN PYTHONPATH=bin python -c 'from runtime.messages import compile_messages; compile_messages()' \
    && PORTAL_MODE=demo SECRET_KEY=build FIELD_KEYS=build INDEX_KEY=build \
       DATABASE_URL=postgres://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1:1 \
       python manage.py collect_static \
    && python -m compileall -q applications certificates evaluations matters portal support

# --- pg_dump and pg_restore of the release that the database has ----------------------------------
FROM postgres:18-bookworm AS postgres
RUN mkdir -p /opt/postgresql/bin /opt/postgresql/lib \
    && cp /usr/lib/postgresql/18/bin/pg_dump /usr/lib/postgresql/18/bin/pg_restore /opt/postgresql/bin/ \
    && cp -L /usr/lib/"$(uname -m)"-linux-gnu/libpq.so.5 /opt/postgresql/lib/

# --- static files behind nginx ----------------------------------------------------------------------
FROM nginx:1.28-bookworm AS nginx
ENV NGINX_ENVSUBST_FILTER=^PORTAL_ NGINX_ENVSUBST_OUTPUT_DIR=/tmp \
    PORTAL_HTTP_PORT=80 PORTAL_HTTPS_PORT=443 PORTAL_TEMP=/tmp PORTAL_STATIC=/srv/static \
    PORTAL_CERTIFICATES=/etc/portal/certificates PORTAL_UPSTREAM=/etc/portal/upstream.conf
COPY deploy/nginx/nginx.conf.template /etc/nginx/templates/
COPY deploy/nginx/upstream.conf /etc/portal/upstream.conf
COPY --from=build /app/collected /srv/static
CMD ["nginx", "-c", "/tmp/nginx.conf", "-g", "daemon off;"]

# --- the portal -------------------------------------------------------------------------------------
FROM python AS portal
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
       libpq5 libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fontconfig \
    && rm -rf /var/lib/apt/lists/* \
    && fc-cache -f \
    && useradd --system --uid 10001 --home-dir /tmp --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal -m 0700 /data /data/files /backups
COPY --from=postgres /opt/postgresql /opt/postgresql
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp \
    PORTAL_MODE=production PORTAL_DATA=/data PORTAL_STATIC=/app/collected PORTAL_PG_TOOLS=/opt/postgresql
USER 10001
EXPOSE 8000
VOLUME ["/data"]
# For the web; the other services say for themselves how they are.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["python", "-m", "granian", "--interface", "wsgi", "portal.wsgi:application", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--backlog", "1024", "--respawn-failed-workers", "--respawn-interval", "1", "--workers-kill-timeout", "10"]
