"""Templates to text: strict, without dates, and without a value that could become a line of its own.

`templates/` mirrors the machine: `render("etc/postfix/main.cf")` is what lies there as `etc/postfix/main.cf.j2`.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from wizard import places
from wizard.problem import Trouble
from wizard.words import _

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH: Final = 100


def render(path: str, **values: object) -> bytes:
    """The file of that path, made from its template; raises Trouble for a variable or a value that cannot be used."""
    from jinja2 import TemplateError

    try:
        return _environment().get_template(f"{path}.j2").render(values).encode("utf-8", "surrogateescape")
    except TemplateError as error:
        raise Trouble(_("The template of /{path} cannot be used: {error}").format(path=path, error=error)) from error


def yes_no(value: bool) -> str:
    """A boolean in Postfix's words (postconf(5))."""
    if not isinstance(value, bool):
        raise _refused(value)
    return "yes" if value else "no"


def literal(text: str) -> str:
    """A text in which no `$name` is expanded (postconf(5))."""
    return str(only_text(text)).replace("$", "$$")


def postfix_list(items: Iterable[str]) -> str:
    """A list as a main.cf value; an item with white space stands in braces (postconf(5))."""
    return ", ".join(f"{{ {item} }}" if any(map(str.isspace, item)) else item for item in map(only_text, items))


def table_line(key: str, value: str) -> str:
    """A line of a table source (postmap(1)); raises Trouble for a key that would not be read as itself."""
    key = only_text(key)
    if not key or key[0] == "#" or '"' in key or any(map(str.isspace, key)):
        raise _refused(key)
    return f"{key}  {only_text(value)}"


def comment(text: str) -> str:
    """The text as comment lines."""
    import textwrap

    return "\n".join(f"# {line}" for line in textwrap.wrap(only_text(text), WIDTH))


FILTERS: Final[Mapping[str, Callable[..., str]]] = {
    "yes_no": yes_no,
    "literal": literal,
    "postfix_list": postfix_list,
    "table_line": table_line,
    "comment": comment,
}


def only_text(value: Any) -> Any:
    """The value where it is text or a number; raises Trouble for what would leak Python or begin a line of its own."""
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        return str(value)  # raises, and names the variable
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _refused(value)
    return value


def _one_line(value: Any) -> Any:
    """What stands between `{{ }}`: only the lines that the filter `comment` makes are more than one."""
    text = only_text(value)
    is_comment = isinstance(text, str) and all(line.startswith("# ") for line in text.split("\n"))
    if isinstance(text, str) and not is_comment and any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        raise _refused(value)
    return text


def _refused(value: object) -> Trouble:
    return Trouble(_("A template was given {value!r}, which cannot stand in a file.").format(value=value))


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Autoescape is for HTML, and would corrupt & and < in a configuration file; the filters above do the quoting.
    made = Environment(
        loader=FileSystemLoader(places.TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_one_line,
    )
    made.filters.update(FILTERS)
    return made
