from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from articles import embedding, previews, sitemaps
from newsroom import directory, views, wellknown

handler404 = "articles.pages.not_found"

urlpatterns = [
    path("admin/account/", include("newsroom.access_urls")),
    path("admin/", admin.site.urls),
    path("media/<path:name>", views.media, name="media"),
    path("preview/<str:token>/", previews.shared, name="shared"),
    path("preview/<str:token>/files/<path:signed>", previews.shared_file, name="shared-file"),
    path("oembed", embedding.oembed, name="oembed"),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("robots.txt", views.robots),
    path("sitemap.xml", sitemaps.index),
    path("sitemap-news.xml", sitemaps.news),
    path("sitemap-<str:name>.xml", sitemaps.section, name="sitemap"),
    path("favicon.ico", views.favicon),
    path("manifest.webmanifest", wellknown.manifest, name="manifest"),
    path(".well-known/security.txt", wellknown.security_txt, name="security-txt"),
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
