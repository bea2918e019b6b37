"""Forms of people: WTForms that parse and trim, and take the faults found below. No rules, no queries."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import request
from wtforms import DateField, Field, Form, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from registry.domain.errors import Fault, Refused
from registry.domain.intake import read_day
from registry.web.language import of_both
from registry.web.language import say as _

_LONGEST = 500


class EntryForm(Form):  # type: ignore[misc]
    """A form of ours: what was typed stays as it was, faults stand by their fields, others above all."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        self.above: list[str] = []
        super().__init__(request.form if request.method == "POST" else None, *args, **settings)

    def blame(self, faults: Iterable[Fault]) -> None:
        """Put faults of the floors below by the fields they speak of."""
        for fault in faults:
            message = of_both(fault.message)
            if fault.path in self._fields:
                field = self._fields[fault.path]
                field.errors = [*field.errors, message]
            else:
                self.above.append(message)

    def blame_for(self, refused: Refused) -> None:
        """Put the faults of a refusal."""
        self.blame(refused.faults)

    def tell_above(self) -> None:
        """Tell every fault above all, where the page does not show the boxes themselves."""
        for field in self.faulty:
            self.above += field.errors
            field.errors = []

    @property
    def has_faults(self) -> bool:
        """Say whether anything is wrong."""
        return bool(self.above) or any(field.errors for field in self)

    @property
    def faulty(self) -> Sequence[Field]:
        """Return the fields with faults, in the order of the form."""
        return [field for field in self if field.errors]


def wanted(message: str) -> Any:
    """Return a validator that asks for a field to be filled in, in these words."""

    def check(_form: Form, field: Field) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_(message))

    return check


def _within(longest: int) -> Any:
    """Return a validator that refuses what is longer, or holds what no database takes."""

    def check(_form: Form, field: Field) -> None:
        if len(field.data or "") > longest or "\0" in (field.data or ""):
            raise ValidationError(_("请填写不超过 %(most)s 个字符", most=longest))

    return check


_short = _within(_LONGEST)


def _trimmed(text: str | None) -> str:
    return (text or "").strip()


def text(label: str, *checks: Any, **settings: Any) -> Any:
    """Return a box of one line, trimmed."""
    return StringField(label, [_short, *checks], filters=[_trimmed], **settings)


def lines(label: str, *checks: Any, longest: int = _LONGEST, **settings: Any) -> Any:
    """Return a box of several lines, trimmed; of at most so many characters."""
    return TextAreaField(label, [_within(longest), *checks], filters=[_trimmed], **settings)


def secret(label: str, *checks: Any, **settings: Any) -> Any:
    """Return a box of a password or a code; what was typed is never shown again, and never trimmed."""
    return PasswordField(label, [_short, *checks], **settings)


def _listed(_form: Form, field: Field) -> None:
    """Refuse, in our words, what is none of the choices."""
    offered = {str(value) for value, *_rest in field.iter_choices()}
    if field.data not in (None, "") and str(field.data) not in offered:
        raise ValidationError(_("请从列出的选项中选择"))


def choice(label: str, *checks: Any, **settings: Any) -> Any:
    """Return a list to choose from; `choices` are set by the view, in the reader's language."""
    return SelectField(label, [*checks, _listed], choices=[], validate_choice=False, **settings)


class DayBox(DateField):  # type: ignore[misc]
    """A day of the calendar; a blank one is None."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed; raises ValueError with what to do."""
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.raw_data = [typed]
        self.data = None
        if typed:
            self.data = read_day(typed)
            if self.data is None:
                raise ValueError(_("请按 2024-05-10 的格式填写日期"))


def day(label: str, *checks: Any, **settings: Any) -> Any:
    """Return a box of a day."""
    return DayBox(label, list(checks), **settings)
