"""What the reader makes of a release, without writing anything."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from articles import imports
from articles.releases import Registry, UnreadableRelease, open_release, read


class Command(BaseCommand):
    help = (
        "Read press releases and show what is proposed. Never writes. With --json one object a line for each file, "
        'in order; {"file", "error"} for one that cannot be read, and the exit code is then 1.'
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument("--repair", action="store_true", help="read it with damaged characters repaired first")
        parser.add_argument(
            "--registry", type=Path, metavar="FILE",
            help="a JSON list of {name, position, organisation, aliases, since, until}, used instead of the database",
        )  # fmt: skip

    def handle(self, *args, files, registry, **options):
        registry = self.registry_in(registry) if registry else self.register()
        failed = 0
        for path in files:
            try:
                proposal = read(open_release(imports.contents(path), options["repair"]), registry, path.name)
            except UnreadableRelease as error:
                failed += 1
                self.stderr.write(f"{path.name}: {error}")
                if options["json"]:
                    self.say_json({"file": path.name, "error": str(error)})
                continue
            if options["json"]:
                self.say_json(proposal.to_json())
            else:
                self.stdout.write("\n".join(summary(proposal)) + "\n")
        if failed:
            raise CommandError(f"{failed} of {len(files)} files cannot be read.")

    def register(self):
        try:
            return imports.Register().reader
        except DatabaseError as error:  # reading a release needs no migrated database
            self.stderr.write(f"Read without the register of people: {error}")
            return Registry()

    def registry_in(self, path):
        try:
            return Registry.from_json(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise CommandError(f"The registry {path} is no JSON list of people: {error}") from None

    def say_json(self, facts):
        self.stdout.write(json.dumps(facts, ensure_ascii=False))


def summary(proposal):
    """A proposal in a few lines for a reader at a terminal."""
    yield f"{proposal.file}: {proposal.title or 'no title'}"
    yield f"  dated {proposal.dated or '?'}, updated {proposal.last_updated or '–'}, place {proposal.place or '?'}"
    for person in proposal.people:
        yield f"  named: {person.name}{f', {person.office}' if person.office else ''}"
    for quote in proposal.quotes:
        speaker = quote.speaker or (f"({quote.source})" if quote.source else "nobody settled")
        yield f"  {speaker}, {quote.confidence:.2f}: “{' … '.join(quote.segments)}”"
    for item in proposal.related:
        yield f"  after paragraph {item.after_paragraph}: {item.label}{f' <{item.url}>' if item.url else ''}"
    for problem in proposal.problems:
        yield f"  to decide: {problem}"
