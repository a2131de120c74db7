"""Shapes of the API of accounts."""

from typing import Any

from rest_framework import serializers


class Credentials(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(trim_whitespace=False, max_length=1024, write_only=True)


class Token(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="To be sent as `Authorization: Token …`.")
    expiry = serializers.DateTimeField()


class HatShape(serializers.Serializer[Any]):
    value = serializers.CharField(help_text="For the header X-Acting-As.")
    label = serializers.CharField()  # type: ignore[assignment]


class MaskedParty(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    name = serializers.CharField()
    number = serializers.CharField(help_text="First and last character only.")
    phone = serializers.CharField(help_text="First three and last four digits only.")


class Me(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="citizen, company or officer")
    name = serializers.CharField()
    party = MaskedParty(allow_null=True)
    hat = serializers.CharField()
    hats = HatShape(many=True)
