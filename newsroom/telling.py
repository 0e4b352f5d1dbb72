"""Telling webhooks and the hub of the feeds that the record has changed: what `manage.py worker` does every few seconds
and `manage.py tell_partners` does when asked.

A round numbers what has become due (nobody else may have, when something scheduled goes live), and tells whoever does
not know the newest number. Rounds may overlap, be left out or be killed at any instant: what was not told is told by
the next.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import chain
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from articles.api import number_what_is_due
from articles.feeds import pushed
from articles.ledger import State
from newsroom import outside
from newsroom.webhooks import Hub, Webhook

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)
AT_ONCE = 8  # messages under way: one address that hangs delays the others by no more than its ten seconds
KEPT = timedelta(hours=1)  # what is known of rounds that were


def tell(now=None):
    """One round. Returns (told, failed)."""
    now = now or timezone.now()
    number_what_is_due(now)
    told = failed = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while listeners := due(state := State.objects.get(), now):
            mine = [listener for listener in listeners if listener.claim(now)]
            for listener, answer in zip(mine, pool.map(partial(sent, state), mine), strict=True):
                if isinstance(answer, outside.Failed):
                    listener.missed(answer, now)
                elif listener.answered(answer, state.cursor, now):
                    told += 1
                    continue
                failed += 1
                log.warning("%s %s was not told: %s", listener._meta.verbose_name, listener.pk, listener.last_error)
    return told, failed


def due(state, now):
    """The next few who know another place than the newest, and may be sent to again."""
    waiting = [Webhook.objects.listening()]
    if settings.WEBSUB_HUB:
        Hub.objects.get_or_create({"next_at": now}, url=settings.WEBSUB_HUB)
        waiting.append(Hub.objects.filter(url=settings.WEBSUB_HUB))
    rows = [rows.filter(next_at__lte=now).exclude(told=state.cursor).order_by("next_at")[:AT_ONCE] for rows in waiting]
    return [*chain(*rows)]


def sent(state, listener):
    """The status that was answered, or why there is none. Reads no table: it runs beside others."""
    try:
        return outside.post(listener.url, *(ping() if isinstance(listener, Hub) else listener.message(state)))
    except outside.Failed as error:
        return error


def ping():
    """What a WebSub hub is told: to fetch these feeds anew."""
    said = [("hub.mode", "publish"), *(("hub.url", url) for url in pushed())]
    return urlencode(said).encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def listens():
    """Whether there is anybody to tell."""
    return bool(settings.WEBSUB_HUB) or Webhook.objects.listening().exists()


# The worker


@task()
def tell_partners():
    """A round, for a worker. The next one is left for it before anything else is done, so that a worker that is killed
    meanwhile finds it."""
    now = timezone.now()
    go_on(now + EVERY)
    DBTaskResult.objects.filter(task_path=tell_partners.module_path, started_at__lt=now - KEPT).delete()
    told, failed = tell(now)
    return {"told": told, "failed": failed}


def go_on(at=None):
    """See to it that a round waits for a worker (from `at` on), while there is anybody to tell. Two may be left by two
    that ask at once; of two, only one leaves a next."""
    waiting = DBTaskResult.objects.filter(task_path=tell_partners.module_path, status=TaskResultStatus.READY)
    if listens() and not waiting.exists():
        tell_partners.using(run_after=at).enqueue()
