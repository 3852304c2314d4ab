"""A part of a profile: questions, and what is wanted of the machine for their answers; the parts become one profile."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import partial
from itertools import chain

from wizard.ask.mail_accounts import AccountChange
from wizard.ask.question import AnyQuestion, SoFar
from wizard.check.dns_needs import DnsNeeds
from wizard.check.finding import Check, Probe
from wizard.machine.machine import Look
from wizard.plan.postfix_steps import (
    PostfixFiles,
    build_aliases,
    postfix_files,
    refresh_postfix,
    run_postfix,
    service_key,
    services_without,
    set_parameters,
    still,
    try_configuration,
)
from wizard.plan.profile import Profile
from wizard.steps.install_packages import InstallPackages
from wizard.steps.set_master_entries import SetMasterEntries
from wizard.steps.set_table_lines import SetTableLines
from wizard.steps.step import Step
from wizard.words import _


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a part wants, by the place that it has in a set-up; the fields stand in the order in which they are made.

    A package, parameter, service or alias comes with its reason. `ground` is what must be there before the gates
    (accounts, folders, certificates); `gates` try what follows on copies; `files` are written before Postfix's own;
    `units` are started before Postfix, `refreshed` reload what runs, and Postfix itself is reloaded for a change whose
    claim begins like one of `read_by_postfix`. What is in `last` waits until all of it runs.

    Some are items of lists to which several parts add: `recipient_checks` of smtpd_recipient_restrictions, `milters` of
    smtpd_milters and non_smtpd_milters, `login_options` of each of the `login_services` (name=value, for master(5)).
    `replaced_services` (name/type) are those of the package's master.cf in whose place a part puts its own, and
    `removed_services` those that would stand in the way of its own.
    """

    packages: tuple[tuple[str, str], ...] = ()
    ground: tuple[Step, ...] = ()
    gates: tuple[Step, ...] = ()
    files: tuple[Step, ...] = ()
    parameters: tuple[tuple[str, str, str], ...] = ()
    removed_parameters: tuple[tuple[str, str], ...] = ()
    recipient_checks: tuple[str, ...] = ()
    milters: tuple[str, ...] = ()
    login_options: tuple[str, ...] = ()
    login_services: tuple[tuple[str, str], ...] = ()
    services: tuple[tuple[str, str], ...] = ()
    replaced_services: tuple[str, ...] = ()
    removed_services: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    units: tuple[Step, ...] = ()
    refreshed: tuple[Step, ...] = ()
    read_by_postfix: tuple[str, ...] = ()
    last: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that a mail system can do; `wishes` is pure, and `dns_needs` may read keys that the machine keeps."""

    wishes: Callable[[SoFar], Wishes]
    questions: tuple[AnyQuestion, ...] = ()
    checks: tuple[Check, ...] = ()
    probes: tuple[Probe, ...] = ()
    dns_needs: Callable[[Look, SoFar], DnsNeeds] | None = None


def profile_of(
    *parts: Part,
    title: str,
    summary: str,
    account_steps: Callable[[AccountChange, SoFar], tuple[Step, ...]] | None = None,
) -> Profile:
    """The profile that has all that these parts have, in their order; questions of one section come together."""
    questions = tuple(chain.from_iterable(part.questions for part in parts))
    sections = tuple(dict.fromkeys(question.section for question in questions))
    return Profile(
        title=title,
        summary=summary,
        questions=tuple(sorted(questions, key=lambda question: sections.index(question.section))),
        desired=partial(desired, parts),
        checks=tuple(chain.from_iterable(part.checks for part in parts)),
        probes=tuple(chain.from_iterable(part.probes for part in parts)),
        account_steps=account_steps,
        dns_needs=partial(dns_needs, parts) if any(part.dns_needs for part in parts) else None,
    )


def dns_needs(parts: tuple[Part, ...], look: Look, so_far: SoFar) -> tuple[DnsNeeds, ...]:
    """What each of the parts wants to be found in the DNS."""
    return tuple(part.dns_needs(look, so_far) for part in parts if part.dns_needs is not None)


def together(all_wishes: Iterable[Wishes]) -> Wishes:
    """What several parts want, as if it were one: each field holds what theirs hold, in their order."""
    several = tuple(all_wishes)
    return Wishes(
        **{
            field.name: tuple(chain.from_iterable(getattr(wishes, field.name) for wishes in several))
            for field in fields(Wishes)
        }
    )


def desired(parts: tuple[Part, ...], so_far: SoFar) -> tuple[Step, ...]:
    """The steps for these answers, in the order in which a first set-up must take them."""
    files = postfix_files(so_far.facts)
    wishes = together(part.wishes(so_far) for part in parts)
    return (
        InstallPackages(
            packages=tuple(name for name, _reason in wishes.packages),
            why=" ".join(reason for _name, reason in wishes.packages),
        ),
        *wishes.ground,
        try_configuration(files),
        *wishes.gates,
        *wishes.files,
        set_parameters(
            files,
            (*wishes.parameters, *_lists(wishes)),
            wishes.removed_parameters,
            _("So that mail for the domains comes in, and mail of who logs in goes out (postconf(5))."),
        ),
        _services(files, wishes),
        SetTableLines(
            path=files.aliases,
            style="aliases",
            wanted=wishes.aliases,
            why=_("So that mail of this machine for root is read by somebody (aliases(5))."),
        ),
        *build_aliases(files),
        *wishes.units,
        run_postfix(),
        *wishes.refreshed,
        refresh_postfix(files, *wishes.read_by_postfix),
        *wishes.last,
    )


def _lists(wishes: Wishes) -> tuple[tuple[str, str, str], ...]:
    """The parameters whose items come from several parts."""
    found = [
        (
            "smtpd_recipient_restrictions",
            ", ".join(("reject_unauth_destination", *wishes.recipient_checks)),
            _("What each recipient has to pass on port 25 (postconf(5): smtpd_recipient_restrictions)."),
        )
    ]
    if wishes.milters:
        found += [
            (
                "smtpd_milters",
                ", ".join(wishes.milters),
                _("What comes by SMTP is shown to these programs, in this order (postconf(5): smtpd_milters)."),
            ),
            (
                "non_smtpd_milters",
                "$smtpd_milters",
                _("So is the mail of this machine's own programs (postconf(5): non_smtpd_milters)."),
            ),
        ]
    return tuple(found)


def _services(files: PostfixFiles, wishes: Wishes) -> Step:
    usual = services_without(*wishes.replaced_services)
    options = "".join(f" -o {option}" for option in wishes.login_options)
    own = (
        *wishes.services,
        *((line + options, reason) for line, reason in wishes.login_services),
    )
    return SetMasterEntries(
        path=files.master_cf,
        wanted=(*usual, *(line for line, _reason in own)),
        removed=wishes.removed_services,
        reasons=tuple((service_key(line), reason) for line, reason in own),
        still=still(usual),
        why=_("So that users' mail programs can hand in mail, and no service is missing (master(5))."),
    )
