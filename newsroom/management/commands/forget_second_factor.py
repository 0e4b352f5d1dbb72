"""For whoever lost their second factor and the recovery codes: `manage.py forget_second_factor USERNAME`."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from newsroom.access import forget_second_factor


class Command(BaseCommand):
    help = "Remove a lost second factor, recovery codes and all, and sign the person out everywhere."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account “{username}”.")
        forget_second_factor(user)
        self.stdout.write(f"{username} signs in with the password alone now, and sets up a new second factor.")
