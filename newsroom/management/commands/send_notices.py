"""The mails that editors chose, for a timer: `manage.py send_notices` every few minutes."""

from django.core.management.base import BaseCommand, CommandError

from newsroom import notices


class Command(BaseCommand):
    help = (
        "Send the e-mails that editors chose to get: returned, approved, going live soon, to countersign. Each is "
        "sent once, however often and wherever this runs; run it every few minutes. Exits 1 when a mail was not sent."
    )

    def handle(self, **options):
        if not notices.is_configured():
            raise CommandError("There is no way to send mail: give the mail server's name in EMAIL_HOST.")
        sent, failed = notices.send()
        self.stdout.write(f"{sent} sent.")
        if failed:
            raise CommandError(f"{failed} could not be sent; they will be tried again by the next run.")
