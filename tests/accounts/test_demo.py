import stat

import pytest
from django.core.management import CommandError, call_command

from support.accounts.demo import CAST
from support.accounts.models import Party, User


@pytest.fixture
def file(settings, tmp_path, places):
    settings.DATA_DIR = tmp_path / "new"
    return settings.DATA_DIR / "demo-accounts.txt"


def password_in(file) -> str:
    return file.read_text().splitlines()[0].rpartition("：")[2]


def test_the_demo_cast_logs_in_with_the_password_of_the_file(client, file):
    call_command("create_demo")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for member in CAST:
        assert member.account in file.read_text()
        assert User.objects.get(username=member.account).check_password(password_in(file))
    assert "银川市兴庆区审批服务管理局" in file.read_text()


def test_a_second_start_changes_nothing(file, capsys):
    call_command("create_demo")
    before, text = list(User.objects.order_by("pk").values()), file.read_text()
    call_command("create_demo")
    assert (list(User.objects.order_by("pk").values()), file.read_text()) == (before, text)
    assert password_in(file) not in capsys.readouterr().out  # it is written to a log
    assert Party.objects.count() == 4


def test_a_lost_file_means_a_new_password_for_all(file):
    call_command("create_demo")
    old = password_in(file)
    file.unlink()
    call_command("create_demo")
    assert password_in(file) != old
    assert User.objects.get(username="clerk").check_password(password_in(file))


def test_production_refuses(file, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="生产模式"):
        call_command("create_demo")
    assert not User.objects.exists()
    assert not file.exists()
