from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class NewsroomConfig(AppConfig):
    name = "newsroom"


class NewsroomAdminConfig(AdminConfig):
    """Not beside the site class: that one reads models, which apps are not ready for when they are configured."""

    default_site = "newsroom.admin_site.NewsroomAdminSite"
