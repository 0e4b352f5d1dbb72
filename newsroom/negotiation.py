"""Which of its formats an address answers in: the one that `format` names, else the one its reader likes best."""

from django.http.request import MediaType
from rest_framework.negotiation import DefaultContentNegotiation

from people.api import Problem, misread


class Negotiation(DefaultContentNegotiation):
    """As RFC 9110, 12.5.1: the most specific range that fits a format tells how much it is liked, and what is refused
    there is not taken from a wider range. Among those liked equally the first wins, which is our own JSON."""

    def select_renderer(self, request, renderers, format_suffix=None):
        name = request.query_params.get("format") if len(renderers) > 1 else None
        if name is None:
            chosen = self.liked(renderers, request)
        else:
            chosen = self.named(renderers, name)
        return chosen, chosen.media_type

    def named(self, renderers, name):
        for renderer in renderers:
            if renderer.format == name:
                return renderer
        raise misread("format", "There is no such format here.", allowed=[renderer.format for renderer in renderers])

    def liked(self, renderers, request):
        ranges = [MediaType(token) for token in self.get_accept_list(request) or ["*/*"]]
        best = max(renderers, key=lambda renderer: liking(renderer.media_type, ranges))
        if not liking(best.media_type, ranges):
            kinds = [renderer.media_type for renderer in renderers]
            raise Problem("not_acceptable", "None of the accepted media types is to be had here.", 406, allowed=kinds)
        return best


def liking(media_type, ranges):
    """How much a media type is liked, from 0 to 1. Parameters of ours are nobody's concern."""
    main, sub = media_type.split("/")
    fitting = [one for one in ranges if one.main_type in ("*", main) and one.sub_type in ("*", sub)]
    best = max(fitting, key=lambda one: (one.specificity, one.quality), default=None)
    return best.quality if best and best.quality > 0 else 0  # "q=nan" is a number to Python
