"""A valid form for every endpoint that takes one, with somebody who is admitted with it."""

from clients import email_of
from make import code
from matrix_case_examples import case_examples
from matrix_city import NEW_PASSWORD, PASSWORD, RECOVERY, TODAY, City, totp_code
from matrix_thing import Example
from small_city import NOW

_CREDENTIAL = {"credential": "{}", "name": "钥匙"}
_GIVEN = {"value": "Y2hhbGxlbmdl", "until": 4_000_000_000}
_TO_ENROL, _TO_SIGN_IN = ({"challenge": {**_GIVEN, "use": use}} for use in ("create", "get"))
_SHOWN = {"subject": "issuer someone", "email": email_of("colleague1"), "at": NOW.isoformat(), "until": 4_000_000_000}
_JOINING = {"uscc": code(60), "firm_name": "青岛新来有限公司", "district": "370285", "position": "经理"}
_CHOSEN = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}


def examples(city: City) -> dict[str, Example]:
    """Return a valid example for every endpoint that takes a form."""
    ids = city.ids
    office = {"office": ids["agency"], "until": TODAY.isoformat()}
    return {
        "account.change_password": Example("city", {"present": PASSWORD, **_CHOSEN}),
        "account.confirmed": Example("city", {"present": PASSWORD}, changes=False),
        "account.contacts": Example("city", {"phone": "13812345678"}),
        "account.end_sessions": Example("city"),
        "factors.enrol": Example("city", {"code": totp_code(city)}, cookie={"new_secret": ids["totp_secret"]}),
        "factors.recovery": Example("city"),
        "factors.remove": Example("applicant"),
        "account.show": Example("city"),
        "claims.confirm": Example("district"),
        "claims.refuse": Example("district", {"reason": "材料不符"}),
        "claims.show": Example("district"),
        "evidence.take_back": Example("applicant"),
        "evidence.upload": Example("applicant", {"files": (ids["file_to_upload"], "证照.pdf"), "year": "2024"}),
        "firm_people.end": Example("applicant"),
        "firm_people.entrust": Example("applicant", office),
        "firm_people.revoke": Example("applicant"),
        "firm_people.send": Example("applicant", {"email": "new-colleague@example.com"}),
        "firm_people.take_back": Example("applicant"),
        "joining.asked": Example("newcomer", _JOINING),
        "joining.register": Example(
            "anonymous", {**_JOINING, **_CHOSEN, "email": "new@example.com", "name": "新人", "phone": "13811112222"}
        ),
        "joining.take_back": Example("newcomer"),
        "links.join": Example("anonymous", {**_CHOSEN, "name": "受邀人"}),
        "links.send_link": Example("anonymous", {"email": email_of("applicant")}),
        "links.use": Example("anonymous", _CHOSEN),
        "offices.close": Example("system_admin"),
        "offices.open_company": Example("system_admin", {"kind": "auditor", "name": "新所", "uscc": code(970)}),
        "oidc.finish": Example("anonymous", cookie={"oidc_shown": {**_SHOWN, "next": "/home"}}),
        "passkeys.register": Example("city", _CREDENTIAL, cookie=_TO_ENROL),
        "passkeys.registration_options": Example("city", changes=False),
        "passkeys.sign_in": Example("anonymous", _CREDENTIAL, cookie=_TO_SIGN_IN),
        "passkeys.sign_in_options": Example("anonymous", changes=False),
        "people.disable_account": Example("system_admin"),
        "people.enable_account": Example("system_admin"),
        "people.end_sessions": Example("security_admin"),
        "people.give_seat": Example("security_admin", {"role": "auditor", "office": ids["auditors"]}),
        "people.open_new": Example("system_admin", {"email": "made@example.com", "name": "新户", "language": "zh"}),
        "people.renew": Example("security_admin"),
        "people.send_link": Example("system_admin"),
        "people.take_back_tie": Example("security_admin"),
        "people.take_seat": Example("security_admin"),
        "people.unlock": Example("security_admin"),
        "public.judge": Example("anonymous", {"tier": "innovative", "kind": "new", "on": "2025-01-01"}, changes=False),
        "sign_in.give_code": Example("half", {"code": totp_code(city)}),
        "sign_in.give_password": Example("anonymous", {"email": email_of("colleague1"), "password": PASSWORD}),
        "sign_in.give_recovery_code": Example("half", {"code": RECOVERY[0]}),
        "sign_in.sign_out": Example("city"),
        "target_pages.enter": Example("city", {"value": "6.5", "as_of": "2024-11-30", "source": "月报"}),
        "ties.declare_tie": Example("district", {"uscc": code(1), "kind": "family", "note": "表兄"}),
        "ties.note_member": Example("security_admin", {"uscc": code(1), "group_name": "集团", "source": "年报"}),
        "trail.verify": Example("audit_admin", changes=False),
        **case_examples(city),
    }
