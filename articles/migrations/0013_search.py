"""The full-text index (articles/search.py), in the place of the one that only the editors' search on PostgreSQL had;
and the log of corrections in the order of an index."""

from django.db import migrations, models

from articles import search

TABLE = {
    "sqlite": ["CREATE VIRTUAL TABLE articles_words USING fts5(words, tokenize = \"ascii tokenchars '_'\")"],
    "postgresql": [
        "DROP INDEX edition_words",
        "CREATE TABLE articles_words (id bigint PRIMARY KEY, words tsvector NOT NULL) WITH (toast_tuple_target = 8160)",
        # Not compressed, and beside its row as long as it fits: a common word reads thousands of them.
        "ALTER TABLE articles_words ALTER COLUMN words SET STORAGE EXTERNAL",
        "CREATE INDEX articles_words_found ON articles_words USING gin (words)",
    ],
}
FORMER = (
    "CREATE INDEX edition_words ON articles_edition USING gin"
    " (to_tsvector('simple', left(headline || ' ' || summary || ' ' || plain_text, 250000)))"
)


def forwards(apps, schema_editor):
    for statement in TABLE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
    editions = apps.get_model("articles", "Edition").objects.exclude(headline="", withheld=True)  # that is: erased
    editions = editions.prefetch_related("quotes")
    search.store(document(edition) for edition in editions.order_by("id").iterator(chunk_size=500))


def document(edition):
    quotes = tuple(quote.text for quote in edition.quotes.all())
    return search.Document(
        edition.pk, edition.sorted_at, edition.headline, edition.summary, edition.plain_text, quotes
    )  # fmt: skip


def backwards(apps, schema_editor):
    schema_editor.execute("DROP TABLE articles_words")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORMER)


class Migration(migrations.Migration):
    dependencies = [("articles", "0012_newest_covers")]
    operations = [
        migrations.RemoveIndex("edition", "edition_corrected"),
        migrations.AddIndex(
            "edition",
            models.Index(
                condition=models.Q(("change_class", "correction")), fields=["-live_from", "-id"], name="edition_corrected"
            ),
        ),
        migrations.RunPython(forwards, backwards),
    ]
