"""What keeps the editors' lists quick in a large record: two indexes."""

from django.conf import settings
from django.db import migrations, models


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
    ]
