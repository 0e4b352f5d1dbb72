"""The editor's first page in a real browser: the clock runs, and its words stand without a script."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import sign_in

pytestmark = pytest.mark.any_database  # how pages look and read


@pytest.mark.parametrize("javascript", [True, False])
def test_the_countdown_runs_and_says_the_same_without_a_script(visit, open_world, javascript):
    soon = timezone.now() + timedelta(minutes=17, seconds=30)
    open_world.ready("Due").schedule(open_world.publisher, soon)
    page = sign_in(lambda path: visit(path, javascript), open_world.editor, "/admin/")
    clock = page.locator(".due time")
    expect(clock).to_have_text(re.compile(r"^in 1[67] min \d+ s$"))
    before = clock.text_content()
    if javascript:
        expect(clock).not_to_have_text(before)
    else:
        page.wait_for_timeout(1500)
        assert clock.text_content() == before
