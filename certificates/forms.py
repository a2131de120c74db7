from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class VerifyForm(forms.Form):
    """A file that somebody wants judged."""

    file = forms.FileField(
        label=gettext_lazy("要核验的 PDF 文件"),
        help_text=gettext_lazy("下载的电子证照或文书原件。文件只用来核验，不会保存。"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={
            "required": gettext_lazy("请选择要核验的 PDF 文件"),
            "missing": gettext_lazy("请选择要核验的 PDF 文件"),
            "empty": gettext_lazy("文件是空的，请重新选择"),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise forms.ValidationError(_("文件超过 %(limit)s MB，不是本平台签发的文件") % {"limit": limit})
        return file
