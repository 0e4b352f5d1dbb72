from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from articles import previews
from newsroom import directory, views

handler404 = "articles.pages.not_found"

urlpatterns = [
    path("admin/account/", include("newsroom.access_urls")),
    path("admin/", admin.site.urls),
    path("media/<path:name>", views.media, name="media"),
    path("preview/<str:token>/", previews.shared, name="shared"),
    path("preview/<str:token>/files/<path:signed>", previews.shared_file, name="shared-file"),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("robots.txt", views.robots),
    path("favicon.ico", views.favicon),
    path("", include("newsroom.api_urls")),
    *i18n_patterns(
        path("", views.home, name="home"),
        path("people/", directory.person_list, name="person-list"),
        path("people/<str:slug>/", views.person, name="person"),
        path("organisations/<str:slug>/", directory.organisation, name="organisation"),
        path("", include("articles.urls")),
        prefix_default_language=False,
    ),
]
