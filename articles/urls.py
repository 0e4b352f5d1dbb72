from django.urls import path

from articles import about, views

urlpatterns = [
    path("about/<slug:name>/", about.standing_page, name="standing-page"),
    path("articles/", views.article_list, name="article-list"),
    path("articles/<str:slug>/", views.article, name="article"),
    path("articles/<str:slug>/history/", views.history, name="history"),
    path("articles/<str:slug>/history/<int:number>/", views.edition, name="edition"),
    path("articles/<str:slug>/compare/<int:old>/<int:new>/", views.compare, name="compare"),
    path("quotes/", views.quote_list, name="quote-list"),
    path("quotes/<str:key>/", views.quote, name="quote"),
    path("topics/", views.topic_list, name="topic-list"),
    path("topics/<path:path>/", views.topic, name="topic"),
]
