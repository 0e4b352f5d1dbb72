from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class ArticlesConfig(AppConfig):
    name = "articles"

    def ready(self):
        from articles import seal  # noqa: PLC0415 (models can be imported only once the apps are ready)

        pre_migrate.connect(seal.before_migrate, sender=self)
        post_migrate.connect(seal.after_migrate, sender=self)
