from django.urls import path

from articles import quotations, takeaway, views

urlpatterns = [
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
    path("topics/", views.topic_list, name="topic-list"),
    path("topics/<path:path>/", views.topic, name="topic"),
]
