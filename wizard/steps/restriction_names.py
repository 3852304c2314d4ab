"""The words that may stand in lists of SMTP access restrictions (postconf(5), smtpd_recipient_restrictions)."""

import re
from collections.abc import Iterable
from typing import Final

# Each with one argument after it.
_WITH_ARGUMENT: Final = """
    check_ccert_access check_client_access check_client_a_access check_client_mx_access check_client_ns_access
    check_etrn_access check_helo_access check_helo_a_access check_helo_mx_access check_helo_ns_access
    check_policy_service check_recipient_access check_recipient_a_access check_recipient_mx_access
    check_recipient_ns_access check_reverse_client_hostname_access check_reverse_client_hostname_a_access
    check_reverse_client_hostname_mx_access check_reverse_client_hostname_ns_access check_sasl_access
    check_sender_access check_sender_a_access check_sender_mx_access check_sender_ns_access
    permit_dnswl_client permit_rhswl_client reject_rbl_client reject_rhsbl_client reject_rhsbl_helo
    reject_rhsbl_recipient reject_rhsbl_reverse_client reject_rhsbl_sender sleep
"""
_ALONE: Final = """
    defer defer_if_permit defer_if_reject defer_unauth_destination permit permit_auth_destination permit_inet_interfaces
    permit_mx_backup permit_mynetworks permit_naked_ip_address permit_sasl_authenticated permit_tls_all_clientcerts
    permit_tls_clientcerts reject reject_authenticated_sender_login_mismatch reject_invalid_helo_hostname
    reject_invalid_hostname reject_known_sender_login_mismatch reject_multi_recipient_bounce
    reject_non_fqdn_helo_hostname reject_non_fqdn_hostname reject_non_fqdn_recipient reject_non_fqdn_sender
    reject_plaintext_session reject_sender_login_mismatch reject_unauth_destination reject_unauth_pipelining
    reject_unauthenticated_sender_login_mismatch reject_unknown_address reject_unknown_client
    reject_unknown_client_hostname reject_unknown_forward_client_hostname reject_unknown_helo_hostname
    reject_unknown_hostname reject_unknown_recipient_domain reject_unknown_reverse_client_hostname
    reject_unknown_sender_domain reject_unlisted_recipient reject_unlisted_sender reject_unverified_recipient
    reject_unverified_sender check_relay_domains reject_maps_rbl warn_if_reject
"""
WITH_ARGUMENT: Final = frozenset(_WITH_ARGUMENT.split())
ALONE: Final = frozenset(_ALONE.split())
_LIST: Final = re.compile(r"smtpd_(client|helo|sender|relay|recipient|data|end_of_data|etrn)_restrictions")


def is_restriction_list(parameter: str) -> bool:
    """Whether the value of this parameter is a list of restrictions."""
    return _LIST.fullmatch(parameter) is not None


def unknown_restrictions(value: str, classes: Iterable[str] = ()) -> tuple[str, ...]:
    """The words of an expanded list that smtpd(8) does not know; `classes` are those of smtpd_restriction_classes."""
    own = frozenset(classes)
    unknown: list[str] = []
    words = iter(_words(value))
    for word in words:
        name = word.lower()
        if name in WITH_ARGUMENT:
            next(words, None)
        elif name not in ALONE and word not in own and ":" not in word and not _is_policy(word):
            unknown.append(word)
    return tuple(unknown)


def _is_policy(word: str) -> bool:
    """`{ check_policy_service unix:path, timeout=2s }`: one restriction with its settings, in braces."""
    return word.startswith("{") and word.strip("{} \t").split()[:1] == ["check_policy_service"]


def _words(value: str) -> list[str]:
    """The words between commas and white space; what stands in braces is one word."""
    return [word for word in re.findall(r"\{[^{}]*\}|[^\s,]+", value) if word]
