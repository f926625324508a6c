"""What the lists of the admin cost with much in them: `python -m bench.admin_lists --make`, then `--measure`.

On PostgreSQL in `DATABASE_URL`, after `python -m django migrate --settings bench.admin_settings`. Each page is opened
over Django's test client, all of its middleware and templates included: the statements it ran, and the median of five.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import django

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5


def pages() -> Iterator[tuple[str, str]]:
    """Each list as it opens, and as people search, filter and leaf through it; the page of the largest client."""
    from django.utils import timezone  # noqa: PLC0415  # Django is set up by then

    from oauth_provider.models import AuditEvent, Client, Grant  # noqa: PLC0415

    largest = Client.objects.get(application__client_id="c_bench00000000")
    # The further behind, the smaller (see `admin_data`).
    behind = largest.pk + Client.objects.count() // 2
    grant = Grant.objects.filter(client_id__gt=behind).select_related("user", "client__application").earliest("pk")
    small = grant.client
    event = AuditEvent.objects.filter(client_id=small.client_id).first() or AuditEvent.objects.earliest("pk")
    week = quote((timezone.now() - timedelta(days=7)).isoformat())
    lists = {
        "client": {
            "": "",
            "page 200": "p=200",
            "search, a word of the name": "q=Calendar",
            "search, client id": f"q={small.client_id}",
            "filter, suspended": "status__exact=suspended",
        },
        "grant": {
            "": "",
            "last page": "p=200",
            "search, user": f"q={grant.user.get_username()}",
            "search, client id": f"q={largest.client_id}",
            "search, nothing found": "q=nobody",
            "filter, live": "state=live",
            "filter, ended": "state=ended",
            "filter, since a week": f"created_at__gte={week}",
            "filter, largest client": f"client__id__exact={largest.pk}",
            "filter, small client": f"client__id__exact={small.pk}",
            "order, oldest first": "o=4",
        },
        "consent": {
            "": "",
            "last page": "p=200",
            "search, user": f"q={grant.user.get_username()}",
            "search, client id": f"q={largest.client_id}",
            "filter, live": "state=live",
            "filter, ended": "state=ended",
            "filter, small client": f"client__id__exact={small.pk}",
        },
        "auditevent": {
            "": "",
            "last page": "p=200",
            "search, client id": f"q={largest.client_id}",
            "search, request id": f"q={event.request_id}",
            "filter, token refused": "event__exact=token_refused",
        },
        "signingkey": {"": ""},
    }
    for model, queries in lists.items():
        for title, query in queries.items():
            yield f"{model}s{', ' if title else ''}{title}", f"/admin/oauth_provider/{model}/?{query}"
    yield "page of the largest client", f"/admin/oauth_provider/client/{largest.pk}/change/"
    for tab in ("secrets", "redirect-uris", "scopes", "grants", "events"):
        yield f"page of the largest client, {tab}", f"/admin/oauth_provider/client/{largest.pk}/{tab}/"
    yield "page of a small client", f"/admin/oauth_provider/client/{small.pk}/change/"
    for period in ("24h", "7d", "30d"):
        yield f"dashboard, {period}, computed", f"/admin/oauth_provider/client/dashboard/?period={period}"


def measure(*, explain: str = "") -> None:
    """Print statements and median milliseconds of each page; with `explain`, each statement of the pages named so."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.core.cache import cache  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client as Browser  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from bench.admin_data import STAFF  # noqa: PLC0415

    browser = Browser(HTTP_HOST="localhost")
    browser.force_login(get_user_model()._default_manager.get(username=STAFF))
    browser.get("/admin/")
    say(f"{'page':<44} {'statements':>10} {'ms':>7} {'busy ms':>7}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    for title, address in pages():
        taken, busy, count = [], [], 0
        for _ in range(ROUNDS + 1):
            cache.clear()
            with CaptureQueriesContext(connection) as captured:
                begin, begin_busy = time.perf_counter(), _busy(backend)
                answer = browser.get(address)
                taken.append((time.perf_counter() - begin) * 1000)
                busy.append((_busy(backend) - begin_busy) * 1000)
            count = len(captured)
        # The first one compiles templates.
        numbers = f"{statistics.median(taken[1:]):>7.0f} {statistics.median(busy[1:]):>7.0f}"
        # A page that is not there (fewer rows were made) is told, not measured.
        say(f"{title:<44} {count:>10} {numbers}" if answer.status_code == HTTPStatus.OK else f"{title:<44} none")
        if explain and explain in title:
            _explain(captured.captured_queries)


def _busy(backend: int) -> float:
    """Seconds this process and its PostgreSQL backend have computed: what a page costs, however busy the machine."""
    try:
        of_backend = int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9
    except OSError:  # PostgreSQL on another machine, or no Linux
        of_backend = 0.0
    return time.process_time() + of_backend


def _explain(queries: list[dict[str, Any]]) -> None:
    for query in sorted(queries, key=lambda query: -float(query["time"]))[:3]:
        say(f"    {query['time']} s  {query['sql'][:2000]}")


def say(line: str) -> None:
    """Print a line now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Make the data, measure the pages, or both."""
    parser = argparse.ArgumentParser(prog="python -m bench.admin_lists", description=__doc__)
    parser.add_argument("--make", action="store_true", help="fill the database")
    parser.add_argument("--measure", action="store_true", help="open every list")
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--grants", type=int, default=1_000_000)
    parser.add_argument("--consents", type=int, default=250_000)
    parser.add_argument("--events", type=int, default=1_000_000, help="audit events within 30 days; 0 makes none")
    parser.add_argument("--explain", default="", metavar="PAGE", help="show the slowest statements of these pages")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.admin_settings")
    django.setup()
    if given.make:
        from bench import admin_data  # noqa: PLC0415

        numbers = {name: getattr(given, name) for name in ("clients", "grants", "consents", "events")}
        admin_data.make(**numbers, say=say)
    if given.measure:
        measure(explain=given.explain)


if __name__ == "__main__":
    main()
