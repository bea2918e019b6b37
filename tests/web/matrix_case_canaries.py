"""The canaries of casework: which columns hold none and why, which rows are the stranger's, and who may read them."""

from make import code


def _each(words: str) -> list[str]:
    return words.split()


_WORD = "the database takes only words of a fixed list"
_PLACE = "six digits of the public table of districts"
_CODE = "eighteen characters with a check; the stranger's own code is looked for instead"
_STATE = "a word of the procedure: with another one the case could not be read"
_RULES = "names rules of the program: with another name the case could not be read"
_SEALED = "sealed by its keys; the number in it is looked for instead"
_FILE = "names the file that is handed out; another digest and there is none"
CASE_EXEMPT: dict[str, str] = {
    **dict.fromkeys(
        _each(
            "announcement.tier filing_window.tier filing_window.kind publicity.tier publicity.level publicity.unit "
            "sample_draw.tier sample_draw.level application.tier application.kind application.verdict "
            "change_report.kind change_report.outcome job.state report.state revocation_case.tier "
            "revocation_case.cause revocation_case.state self_assessment.tier self_assessment.kind "
            "self_assessment.verdict announcement_entry.kind application_round.verdict case_step.role "
            "case_step.level certificate.tier inquiry.department inquiry.answer objection.channel "
            "publicity_entry.kind sample_member.result objection_file.kind"
        ),
        _WORD,
    ),
    **dict.fromkeys(
        _each(
            "publicity.district sample_draw.district application.district change_report.district report.district "
            "revocation_case.district announcement_entry.district publicity_entry.district"
        ),
        _PLACE,
    ),
    **dict.fromkeys(
        _each(
            "application.uscc revocation_case.uscc announcement_entry.uscc ban.uscc certificate.uscc "
            "publicity_entry.uscc"
        ),
        _CODE,
    ),
    **dict.fromkeys(
        _each(
            "application.state application.filed_role case_step.from_state case_step.action case_step.to_state "
            "publicity.stage sample_draw.stage"
        ),
        _STATE,
    ),
    **dict.fromkeys(_each("application.procedure_id application.rule_set_id self_assessment.rule_set_id"), _RULES),
    **dict.fromkeys(_each("report.contact_sealed objection.contact_sealed"), _SEALED),
    "objection_file.sha256": _FILE,
    "judgement.fact": "names a fact of the dictionary: another one could not be judged",
    "ban.cause": "a word of the program, as a revocation's",
    "api_token.scopes": "words of the program: what a token lets read",
}

_FIRM = "firm_id = :foreign_firm"
_CASE = "application_id IN (SELECT id FROM application WHERE firm_id = :foreign_firm)"
CASE_ROWS: dict[str, str] = {
    **dict.fromkeys(
        _each("application ban certificate change_report profile report revocation_case self_assessment yearly_update"),
        _FIRM,
    ),
    **dict.fromkeys(_each("application_round case_step inquiry judgement returned_part sample_member"), _CASE),
    **dict.fromkeys(_each("notice saved_view job"), "person_id = :foreign"),
    "announcement": "id = :foreign_announcement",
    "announcement_entry": "announcement_id = :foreign_announcement",
    "api_token": "id = :foreign_token",
    "certificate_look": "certificate_id = :foreign_certificate",
    "filing_window": "id = :foreign_window",
    "objection": "id = :foreign_objection",
    "objection_file": "objection_id = :foreign_objection",
    "publicity": "id = :foreign_list",
    "publicity_entry": "publicity_id = :foreign_list",
    "sample_draw": "id = :foreign_draw",
}
_AS_FIRM = '{{"facts":{{"functional_area":"{0}"}},"name":"{0}","uscc":"' + code(4) + '","years":{{}}}}'
# How a canary stands in what is read as JSON of a certain form.
CASE_FORMS = {
    **dict.fromkeys(
        _each(
            "application.answers application_round.answers profile.answers case_step.details notice.told job.told "
            "job.outcome"
        ),
        '{{"canary":"{0}"}}',
    ),
    **dict.fromkeys(_each("application_round.firm self_assessment.firm yearly_update.firm"), _AS_FIRM),
    "application_round.incomplete": '["{0}"]',
    "application_round.evidence": '[{{"criterion":"","id":0,"name":"{0}","sha256":"","year":2024}}]',
}
CASE_LENGTHS = {
    **dict.fromkeys(_each("certificate.code objection.code report.code"), 26),
    **dict.fromkeys(
        _each(
            "announcement.digest api_token.token_hash certificate.seal job.result_sha256 publicity.digest "
            "sample_draw.digest"
        ),
        64,
    ),
    "sample_draw.seed": 32,
}

# Under which permissions a column may be read by who has the whole city; what is not named, by nobody at all.
CASE_READERS: dict[str, tuple[str, ...]] = {
    # A whole case, as those see it who handle it: what was stated, found, said and done.
    **dict.fromkeys(
        _each(
            "application.firm_name application.reference application.procedure_digest application.rule_set_digest "
            "application_round.evidence application_round.firm application_round.signed_as case_step.doer "
            "case_step.opinion inquiry.opinion objection.grounds objection.reply returned_part.comment "
            "returned_part.part sample_member.finding"
        ),
        ("see_cases",),
    ),
    **dict.fromkeys(
        _each("objection.taken_by publicity.digest publicity.made_by publicity_entry.name"), ("review_cases",)
    ),
    "publicity.title": ("review_cases", "see_cases"),
    **dict.fromkeys(_each("sample_draw.digest sample_draw.drawn_by sample_draw.seed"), ("run_samples",)),
    **dict.fromkeys(
        _each(
            "announcement.digest announcement.made_by announcement.source announcement.title announcement_entry.name"
        ),
        ("announce",),
    ),
    **dict.fromkeys(_each("announcement.number certificate.number"), ("announce", "see_firms")),
    **dict.fromkeys(_each("certificate.code certificate.name"), ("see_firms",)),
    **dict.fromkeys(
        _each(
            "ban.source revocation_case.document revocation_case.facts revocation_case.firm_reply "
            "revocation_case.hearing revocation_case.name"
        ),
        ("see_revocations",),
    ),
    **dict.fromkeys(
        _each(
            "change_report.reply change_report.told report.finding report.firm_reply report.grounds report.question "
            "report.reporter"
        ),
        ("see_papers",),
    ),
    **dict.fromkeys(_each("filing_window.batch filing_window.source"), ("run_windows",)),
    **dict.fromkeys(_each("api_token.name api_token.made_by api_token.revoked_by"), ("run_accounts",)),
}
_LIST = frozenset(_each("publicity.title publicity.digest publicity_entry.name"))
_DOCUMENT = frozenset(
    _each("announcement.number announcement.title announcement.source announcement_entry.name certificate.number")
)
# What is published to everybody, by the page that does: there the stranger's name and code stand as well.
PUBLISHED: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        _each("public_lists.listed public_lists.listed_file public_lists.objecting public_lists.object_"), _LIST
    ),
    **dict.fromkeys(_each("api.publicities api.publicity api.publicity_firms"), _LIST),
    "public_lists.lists": frozenset(_each("publicity.title announcement.number announcement.title")),
    "announcements.listed": _DOCUMENT,
    # Who holds a title, by which document, under which names: the register is public.
    **dict.fromkeys(_each("register.titles open_data.file"), frozenset(_each("firm.name title.source"))),
    "register.firm": frozenset(_each("firm.name firm_name.name title.source announcement.number certificate.number")),
    "api.register": frozenset(_each("firm.name")),
    "public_report.form": frozenset(_each("firm.name")),
}
