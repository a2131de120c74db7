"""The caller's own messages."""

from typing import Any

from rest_framework import generics, serializers

from support.accounts.api import api_actor
from support.notices.models import Notice, NoticeQuerySet


class NoticeShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    url = serializers.CharField(help_text="Path of the page it is about.")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class Notices(generics.ListAPIView[Notice]):
    """Unread first, then the newest."""

    audience = "member"
    serializer_class = NoticeShape
    queryset = Notice.objects.none()  # for the schema

    def get_queryset(self) -> NoticeQuerySet:
        return Notice.objects.visible_to(api_actor(self.request)).unread_first()
