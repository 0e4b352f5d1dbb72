from django.urls import path, re_path, register_converter

from articles import about, archive, corrections, feeds, quotations, searching, takeaway, views

register_converter(archive.Year, "yyyy")
register_converter(archive.TwoFigures, "two")

urlpatterns = [
    path("about/<slug:name>/", about.standing_page, name="standing-page"),
    path("articles/", views.article_list, name="article-list"),
    path("articles/<str:slug>/", views.article, name="article"),
    path("articles/<str:slug>/cite.<str:form>", takeaway.article_citation, name="article-citation"),
    path("articles/<str:slug>/card.png", takeaway.article_card, name="article-card"),
    path("articles/<str:slug>/history/", views.history, name="history"),
    path("articles/<str:slug>/history/<int:number>/", views.edition, name="edition"),
    path("articles/<str:slug>/compare/<int:old>/<int:new>/", views.compare, name="compare"),
    path("quotes/", views.quote_list, name="quote-list"),
    path("quotes/<str:key>/", quotations.quote, name="quote"),
    path("quotes/<str:key>/cite.<str:form>", takeaway.quote_citation, name="quote-citation"),
    path("quotes/<str:key>/card.png", takeaway.quote_card, name="quote-card"),
    path("search/", searching.results, name="search"),
    path("archive/", archive.newest_year, name="archive"),
    path("archive/<yyyy:year>/", archive.year, name="archive-year"),
    path("archive/<yyyy:year>/<two:month>/", archive.month, name="archive-month"),
    path("archive/<yyyy:year>/<two:month>/<two:day>/", archive.day, name="archive-day"),
    path("corrections/", corrections.log, name="corrections"),
    path("topics/", views.topic_list, name="topic-list"),
    path("topics/<path:path>/", views.topic, name="topic"),
    re_path(r"^feeds/articles\.(?P<form>atom|json)\Z", feeds.articles, name="articles-feed"),
    re_path(r"^feeds/quotes\.(?P<form>atom|json)\Z", feeds.quotes, name="quotes-feed"),
    re_path(r"^feeds/corrections\.(?P<form>atom|json)\Z", feeds.corrections, name="corrections-feed"),
    re_path(r"^feeds/people/(?P<slug>[^/]+)\.(?P<form>atom|json)\Z", feeds.person, name="person-feed"),
    re_path(r"^feeds/topics/(?P<path>.+)\.(?P<form>atom|json)\Z", feeds.topic, name="topic-feed"),
]
