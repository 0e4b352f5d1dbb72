"""The admin site, apart from admin.py: a site class beside @admin.register in one module loses the registration."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.shortcuts import redirect


class NewsroomAdminSite(admin.AdminSite):
    enable_nav_sidebar = False
    site_title = settings.INSTITUTION["name"]
    site_header = settings.INSTITUTION["name"]
    index_title = "My desk"

    def each_context(self, request):
        return super().each_context(request) | {"second_factor_is_required": settings.REQUIRE_SECOND_FACTOR}

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        return redirect("mfa_index")


class NewsroomAdminConfig(AdminConfig):
    default_site = "newsroom.admin_site.NewsroomAdminSite"
