"""Every component of the interface with samples, for the team and the browser tests; not in production."""

import datetime as dt

import segno
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from support.accounts.access import audience
from support.accounts.fields import DatePartsField, IdNumberField, PersonNameField, PhoneField


class SampleForm(forms.Form):
    name = PersonNameField(label=_("负责人姓名"), initial="张三", disabled=True)
    number = IdNumberField(help_text=_("18 位，最后一位可以是字母 X"))
    opening = DatePartsField(label=_("计划开业日期"))
    tenure = forms.ChoiceField(
        label=_("房屋性质"),
        choices=[("own", _("自有")), ("rent", _("租赁"))],
        error_messages={"required": _("请选择房屋性质")},
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=_("主体业态"),
        choices=[("", _("请选择")), ("s", _("食品销售经营者")), ("c", _("餐饮服务经营者"))],
        help_text=_("按主要经营项目选择一项"),
        error_messages={"required": _("请选择主体业态")},
    )
    scope = forms.MultipleChoiceField(
        label=_("经营项目"),
        choices=[("hot", _("热食类食品制售")), ("cold", _("冷食类食品制售")), ("drink", _("自制饮品制售"))],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一个经营项目")},
    )
    phone = PhoneField(required=False)
    remark = forms.CharField(label=_("补充说明"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    promise = forms.BooleanField(
        label=_("我已阅读并同意《告知承诺书》，对所填内容的真实性负责"),
        error_messages={"required": _("请阅读告知承诺书并勾选同意")},
    )


class SampleRating(forms.Form):
    level = forms.ChoiceField(
        label=_("您对这次办理满意吗？"),
        choices=[
            ("5", _("非常满意")),
            ("4", _("满意")),
            ("3", _("基本满意")),
            ("2", _("不满意")),
            ("1", _("非常不满意")),
        ],
        widget=forms.RadioSelect,
    )


WRONG = {
    "number": "64010119900101001",
    "opening_year": "2026",
    "opening_month": "12",
    "opening_day": "",
    "tenure": "own",
}
STEPS = [_("告知"), _("申请人"), _("经营场所"), _("申请材料"), _("核对提交")]


@audience("public")
def gallery(request: HttpRequest) -> HttpResponse:
    """All components but the whole pages below, one after the other."""
    return render(
        request,
        "components/gallery.html",
        {
            "rating": SampleRating(),
            "facts": [
                (_("承诺办结"), _("5 个工作日")),
                (_("法定办结"), _("20 个工作日")),
                (_("到现场次数"), _("0 次")),
                (_("收费"), _("不收费")),
            ],
            "figures": [
                {"name": _("本月受理"), "value": "1,284", "unit": _("件"), "words": _("按受理时间统计")},
                {"name": _("按时办结率"), "value": "99.2", "unit": "%", "words": _("已办结且未超期")},
                {"name": _("好评率"), "value": "97.8", "unit": "%", "words": _("基本满意及以上")},
                {"name": _("平均用时"), "value": "3.4", "unit": _("工作日"), "words": _("不含暂停时间")},
            ],
            "events": _events(),
            "materials": _materials(),
            "themes": [
                _("新生儿出生"),
                _("开办餐馆"),
                _("企业开办"),
                _("退休"),
                _("公民身后"),
                _("二手房转移登记"),
            ],
            "steps": STEPS,
            "rows": _answers(),
        },
    )


@audience("public")
def done(request: HttpRequest) -> HttpResponse:
    """What a person sees after sending an application."""
    code = segno.make("https://example.org/c/NX20261123000128").svg_inline(omitsize=True)
    return render(
        request,
        "components/gallery_done.html",
        {
            "facts": [
                (_("收到时间"), "2026-11-23 14:32"),
                (_("最迟决定是否受理"), _("2026 年 11 月 30 日")),
                (_("如受理，最迟作出决定"), _("2026 年 12 月 28 日")),
            ],
            "qr": mark_safe(code),  # noqa: S308
        },
    )


@audience("public")
def form(request: HttpRequest) -> HttpResponse:
    """One step of the wizard as it comes back with errors; `?new` as it is first shown."""
    if request.headers.get("X-Requested-With") == "autosave":
        return HttpResponse(_("刚刚已保存。草稿保留 30 天。"))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "components/upload.html", _slot(request))
    sample = SampleForm() if "new" in request.GET else SampleForm(request.POST or WRONG)
    missing = [] if "new" in request.GET else [{"url": "#slot-plan", "words": _("请上传经营场所平面图")}]
    return render(
        request,
        "components/gallery_form.html",
        {"form": sample, "steps": STEPS, "extra": missing, "files": _files()},
    )


@audience("public")
def desk(request: HttpRequest) -> HttpResponse:
    """Staff pages: queue and the papers beside the checklist."""
    tabs = [(_("待受理"), 12), (_("待补正"), 3), (_("审查中"), 28), (_("特别程序"), 4), (_("待决定"), 6)]
    return render(
        request,
        "components/gallery_desk.html",
        {
            "tabs": [
                {"label": label, "count": count, "url": "#", "current": number == 0}
                for number, (label, count) in enumerate(tabs)
            ],
            "cases": _cases(),
        },
    )


@audience("public")
def confirm(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "components/confirm.html",
        {
            "title": _("撤回申请？"),
            "words": _("撤回后本次办件即告终止，已上传的材料保留在“我的材料”中，可以重新申请。"),
            "rows": [{"label": _("办件编号"), "value": "NX20261123000128"}],
            "action_label": _("确认撤回"),
            "danger": True,
            "back_url": "/design/",
        },
    )


def _slot(request: HttpRequest) -> dict[str, object]:
    files = [
        {"name": file.name, "url": "#", "uuid": index, "words": f"{file.size} B"}
        for index, file in enumerate(request.FILES.getlist("file_licence"))
    ]
    return {
        "slot": "licence",
        "title": _("房屋使用证明"),
        "required": True,
        "upload_url": request.path,
        "files": files,
    }


def _events() -> list[dict[str, object]]:
    at = dt.datetime(2026, 11, 23, 14, 32, tzinfo=dt.UTC)
    return [
        {"title": _("收到申请"), "at": at, "state": "done", "words": _("编号 NX20261123000128")},
        {
            "title": _("受理"),
            "at": at + dt.timedelta(days=1),
            "state": "done",
            "words": _("已出具《受理通知书》，办理时限自今日起计算"),
        },
        {"title": _("审查"), "state": "current", "words": _("预计 12 月 1 日前完成")},
        {"title": _("决定"), "state": "todo"},
        {"title": _("出证"), "state": "todo"},
    ]


def _materials() -> list[dict[str, object]]:
    return [
        {"name": _("营业执照"), "badge": _("电子证照免提交"), "need": _("系统自动核验"), "links": []},
        {
            "name": _("食品经营许可申请书"),
            "source": _("在线填写"),
            "need": _("1 份，电子"),
            "links": [_("空表"), _("样表")],
        },
        {
            "name": _("经营场所平面图"),
            "source": _("申请人自备"),
            "need": _("可容缺，5 个工作日内补齐"),
            "links": [_("样图")],
        },
    ]


def _answers() -> list[dict[str, object]]:
    return [
        {"label": _("经营者名称"), "value": "银川市兴庆区老面馆有限公司(示例)", "url": "#"},
        {"label": _("身份证号码"), "value": "640199********0002", "url": "#"},
        {"label": _("经营场所"), "value": "银川市兴庆区示例路 100 号（示例）", "url": "#"},
        {"label": _("补充说明"), "value": "", "url": "#"},
    ]


def _files() -> list[dict[str, str]]:
    return [
        {"name": "IMG_20261120_093011.jpg", "url": "#", "uuid": "1", "words": "2.4 MB"},
        {"name": "经营场所平面图-二层-含后厨与就餐区-最终版.pdf", "url": "#", "uuid": "2", "words": "840 KB"},
    ]


def _cases() -> list[dict[str, object]]:
    lights = [
        ("red", _("超期 1 天"), _("网上"), _("待受理")),
        ("amber", _("剩 1 个工作日"), _("窗口"), _("待受理")),
        ("green", _("剩 4 个工作日"), _("网上"), _("待受理")),
        ("paused", _("已暂停 · 现场勘验"), _("网上"), _("特别程序")),
    ]
    return [
        {
            "number": f"NX2026112300{128 + index}",
            "light": light,
            "words": words,
            "channel": channel,
            "state": state,
            "due_on": dt.date(2026, 11, 22 + 2 * index),
        }
        for index, (light, words, channel, state) in enumerate(lights)
    ]
