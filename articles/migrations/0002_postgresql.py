"""What only PostgreSQL needs: no two intervals of one article overlap, and paths compare bytewise as on SQLite.

Not in `Meta`, where SQLite would refuse it; there a trigger of `articles.seal` says the same.
"""

from django.db import migrations

STATEMENTS = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "ALTER TABLE articles_edition ADD CONSTRAINT edition_intervals_apart EXCLUDE USING gist"
    " (article_id WITH =, tstzrange(live_from, live_until) WITH &&) WHERE (live_from IS NOT NULL)",
    'ALTER TABLE articles_topic ALTER COLUMN path TYPE varchar(400) COLLATE "C"',
]


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in STATEMENTS:
            schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE articles_edition DROP CONSTRAINT edition_intervals_apart")


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
