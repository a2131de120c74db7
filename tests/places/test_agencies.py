import re

from django.contrib.auth.models import Permission

from support.accounts.numbers import check_uscc
from support.places.actions import load_agencies
from support.places.models import Agency, Role

AREA_CODES = {"6402": "0952", "6403": "0953", "6404": "0954", "6405": "0955"}


def test_each_agency_is_complete(places):
    agencies = Agency.objects.select_related("region")
    assert {"640000000000", "640100000000", "640104000000", "640106000000"} <= {a.region_id for a in agencies}
    for agency in agencies:
        assert check_uscc(agency.uscc) == agency.uscc
        assert agency.level == str(agency.region.level)
        assert agency.review_authority
        assert agency.court
        assert "示例" in agency.address
        assert agency.phone != agency.complaint_phone
        area = AREA_CODES.get(agency.region_id[:4], "0951")
        assert re.fullmatch(rf"{area}-\d{{7}}", agency.phone)
        assert re.fullmatch(rf"{area}-\d{{7}}", agency.complaint_phone)
    phones = [number for agency in agencies for number in (agency.phone, agency.complaint_phone)]
    assert len(set(phones)) == len(phones)
    assert {agency.level for agency in agencies} == {"2", "3", "4", "5"}


def test_loading_again_keeps_what_the_installation_decided(agency):
    Agency.objects.filter(pk=agency.pk).update(is_active=False, name="旧名")
    load_agencies()
    again = Agency.objects.get(pk=agency.pk)
    assert (again.uuid, again.is_active, again.name) == (agency.uuid, False, "银川市兴庆区审批服务管理局")


def test_roles_can_be_granted(agency):
    granted = Permission.objects.filter(content_type__app_label="places", codename__in=Role.values)
    assert granted.count() == len(Role)
