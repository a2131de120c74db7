"""The main navigation: staff see their own places first, those of everybody fold behind “更多”."""

import re

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def navigation(client):
    def of(user, path: str = "/") -> tuple[str, str]:
        """What stands open, and what is folded."""
        client.force_login(user)
        page = client.get(path).content.decode()
        nav = page[page.index('<nav class="nav"') : page.index("</nav>")]
        shown, _summary, folded = nav.partition("更多</summary>")
        return shown, folded

    return of


def labels(html: str) -> list[str]:
    return re.findall(r"<a [^>]*>([^<]+)</a>", html)


def test_a_supervisor_has_their_work_at_hand(navigation, supervisor):
    shown, folded = navigation(supervisor, "/verify/")
    assert labels(shown)[:3] == ["首页", "办件工作台", "效能监督"]
    assert labels(folded) == ["事项目录", "办件进度", "期限计算", "证照核验"]
    assert shown.count("<details>") == folded.count("</details>") == 1
    assert 'aria-current="page">证照核验' in folded


def test_an_applicant_has_everything_open(navigation, citizen):
    shown, folded = navigation(citizen)
    assert "我的空间" in labels(shown)
    assert (folded, "<details" in shown) == ("", False)
