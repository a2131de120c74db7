"""Regions (行政区划) and agencies (机关). Reference data: changed by loading, not by users."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may be granted at one agency. The code is the permission's codename."""

    CLERK = "clerk", _("窗口人员")
    OFFICER = "officer", _("审查人员")
    APPROVER = "approver", _("审批人员")
    AGENCY_HEAD = "agency_head", _("机关负责人")
    GOVERNMENT_HEAD = "government_head", _("本级政府负责人")
    SUPERVISOR = "supervisor", _("效能监督")
    EDITOR = "editor", _("事项编辑")
    REVIEWER = "reviewer", _("事项审核")


# The roles that work on cases: only they see cases and what belongs to them.
CASE_ROLES = (Role.CLERK, Role.OFFICER, Role.APPROVER, Role.AGENCY_HEAD, Role.SUPERVISOR)


class Region(models.Model):
    """A division of GB/T 2260 and below, code padded with zeros to 12 digits."""

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    level = models.PositiveSmallIntegerField(help_text="2 province, 3 city, 4 county, 5 township, 6 village")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")

    WIDTHS = {2: 2, 3: 4, 4: 6, 5: 9, 6: 12}

    def __str__(self) -> str:
        return self.name

    def line(self) -> list["Region"]:
        """The region and those above it, nearest first."""
        return [self, *(self.parent.line() if self.parent else [])]

    def subtree(self) -> tuple[str, str]:
        """Lowest and highest code inside this region, itself included."""
        stem = self.code[: self.WIDTHS[self.level]]
        return stem.ljust(12, "0"), stem.ljust(12, "9")


class Agency(models.Model):
    """An organ that decides in its own name, with the bodies to which its decisions can be taken."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("机关名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=40)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="agencies")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    level = models.CharField(_("行使层级"), max_length=1, help_text="GB/T 39046 A.2")
    dept_type = models.CharField(_("实施主体性质"), max_length=1, default="1", help_text="GB/T 39046 A.3")
    review_authority = models.CharField(_("行政复议机关"), max_length=100)
    court = models.CharField(_("管辖法院"), max_length=100)
    address = models.CharField(_("办公地址"), max_length=200)
    hours = models.CharField(_("办公时间"), max_length=200)
    phone = models.CharField(_("咨询电话"), max_length=30)
    complaint_phone = models.CharField(_("监督投诉电话"), max_length=30)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("机关")
        permissions = [(role.value, role.label) for role in Role]

    def __str__(self) -> str:
        return self.name
