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
    "api_token": "1",
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
CASE_READERS: dict[str, tuple[str, ...]] = {}
# What is public: everybody reads it, by the pages that publish it and wherever else it stands.
PUBLISHED = frozenset(_each("publicity.title publicity_entry.name announcement.number announcement.title announcement_entry.name"))
