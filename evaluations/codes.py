"""Levels, indicators and channels of 好差评 (GB/T 39734—2020, 国办发〔2019〕51号), and foreign codes.

Inside, a level is its stars, 1 to 5, 5 best. The standards count in opposite directions: convert at
the edge only, by these functions.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    VERY_SATISFIED = 5, _("非常满意")
    SATISFIED = 4, _("满意")
    FAIRLY_SATISFIED = 3, _("基本满意")
    DISSATISFIED = 2, _("不满意")
    VERY_DISSATISFIED = 1, _("非常不满意")


GOOD = frozenset({Level.VERY_SATISFIED, Level.SATISFIED, Level.FAIRLY_SATISFIED})
NEGATIVE = frozenset({Level.DISSATISFIED, Level.VERY_DISSATISFIED})


class Indicator(models.TextChoices):
    """What an online service can be praised or blamed for."""

    EFFICIENCY = "efficiency", _("办事效率")
    GUIDE = "guide", _("指南精确度")
    EASE = "ease", _("便捷度")
    PLATFORM = "platform", _("平台操作性")


class Channel(models.TextChoices):
    COMPUTER = "1", _("PC端")
    MOBILE = "2", _("移动端")
    QR = "3", _("二维码")
    HALL_TABLET = "4", _("政务大厅平板")
    HALL_TERMINAL = "5", _("大厅其他终端")
    TELEPHONE = "6", _("电话")
    SMS = "7", _("短信")


def to_s1(stars: int) -> int:
    """The satisfaction code of GB/T 39046—2020: 1 非常满意 … 5 非常不满意. Raises ValueError."""
    return 6 - Level(stars)


def from_s1(code: int) -> int:
    """Stars for a code of GB/T 39046—2020. Raises ValueError."""
    return int(Level(6 - code))


def to_exchange(stars: int) -> int:
    """The code of the 好差评 exchange interface: 1 非常不满意 … 5 非常满意. Raises ValueError."""
    return int(Level(stars))


def from_exchange(code: int) -> int:
    """Stars for a code of the 好差评 exchange interface. Raises ValueError."""
    return int(Level(code))
