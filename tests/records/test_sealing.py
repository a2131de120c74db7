import pytest

from support.accounts.models import Party
from support.records.sealing import KeyGone, Unsealable, blind_index, seal, signing_key, unseal

PLACE = "accounts.party.number_sealed:1"
OLD = "old:" + "b2xkLWZpZWxkLWtleS0zMi1ieXRlcy1sb25nLSEhISE="
NEW = "new:" + "bmV3LWZpZWxkLWtleS0zMi1ieXRlcy1sb25nLSEhISE="


def test_opens_in_its_own_place():
    assert unseal(seal("身份", place=PLACE), place=PLACE).decode() == "身份"


def test_same_text_never_looks_the_same_twice():
    assert seal("a", place=PLACE) != seal("a", place=PLACE)


def test_does_not_open_in_another_place():
    with pytest.raises(Unsealable):
        unseal(seal("a", place=PLACE), place=PLACE + "0")


def test_every_changed_byte_is_noticed():
    sealed = seal("11010519491231002X", place=PLACE)
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(Unsealable):
            unseal(changed, place=PLACE)


def test_every_truncation_is_noticed():
    sealed = seal("a", place=PLACE)
    for length in range(len(sealed)):
        with pytest.raises(Unsealable):
            unseal(sealed[:length], place=PLACE)


def test_new_key_seals_and_old_key_still_opens(settings):
    settings.FIELD_KEYS = OLD
    sealed_before = seal("a", place=PLACE)
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert unseal(sealed_before, place=PLACE) == b"a"
    settings.FIELD_KEYS = NEW
    assert unseal(seal("b", place=PLACE), place=PLACE) == b"b"
    with pytest.raises(Unsealable):
        unseal(sealed_before, place=PLACE)


def test_wrong_key_under_the_right_id_does_not_open(settings):
    settings.FIELD_KEYS = OLD
    sealed = seal("a", place=PLACE)
    settings.FIELD_KEYS = "old:" + NEW.partition(":")[2]
    with pytest.raises(Unsealable):
        unseal(sealed, place=PLACE)


def test_sealed_field_is_bound_to_its_row():
    mine, yours = Party(), Party()
    mine.phone = "13800001234"
    assert b"13800001234" not in mine.phone_sealed
    assert mine.phone == "13800001234"
    yours.phone_sealed = mine.phone_sealed
    with pytest.raises(Unsealable):
        _ = yours.phone


def test_empty_field_is_empty_in_the_column():
    party = Party()
    party.phone = ""
    assert party.phone_sealed == b""
    assert party.phone == ""


def test_blind_index_is_equal_for_equals_only():
    assert blind_index("a", purpose="p") == blind_index("a", purpose="p")
    assert blind_index("a", purpose="p") != blind_index("b", purpose="p")
    assert blind_index("a", purpose="p") != blind_index("a", purpose="q")


def test_blind_index_depends_on_its_own_key(settings):
    before = blind_index("a", purpose="p")
    settings.FIELD_KEYS = NEW
    assert blind_index("a", purpose="p") == before
    settings.INDEX_KEY = NEW.partition(":")[2]
    assert blind_index("a", purpose="p") != before


def test_signing_key_follows_the_ring(settings):
    settings.FIELD_KEYS = OLD
    key_id, old = signing_key()
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    assert key_id == "old"
    assert signing_key()[0] == "new"
    assert signing_key("old")[1].private_bytes_raw() == old.private_bytes_raw()
    settings.FIELD_KEYS = NEW
    with pytest.raises(KeyGone):
        signing_key("old")
