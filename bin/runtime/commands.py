"""How the portal's own processes are started: by the supervisor, and the same in containers."""

WEB = (
    "granian --interface wsgi portal.wsgi:application --no-ws --host {host} --port {port} --workers 2 "
    "--blocking-threads 4 --backlog 1024 --respawn-failed-workers --respawn-interval 1 "
    "--workers-kill-timeout 10"
)
WORKER = "celery -A portal worker --loglevel INFO --concurrency 2 --without-gossip --without-mingle"
BEAT = "celery -A portal beat --loglevel INFO --pidfile= --schedule {schedule}"


def commands(*, host: str, port: int, schedule: str) -> dict[str, list[str]]:
    """Arguments of each process by its name, to be run as Python modules."""
    filled = {"web": WEB.format(host=host, port=port), "worker": WORKER}
    # A path may have blanks in it.
    beat = [part.format(schedule=schedule) for part in BEAT.split()]
    return {name: text.split() for name, text in filled.items()} | {"beat": beat}
