"""Partners and the hub told that the record has changed, without a worker: from a timer, or going on by itself."""

import time

from django.core.management.base import BaseCommand, CommandError

from newsroom import telling


class Command(BaseCommand):
    help = (
        "Tell webhooks and the hub of the feeds how far the record has come. It may run beside a worker and beside "
        "itself: each message is sent by one. Exits 1 when somebody could not be told; they are tried again later."
    )

    def add_arguments(self, parser):
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on for ever, looking so often")

    def handle(self, *, every, **options):
        while True:
            told, failed = telling.tell()
            if told or failed or not every:
                self.stdout.write(f"{told} told, {failed} not.")
            if not every:
                break
            time.sleep(every)
        if failed:
            raise CommandError("Those who were not told are tried again by later runs.")
