"""What a person gives at sign-up beyond e-mail and password."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from tenants.models import User


class SignupForm(forms.Form):
    """Base of allauth's forms of sign-up, headless ones too."""

    full_name = forms.CharField(max_length=200)

    def clean_full_name(self) -> str:
        """On one line: a name is printed in e-mails."""
        return " ".join(str(self.cleaned_data["full_name"]).split())

    def signup(self, request: HttpRequest, user: User) -> None:
        """allauth calls it for the user it has just made."""
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])
