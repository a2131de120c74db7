"""Personal data as shown where the whole is not needed: 张*, 138****3210, first and last character."""

import re
import unicodedata

HIDDEN = "***"

# Patterns over the folded text. A sign is what people put between digits.
_SIGN = r"[-@._+]"
_EMAIL = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]*@-?[0-9A-Za-z]+(?:[.-]+[0-9A-Za-z]+)*")
_CODE = re.compile(r"(?=(?:[A-Za-z]*[0-9]){8})[0-9A-Za-z]{15,}")
_DIGITS = re.compile(rf"[0-9](?:{_SIGN}{{0,3}}[0-9]){{6,}}(?:{_SIGN}{{0,3}}[xX](?![A-Za-z]))?")
_DATE = rf"(?:19|20)[0-9]{{2}}{_SIGN}(?:0?[1-9]|1[0-2]){_SIGN}(?:0?[1-9]|[12][0-9]|3[01])"
_TIME = rf"[0-9]{{1,2}}(?:{_SIGN}[0-9]{{1,2}}){{1,2}}"
# Each date with its times is read once and for all: `1-1-1-1…` can be cut into times in more ways than
# can be tried.
_DAY = rf"(?>{_DATE}(?:{_SIGN}{{1,3}}{_TIME}){{0,4}}(?=\Z|{_SIGN}{{1,3}}[0-9]{{4}}))"
_WHEN = re.compile(rf"{_DAY}(?:{_SIGN}{{1,3}}{_DAY})*")
_NUMERALS = dict(zip("〇零一二三四五六七八九幺", "001234567891", strict=True))


def mask_text(text: str) -> str:
    """Free text without e-mail addresses, long codes, and runs of seven digits or more (identity, telephone,
    bank card and case numbers), however they are written: full-width, in Chinese numerals, with up to three
    signs or spaces between two digits. Dates stay.
    """
    for pattern in (_EMAIL, _CODE, _DIGITS):
        folded = "".join(map(_fold, text))
        for found in reversed(list(pattern.finditer(folded))):
            if not _WHEN.fullmatch(found[0]):
                text = text[: found.start()] + HIDDEN + text[found.end() :]
    return text


def _fold(character: str) -> str:
    """One character for one: digits of any script as 0 to 9, full-width letters as ASCII, signs as `-`."""
    if character in _NUMERALS:
        return _NUMERALS[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) == 1 and (plain.isalnum() or plain in "@._+"):
        return plain
    if character in "。｡":
        return "."
    return "-" if unicodedata.category(character)[0] in "PSZCM" else "文"


def mask_name(name: str) -> str:
    """The family name's first character; the length of the rest is not shown."""
    return f"{name[:1]}*" if name else ""


def mask_phone(phone: str) -> str:
    """First three and last four digits of a mobile number; of anything else the last two."""
    if len(phone) == 11 and phone.isdigit():
        return f"{phone[:3]}****{phone[-4:]}"
    return f"****{phone[-2:]}" if phone else ""


def mask_number(number: str) -> str:
    """First and last character of an identity number or code."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) > 2 else "*" * len(number)


def mask_email(email: str) -> str:
    name, at, host = email.rpartition("@")
    return f"{name[:1]}***{at}{host}" if at else ""


def mask_address(address: str) -> str:
    """City and district, as a rule the first six characters."""
    return f"{address[:6]}****" if address else ""
