"""What keeps the editors' lists quick in a large record: three indexes, and a search that never reads the whole table.

Where most texts hold a word, PostgreSQL preferred reading and parsing all of them to asking the index. A function that
says what parsing costs ends that; its search path keeps the planner from looking through it.
"""

from django.conf import settings
from django.db import migrations, models

STATEMENTS = [
    "CREATE FUNCTION edition_words(headline text, summary text, plain_text text) RETURNS tsvector LANGUAGE sql"
    " IMMUTABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog"
    " RETURN to_tsvector('simple'::regconfig, left(headline || ' ' || summary || ' ' || plain_text, 250000))",
    "DROP INDEX edition_words",
    "CREATE INDEX edition_words ON articles_edition USING gin (edition_words(headline, summary, plain_text))",
]
BACK = [
    "DROP INDEX edition_words",
    "DROP FUNCTION edition_words",
    "CREATE INDEX edition_words ON articles_edition USING gin"
    " (to_tsvector('simple', left(headline || ' ' || summary || ' ' || plain_text, 250000)))",
]


def forwards(apps, schema_editor):
    execute(schema_editor, STATEMENTS)


def backwards(apps, schema_editor):
    execute(schema_editor, BACK)


def execute(schema_editor, statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0008_history"),
        ("people", "0003_house"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="article", index=models.Index(fields=["language"], name="article_language")
        ),
        migrations.AddIndex(
            model_name="change", index=models.Index(fields=["uid", "-seq"], name="change_of")
        ),
        migrations.RunPython(forwards, backwards),
    ]
