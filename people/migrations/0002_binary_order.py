"""On PostgreSQL, sort keys compare bytewise as they do on SQLite, whatever the database's own collation."""

from django.db import migrations

COLUMNS = [("people_organisation", "sort_key", 240), ("people_position", "sort_key", 240), ("people_person", "sort_key", 240)]


def bytewise(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, column, length in COLUMNS:
            schema_editor.execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({length}) COLLATE "C"')


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunPython(bytewise, migrations.RunPython.noop)]
