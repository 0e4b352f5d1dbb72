"""What holds for the whole admin: nothing is deleted in bulk."""

from django.contrib import admin

admin.site.disable_action("delete_selected")
