"""What is typed: a term as people say it, and the catalogue's words for it."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matters.actions import may_be_kept
from matters.models import SearchEntry
from matters.scripts import fold, runs
from matters.search import exactly
from support.records.actor import Actor

MOST = 8
LONGEST = 60
_BETWEEN = re.compile(r"[\n、,，;；]+")


def read_words(text: str) -> list[str]:
    """One word a line, or separated by 、 or commas; folded, each once."""
    return list(dict.fromkeys(filter(None, map(fold, _BETWEEN.split(text)))))


class WordForm(forms.Form):
    """`term` is fixed where a row is changed; `revision` says which one was read."""

    term = forms.CharField(
        label=gettext_lazy("人们的说法"),
        max_length=LONGEST,
        help_text=gettext_lazy("群众搜索时会用的词，例如：开餐馆。读音和繁体不用另写。"),
        error_messages={"required": gettext_lazy("请填写人们的说法")},
    )
    words = forms.CharField(
        label=gettext_lazy("目录里的用词"),
        max_length=(LONGEST + 2) * MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("办事指南里的词，每行一个，例如：食品经营许可。"),
        error_messages={"required": gettext_lazy("请填写目录里的用词")},
    )
    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, actor: Actor, now: dt.datetime, fixed: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.now = actor, now
        self.fields["term"].disabled = fixed

    def clean_term(self) -> str:
        term = fold(self.cleaned_data["term"])
        if not any(len(run) > 1 for run, _cjk in runs(term)):
            raise forms.ValidationError(_("人们的说法至少要有两个字"))
        if not self.fields["term"].disabled and not may_be_kept(term):
            raise forms.ValidationError(_("人们的说法不超过 20 个字，不能含号码或邮箱"))
        return term

    def clean_words(self) -> list[str]:
        words = read_words(self.cleaned_data["words"])
        if not words:
            raise forms.ValidationError(_("请填写目录里的用词"))
        if len(words) > MOST:
            raise forms.ValidationError(_("最多填写 %(most)d 个词") % {"most": MOST})
        for word in words:
            if len(word) > LONGEST or not any(len(run) > 1 for run, _cjk in runs(word)):
                raise forms.ValidationError(
                    _("“%(word)s”应为 2 至 %(most)d 个字") % {"word": word[:LONGEST], "most": LONGEST}
                )
            if not self._is_found(word):
                raise forms.ValidationError(
                    _("现行办事指南里没有“%(word)s”，这样写什么也找不到") % {"word": word}
                )
        return words

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("term") in given.get("words", []):
            self.add_error("words", _("目录里的用词不能就是人们的说法"))
        return given

    def _is_found(self, word: str) -> bool:
        match = exactly([word])
        rows = SearchEntry.objects.visible_to(self.actor).in_force(self.now)
        return match is not None and rows.filter(match.hit).exists()
