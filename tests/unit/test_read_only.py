"""What may be run while only looking, and what may not; by the manual page of each program."""

import shlex

import pytest

from wizard.machine.read_only import can_change_something

LOOKS = """
postconf -n
postconf -c /etc/postfix -hx myhostname
postconf -o a=b -x c
postconf -M
postconf -P '*/*/*'
postmap -q a lmdb:/x
postmap -q - lmdb:/x
postalias -s lmdb:/x
postqueue -j
postfix status
pacman -Qo -- /usr/bin/ls
pacman -Si postfix
pacman -Sp --print-format='%n %v' -- postfix
pacman -T postfix
systemctl show --property=Id -- x
systemctl --root=/x is-enabled y
ss -Hltnp
journalctl -u postfix -n 10 -o cat --since -1h
ip -o addr show scope global
ip route get 192.0.2.1
find /etc -xdev -name *.pacnew
openssl x509 -in /x -noout -enddate
doveconf -n -c /x
doveadm --version
doveadm user a@b
hostname -f
"""
CHANGES = """
rm x
sh -c true
postconf a=b
postconf -e 'a = b'
postconf -X a
postconf '-#' a
postconf -Me x/inet=x
postconf -c/tmp -PX x
postmap lmdb:/x
postmap -d q lmdb:/x
postmap -i lmdb:/x
postmap -c /x lmdb:/y
postalias /x
postqueue -f
postqueue -j -f
mailq -q
postfix check
postfix stop
pacman -S x
pacman -Sy
pacman -Sp -y x
pacman -Syu
pacman -Syp x
pacman -Sp --refresh x
pacman -Sw x
pacman -Scc
pacman -Fy
pacman -R x
pacman -D --asdeps x
pacman -U x
systemctl start x
systemctl --now enable x
ss -K
ss -D /x
journalctl --vacuum-time=1s
journalctl --rotate
journalctl --cursor-file=/x
ip addr add 192.0.2.1 dev lo
ip -b /x
hostname new
hostname -F /x
hostnamectl hostname x
find / -delete
find / -exec rm {} ;
find / -fprint /x
openssl x509 -in /x -out /y
openssl genrsa
doveadm expunge x
sysctl a=b
sysctl -w a=b
getfacl --restore=/x
sendmail -bs
dovecot
nginx -t
"""


@pytest.mark.parametrize("command", LOOKS.strip().splitlines())
def test_a_look_is_allowed(command: str) -> None:
    assert can_change_something(tuple(shlex.split(command))) is None


@pytest.mark.parametrize("command", ["", *CHANGES.strip().splitlines()])
def test_what_could_change_something_is_refused(command: str) -> None:
    assert can_change_something(tuple(shlex.split(command))) is not None
