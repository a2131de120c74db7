"""Personal data as shown where the whole is not needed: 张*, 138****3210, first and last character."""


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
