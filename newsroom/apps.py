from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


class NewsroomConfig(AppConfig):
    name = "newsroom"

    def ready(self):
        from newsroom import roles  # noqa: PLC0415 (models can be imported only once the apps are ready)

        post_migrate.connect(roles.after_migrate, sender=self)


class NewsroomAdminConfig(AdminConfig):
    """Not beside the site class: that one reads models, which apps are not ready for when they are configured."""

    default_site = "newsroom.admin_site.NewsroomAdminSite"
