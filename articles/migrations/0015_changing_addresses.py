"""On PostgreSQL, whoever renames keeps nobody waiting who refers to the renamed.

A column that a whole unique index covers is a key there: a change of it locks the row against the foreign keys of
others, which are checked when their transaction ends, with the stamp already theirs. The one who renames waits for the
stamp in turn, and one of the two is undone. A partial index makes no key of its columns.
"""

from django.db import migrations

COLUMNS = [
    ("articles_article", "slug"),
    ("articles_topic", "path"),
    ("people_organisation", "slug"),
    ("people_person", "slug"),
]


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, column in COLUMNS:
            name = f"{table}_{column}_key"
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            schema_editor.execute(f"CREATE UNIQUE INDEX {name} ON {table} ({column}) WHERE {column} IS NOT NULL")


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, column in COLUMNS:
            name = f"{table}_{column}_key"
            schema_editor.execute(f"DROP INDEX {name}")
            schema_editor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE ({column})")


class Migration(migrations.Migration):
    dependencies = [("articles", "0014_embargo"), ("people", "0004_person_by_name")]
    operations = [migrations.RunPython(forwards, backwards)]
