"""The output of systemctl(1), as values."""

from collections.abc import Mapping
from typing import Final

from wizard.machine.machine import ServiceState, UnitDetails

PROPERTIES: Final = "Id,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,DropInPaths,Result,MainPID"
ENABLED: Final = frozenset({"enabled", "enabled-runtime", "linked", "linked-runtime"})


def read_units(text: str) -> Mapping[str, UnitDetails]:
    """The blocks of `systemctl show -p PROPERTIES UNIT…`, by the units' names."""
    units = {}
    for block in text.split("\n\n"):
        fields = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in fields:
            units[fields["Id"]] = _details(fields)
    return units


def _details(fields: Mapping[str, str]) -> UnitDetails:
    main_pid = fields.get("MainPID", "")
    return UnitDetails(
        load_state=fields.get("LoadState", "not-found"),
        active_state=fields.get("ActiveState", "inactive"),
        sub_state=fields.get("SubState", "dead"),
        unit_file_state=fields.get("UnitFileState", ""),
        fragment=fields.get("FragmentPath", ""),
        drop_ins=tuple(fields.get("DropInPaths", "").split()),
        result=fields.get("Result", ""),
        main_pid=int(main_pid) if main_pid.isdigit() else 0,
    )


def show_unit(name: str, unit: UnitDetails) -> str:
    """The block that `systemctl show -p PROPERTIES` prints for a unit; the other way round."""
    return (
        f"Id={name}\nLoadState={unit.load_state}\nActiveState={unit.active_state}\nSubState={unit.sub_state}\n"
        f"FragmentPath={unit.fragment}\nDropInPaths={' '.join(unit.drop_ins)}\nUnitFileState={unit.unit_file_state}\n"
        f"MainPID={unit.main_pid}\nResult={unit.result}\n"
    )


def service_state(unit: UnitDetails) -> ServiceState:
    """What the details of a unit mean: a unit that does not exist is neither enabled nor not."""
    if unit.load_state == "not-found" and not unit.unit_file_state:
        return ServiceState()
    masked = unit.load_state == "masked" or unit.unit_file_state.startswith("masked")
    return ServiceState(
        enabled=unit.unit_file_state in ENABLED,
        running=unit.active_state in {"active", "reloading", "refreshing"},
        masked=masked,
    )


def full_name(unit: str) -> str:
    """The unit's name with its type; systemctl(1) takes `postfix` for `postfix.service`."""
    types = ("service", "socket", "timer", "target", "path", "mount", "slice", "scope", "swap", "device", "automount")
    return unit if unit.rpartition(".")[2] in types and "." in unit else f"{unit}.service"
