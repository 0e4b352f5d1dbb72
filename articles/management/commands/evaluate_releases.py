"""How well the reader of releases does on a labelled set."""

import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from articles.releases import Registry
from articles.releases.evaluation import Evaluation, shared_registry, table


class Command(BaseCommand):
    help = (
        "Read the texts of a labelled set (JSON lines; each text lies beside it) and print how many quotations and "
        "speakers are right, per language, kind and attribution, and every miss. Never writes. The registry is that "
        "of all people in the labels, unless another or none is asked for."
    )

    def add_arguments(self, parser):
        parser.add_argument("labels", type=Path, metavar="LABELS.jsonl")
        parser.add_argument("--json", action="store_true", help="the figures and misses as one JSON object")
        parser.add_argument("--no-registry", action="store_true", help="read as a newsroom that knows nobody yet")

    def handle(self, *args, labels, no_registry, **options):
        labelled = labels_in(labels)
        evaluation = Evaluation(Registry() if no_registry else shared_registry(labelled))
        took = []
        for label in labelled:
            try:
                text = (labels.parent / label["file"]).read_bytes().decode("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"The text {label['file']} beside the labels cannot be read: {error}") from None
            began = time.perf_counter()
            evaluation.add(text, label)
            took.append(1000 * (time.perf_counter() - began))
        took.sort()
        figures = evaluation.figures() | {"median_ms": took[len(took) // 2], "slowest_ms": took[-1]}
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1))
            return
        self.stdout.write("\n".join(table(figures)))
        self.stdout.write(f"median {took[len(took) // 2]:.1f} ms a text, slowest {took[-1]:.1f} ms")


def labels_in(path):
    """The labels of a file; CommandError names the line that is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The labels {path} cannot be read: {error}") from None
    labelled = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            label = json.loads(line)
            for key in ("file", "lang", "quotes"):
                label[key]
            for quote in label["quotes"]:
                quote["speaker"], quote["kind"], list(quote["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"Line {number} of {path} is no label (file, lang, quotes …): {error!r}") from None
        labelled.append(label)
    if not labelled:
        raise CommandError(f"{path} holds no labels.")
    return labelled
