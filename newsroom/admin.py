"""What holds for the whole admin: nothing is deleted in bulk, and accounts are looked after here.

Who signs in goes through allauth's pages; its own admin pages would show the secrets of second factors."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_tasks_db.models import DBTaskResult

from newsroom import partner_pages, webhook_admin  # noqa: F401 (register what they show)
from newsroom.access import FACTORS, end_sessions, forget_second_factor

admin.site.disable_action("delete_selected")
admin.site.login = secure_admin_login(admin.site.login)
admin.site.unregister([EmailAddress, Authenticator, DBTaskResult, User, Group])


@admin.register(User)
class AccountAdmin(UserAdmin):
    list_display = ["username", "first_name", "last_name", "email", "is_staff", "is_active", "second_factor"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []  # axe: the two boxes it makes of a field have no names
    actions = ["forget"]

    def get_queryset(self, request):
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        return super().get_queryset(request).annotate(has_factor=Exists(factors))

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            end_sessions(obj)

    def has_delete_permission(self, request, obj=None):
        """Whoever leaves is made inactive: the record names its hands for ever."""
        return False

    @admin.display(description=_("second factor"), boolean=True, ordering="has_factor")
    def second_factor(self, user):
        return user.has_factor

    @admin.action(description=_("Remove a lost second factor and sign out everywhere"), permissions=["change"])
    def forget(self, request, queryset):
        for user in queryset:
            forget_second_factor(user)
            self.log_change(request, user, _("The second factor was removed."))
        done = ngettext("%d person signs in with the password alone now.",
                        "%d people sign in with the password alone now.", len(queryset))  # fmt: skip
        self.message_user(request, done % len(queryset), messages.SUCCESS)


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    filter_horizontal = []
