"""The quote-marking editor: what the server answers it."""

import json

from articles import body as bodies
from articles.models import Edition, RelatedItem


def staff(user):
    user.is_staff = True
    user.save()
    return user


def test_stored_quotes_vanish_only_when_confirmed(world, client):
    edition = world.draft("Ferries run again", body=f"<p>{world.quote('The lake is ours', 'lakequote')}.</p>")
    client.force_login(staff(world.writer))
    path = f"/admin/articles/edition/{edition.pk}/change/"
    form = client.get(path).context["adminform"].form
    typed = {name: form.initial.get(name) or "" for name in form.fields if name != "topics"} | {
        "body": "<p>The lake is ours.</p>"
    }
    for prefix in ["related", "mentions", "placements", "attachments", "quotes"]:
        typed |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    refused = client.post(path, typed)
    assert refused.status_code == 200 and "The lake is ours" in str(refused.context["errors"])
    assert 'type="checkbox" name="without_quotes"' in refused.content.decode()
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body)
    confirmed = client.post(path, typed | {"without_quotes": "on"})
    assert confirmed.status_code == 302, confirmed.context["errors"]
    assert bodies.quotes(Edition.objects.get(pk=edition.pk).body) == []


def test_the_editor_asks_with_permission_only(world, client, django_user_model):
    nobody = django_user_model.objects.create_user("nobody", is_staff=True)
    client.force_login(nobody)
    assert client.get("/admin/articles/edition/speakers/?q=a").status_code == 403
    assert client.post("/admin/articles/edition/speakers/new/", {"name": "A Person"}).status_code == 403
    assert client.post("/admin/articles/edition/suggest/", "{}", content_type="text/plain").status_code == 403
    client.force_login(staff(world.writer))
    assert client.post("/admin/articles/edition/suggest/", "{}", content_type="text/plain").status_code == 400
    assert client.get("/admin/articles/edition/suggest/").status_code == 405


def test_who_is_asked_about_comes_with_every_office_of_the_day_that_was_typed(world, client):
    client.force_login(staff(world.writer))

    def told(**query):
        asked = {"uid": world.mara.uid, "on": "2024-03-01"} | query
        return client.get("/admin/articles/edition/speakers/", asked).json()

    then = told(said="2 May 2020", office=world.secretary_general.uid)
    assert then["said"] == "2020-05-02"
    assert then["results"][0]["offices"] == [[world.commissioner.uid, "Commissioner for Ferries, CL"]]
    assert then["offices"] == {world.secretary_general.uid: "Secretary-General, CL"}
    unread = told(said="the other day")
    assert unread["said"] is None and unread["results"][0]["office"] == "Secretary-General, CL"


def test_a_place_that_the_text_does_not_have_stays_until_another_is_chosen(world, client):
    edition = world.draft(body="<p>The lake &amp; its ice thaw early this year again.</p><p>“No.”</p>")
    RelatedItem.objects.create(edition=edition, label="Video", url="https://council.example/v", after_paragraph=7)
    client.force_login(staff(world.writer))
    formsets = client.get(f"/admin/articles/edition/{edition.pk}/change/").context["inline_admin_formsets"]
    [related] = [formset.formset for formset in formsets if formset.formset.prefix == "related"]
    place = related.forms[0]["after_paragraph"]
    assert [(option.data["value"], option.choice_label, option.data["selected"]) for option in place] == [
        ("", "At the end", False), (1, "The lake & its ice thaw early…", False), (2, "“No.”", False),
        ("7", "Paragraph 7, which is not there", True),
    ]  # fmt: skip


def test_a_suggestion_counts_as_the_browser_does(world, client):
    client.force_login(staff(world.writer))
    blocks = ["🚢🚢 sail.", f"🚢 “It is open,” said {world.mara.name}."]
    answer = client.post(
        "/admin/articles/edition/suggest/", json.dumps({"blocks": blocks, "on": ""}), content_type="application/json"
    ).json()
    [quote] = answer["quotes"]
    [[block, start, end]] = quote["places"]
    units = blocks[block].encode("utf-16-le")
    assert units[2 * start : 2 * end].decode("utf-16-le") in {"It is open", "It is open,"}
    assert quote["speaker"] == world.mara.uid and quote["evidence"]
