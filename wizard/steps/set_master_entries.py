"""Set services of master.cf, their options and fields, one by one; everything else in the file stays."""

from dataclasses import dataclass, replace
from typing import Final

from wizard.machine.machine import FileState, Look
from wizard.problem import Trouble
from wizard.render import render
from wizard.steps.file_edit import FileEdit
from wizard.steps.step import Claim, Step
from wizard.syntax.master_cf import MasterCf
from wizard.syntax.service import Service
from wizard.words import _, ngettext

NAMES: Final = {"unprivileged": "unprivileged", "service": "name"}


@dataclass(frozen=True, kw_only=True)
class SetMasterEntries(FileEdit):
    """Makes master.cf have these services, and these settings of services.

    `wanted` are whole lines as in master(5): the service has exactly these fields and options. `options` are
    (service, parameter, value) and `fields` (service, field, text) for one setting of a service that stays otherwise
    as it is; a service is named `name/type`. `removed` are services, and `removed_options` (service, parameter).
    With `still` (service, its line or None), a service is only changed as long as it is one of those; None is for a
    service that is not there, nor another one on the same port.
    """

    wanted: tuple[str, ...] = ()
    options: tuple[tuple[str, str, str], ...] = ()
    fields: tuple[tuple[str, str, str], ...] = ()
    removed: tuple[str, ...] = ()
    removed_options: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    still: tuple[tuple[str, str | None], ...] = ()

    @property
    def title(self) -> str:
        """What it does, in the imperative; services that must not be there count where no other is named."""
        count = len(set(self._services) - set(self.removed)) or len(self.removed)
        return ngettext("Set {count} service in {path}", "Set {count} services in {path}", count).format(
            count=count, path=self.path
        )

    @property
    def _services(self) -> tuple[str, ...]:
        """The services that are named, once each."""
        keys = (*(Service.parse(line).key for line in self.wanted), *self.removed)
        parts = (entry[0] for entries in (self.options, self.fields, self.removed_options) for entry in entries)
        return tuple(dict.fromkeys((*keys, *parts)))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One for each service as `name/type`, and one for each single setting as `name/type/setting` (postconf(1))."""
        place = str(self.path)
        return (
            *(Claim("service_entry", Service.parse(line).key, line, place) for line in self.wanted),
            *(Claim("service_entry", f"{key}/{name}", value, place) for key, name, value in self.options),
            *(Claim("service_entry", f"{key}/{field}", text, place) for key, field, text in self.fields),
            *(Claim("service_entry", key, "", place) for key in self.removed),
            *(Claim("service_entry", f"{key}/{name}", "", place) for key, name in self.removed_options),
        )

    def _free(self, file: MasterCf) -> set[str]:
        """The services that may be changed."""
        bound = {key for key, _line in self.still}
        as_it_was = {key for key, line in self.still if _is_still(file, key, line)}
        return {key for key in self._services if key not in bound or key in as_it_was}

    def _is_so(self, file: MasterCf, key: str) -> bool:
        """Whether the claim of this key is fulfilled."""
        for line in self.wanted:
            if Service.parse(line).key == key:
                return file.service(key) == Service.parse(line)
        for service, name, value in self.options:
            if f"{service}/{name}" == key:
                found = file.service(service)
                return found is not None and found.options.get(name) == value
        for service, field, text in self.fields:
            if f"{service}/{field}" == key:
                return field_of(file.service(service), field) == text
        for service, name in self.removed_options:
            if f"{service}/{name}" == key:
                found = file.service(service)
                return found is None or name not in found.options
        return file.service(key) is None

    def differs_from(self, current: FileState | None) -> frozenset[str]:
        """The services and settings that are not so."""
        file = MasterCf.parse(current.content if current else b"")
        free = self._free(file)
        return frozenset(
            claim.name
            for claim in self.claims
            if "/".join(claim.key.split("/")[:2]) in free and not self._is_so(file, claim.key)
        )

    def edited(self, current: FileState | None) -> FileState:
        """The file with the services set; those that are so already keep their lines."""
        before = current or FileState(content=render("etc/postfix/master.cf"))
        file = MasterCf.parse(before.content)
        free = self._free(file)
        for key in self.removed:
            if key in free:
                file = file.remove_service(key)
        for service in map(Service.parse, self.wanted):
            if service.key in free and file.service(service.key) != service:
                file = file.set_service(service)
        for key, name in self.removed_options:
            if key in free:
                file = file.remove_option(key, name)
        for key, field, text in self.fields:
            if key in free and field_of(file.service(key), field) != text:
                file = file.set_field(key, field, text)
        for key, name, value in self.options:
            found = file.service(key)
            if key in free and (found is None or found.options.get(name) != value):
                file = file.set_option(key, name, value)
        return replace(before, content=file.render())

    def undone_in_part(self, before: FileState | None) -> Step:
        """Each service back to what it was, unless a person changed it since."""
        file = MasterCf.parse(before.content if before else b"")
        after = MasterCf.parse(self.edited(before).content)
        changed = [key for key in self._services if file.service(key) != after.service(key)]
        lines = {key: line_of(file.service(key)) for key in changed}
        return SetMasterEntries(
            path=self.path,
            wanted=tuple(line for line in lines.values() if line is not None),
            removed=tuple(key for key, line in lines.items() if line is None),
            still=tuple((key, line_of(after.service(key))) for key in changed),
            why=self.why,
        )

    def preview(self, look: Look) -> str:
        """The diff of the file, after the reasons; raises Trouble for a line that Postfix would refuse."""
        different = self.differs(look)
        if not different:
            return ""
        changed = {claim.key for claim in self.claims if claim.name in different}
        reasons = [f"{name}: {reason}" for name, reason in self.reasons if name in changed and reason]
        return "".join(f"{reason}\n" for reason in reasons) + ("\n" if reasons else "") + super().preview(look)


def line_of(service: Service | None) -> str | None:
    """A service as one line of master(5)."""
    return None if service is None else " ".join((*service.fields, *service.groups()))


def _is_still(file: MasterCf, key: str, line: str | None) -> bool:
    if line is None and key.endswith("/inet"):
        return all(service.type != "inet" or _port(service.key) != _port(key) for service in file.services())
    return line_of(file.service(key)) == line


def _port(key: str) -> str:
    """The port of an inet service, which is named by it or by an address and it (master(5))."""
    port = key.removesuffix("/inet").rpartition(":")[2]
    return "25" if port == "smtp" else port


def field_of(service: Service | None, field: str) -> str | None:
    """One field of a service, as postconf(1) names it with -F; raises Trouble for a field that there is none of."""
    if service is None:
        return None
    if field == "command":
        return " ".join((service.command, *service.groups()))
    value = getattr(service, NAMES.get(field, field), None)
    if value is None:
        raise Trouble(_("master.cf has no field “{field}”").format(field=field))
    return str(value)
