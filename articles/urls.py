from django.urls import path, register_converter

from articles import archive, corrections, searching, views

register_converter(archive.Year, "yyyy")
register_converter(archive.TwoFigures, "two")

urlpatterns = [
    path("articles/", views.article_list, name="article-list"),
    path("articles/<str:slug>/", views.article, name="article"),
    path("articles/<str:slug>/history/", views.history, name="history"),
    path("articles/<str:slug>/history/<int:number>/", views.edition, name="edition"),
    path("articles/<str:slug>/compare/<int:old>/<int:new>/", views.compare, name="compare"),
    path("quotes/", views.quote_list, name="quote-list"),
    path("quotes/<str:key>/", views.quote, name="quote"),
    path("search/", searching.results, name="search"),
    path("archive/", archive.newest_year, name="archive"),
    path("archive/<yyyy:year>/", archive.year, name="archive-year"),
    path("archive/<yyyy:year>/<two:month>/", archive.month, name="archive-month"),
    path("archive/<yyyy:year>/<two:month>/<two:day>/", archive.day, name="archive-day"),
    path("corrections/", corrections.log, name="corrections"),
    path("topics/", views.topic_list, name="topic-list"),
    path("topics/<path:path>/", views.topic, name="topic"),
]
