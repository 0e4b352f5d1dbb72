"""The admin site, apart from admin.py: a site class beside @admin.register in one module loses the registration."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class NewsroomAdminSite(admin.AdminSite):
    enable_nav_sidebar = False
    site_title = settings.INSTITUTION["name"]
    site_header = settings.INSTITUTION["name"]
    index_title = "My desk"


class NewsroomAdminConfig(AdminConfig):
    default_site = "newsroom.admin_site.NewsroomAdminSite"
