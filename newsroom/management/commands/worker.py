"""What is done beside the web process: django-tasks-db's worker, which begins by seeing to its own rounds."""

from django_tasks_db.management.commands import db_worker

from newsroom import telling


class Command(db_worker.Command):
    help = "Do what waits to be done beside the web process, such as telling partners of changes, until it is stopped."

    def handle(self, **options):
        telling.go_on()  # the one before may have been killed between taking a round and leaving the next
        super().handle(**options)
