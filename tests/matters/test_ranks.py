"""The rank of what is cited, by its title and the order behind it."""

import pytest

from matters.ranks import SETS_LICENCES, WORDS, Rank, cited, reaches


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("《中华人民共和国宪法》", Rank.LAW),
        ("《中华人民共和国食品安全法》第三十五条", Rank.LAW),
        ("《中華人民共和國食品安全法》", Rank.LAW),
        ("《中华人民共和国民法典》第二百零九条", Rank.LAW),
        ("《中华人民共和国行政许可法（2019年修正）》", Rank.LAW),
        ("《全国人民代表大会常务委员会关于司法鉴定管理问题的决定》", Rank.LAW),
        ("《工伤保险条例》第十七条", Rank.REGULATION),
        ("《中华人民共和国土地管理法实施条例》", Rank.REGULATION),
        ("《不动产登记暂行条例》", Rank.REGULATION),
        ("《城市供水条例》", Rank.REGULATION),
        ("《国务院关于在线政务服务的若干规定》", Rank.REGULATION),
        ("《社会救助暂行办法》", Rank.REGULATION),
        ("《旅馆业治安管理办法》（1987年公安部发布，国务院令第752号修订）", Rank.REGULATION),
        ("《国务院对确需保留的行政审批项目设定行政许可的决定》（国务院令第412号）", Rank.STATE_COUNCIL),
        ("《宁夏回族自治区食品小作坊管理条例》", Rank.LOCAL_REGULATION),
        ("《宁夏回族自治区食品生产加工小作坊小经营店和食品小摊点管理条例》第九条", Rank.LOCAL_REGULATION),
        ("《银川市养犬管理条例》", Rank.LOCAL_REGULATION),
        ("《成都市养犬管理条例》", Rank.LOCAL_REGULATION),
        ("《宁夏回族自治区实施〈中华人民共和国水法〉办法》", Rank.LOCAL_REGULATION),
        ("《宁夏回族自治区实施《中华人民共和国水法》办法》", Rank.LOCAL_REGULATION),
        ("《银川市人民代表大会常务委员会关于禁止燃放烟花爆竹的决定》", Rank.LOCAL_REGULATION),
        ("《食品经营许可和备案管理办法》", Rank.DEPARTMENT_RULE),
        ("《公共场所卫生管理条例实施细则》", Rank.DEPARTMENT_RULE),
        ("《非上市公众公司监督管理办法》", Rank.DEPARTMENT_RULE),
        ("《药品注册管理办法》（国家市场监督管理总局令第27号）", Rank.DEPARTMENT_RULE),
        ("《宁夏回族自治区建筑管理办法》", Rank.LOCAL_RULE),
        ("《宁夏回族自治区人民政府规章制定程序规定》", Rank.LOCAL_RULE),
        ("《银川市户外广告管理办法》", Rank.LOCAL_RULE),
        ("《户外广告管理办法》（银川市人民政府令第3号）", Rank.LOCAL_RULE),
        ("《国务院办公厅关于加快推进政务服务标准化的意见》", Rank.NORMATIVE),
        ("《国务院关于加快推进政务服务的通知》", Rank.NORMATIVE),
        ("《兴庆区人民政府户外招牌管理办法》", Rank.NORMATIVE),
        ("《户外招牌管理办法》（宁政办发〔2022〕32号）", Rank.NORMATIVE),
        ("《示例方案》", Rank.NORMATIVE),
    ],
)
def test_the_rank_of_a_title(text, rank):
    assert [each.rank for each in cited(text)] == [rank]


def test_several_are_told_apart_and_each_keeps_its_own_order():
    found = cited("《社会救助办法》；《户外广告管理办法》（国务院令第1号）、《工伤保险条例》第十七条")
    assert [each.rank for each in found] == [Rank.DEPARTMENT_RULE, Rank.REGULATION, Rank.REGULATION]


@pytest.mark.parametrize("text", ["", "行政许可法第三十二条", "《》", "《《《《", "》《"])
def test_what_names_nothing_has_no_rank(text):
    assert cited(text) == [] and not reaches(text, Rank)


def test_a_province_is_told_from_a_city():
    titles = "《宁夏回族自治区建筑管理办法》《银川市户外广告管理办法》《户外广告管理办法》（广东省人民政府令第3号）"
    assert [each.province for each in cited(titles)] == [True, False, True]


def test_one_that_may_is_enough():
    assert reaches("《示例通知》；《宁夏回族自治区示例条例》", SETS_LICENCES)
    assert not reaches("《食品经营许可和备案管理办法》；《示例通知》", SETS_LICENCES)
    assert set(WORDS) == set(Rank)
