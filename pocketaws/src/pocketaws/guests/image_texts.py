"""The image's text files that shells and scripts read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of the image."""

    path: str
    text: str
    mode: int = 0o644


_USERS = """\
root:x:0:0:root:/root:/bin/bash
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
adm:x:3:4:adm:/var/adm:/sbin/nologin
mail:x:8:12:mail:/var/spool/mail:/sbin/nologin
nobody:x:65534:65534:Kernel Overflow User:/:/sbin/nologin
dbus:x:81:81:System Message Bus:/:/usr/sbin/nologin
systemd-network:x:192:192:systemd Network Management:/:/usr/sbin/nologin
sshd:x:74:74:Privilege-separated SSH:/usr/share/empty.sshd:/sbin/nologin
chrony:x:997:994:chrony system user:/var/lib/chrony:/sbin/nologin
ec2-instance-connect:x:996:993::/home/ec2-instance-connect:/sbin/nologin
ec2-user:x:1000:1000:EC2 Default User:/home/ec2-user:/bin/bash
"""
_GROUP = """\
root:x:0:
bin:x:1:
daemon:x:2:
sys:x:3:
adm:x:4:ec2-user
tty:x:5:
mail:x:12:
wheel:x:10:ec2-user
systemd-journal:x:190:ec2-user
systemd-network:x:192:
sshd:x:74:
chrony:x:994:
ec2-instance-connect:x:993:
nobody:x:65534:
ec2-user:x:1000:
"""
_OS_RELEASE = """\
NAME="Amazon Linux"
VERSION="2023"
ID="amzn"
ID_LIKE="fedora"
VERSION_ID="2023"
PLATFORM_ID="platform:al2023"
PRETTY_NAME="Amazon Linux 2023.9.20260930"
ANSI_COLOR="0;33"
CPE_NAME="cpe:2.3:o:amazon:amazon_linux:2023"
HOME_URL="https://aws.amazon.com/linux/amazon-linux-2023/"
"""
# These do in a few lines what the startup files of the distribution's setup and bash packages do.
_PROFILE = """\
# /etc/profile: for login shells
if [ -z "$USER" ]; then
    USER=$(id -un)
fi
LOGNAME=$USER
MAIL="/var/spool/mail/$USER"
if [ "$(id -u)" = 0 ]; then
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
fi
HOSTNAME=$(hostname)
HISTSIZE=1000
HISTCONTROL=ignoredups
export PATH USER LOGNAME MAIL HOSTNAME HISTSIZE HISTCONTROL
if [ "$(id -u)" -gt 199 ]; then umask 002; else umask 022; fi
for script in /etc/profile.d/*.sh /etc/profile.d/sh.local; do
    if [ -r "$script" ]; then
        if [ "${-#*i}" != "$-" ]; then . "$script"; else . "$script" >/dev/null; fi
    fi
done
unset script
if [ -n "${BASH_VERSION-}" ] && [ -f /etc/bashrc ]; then
    . /etc/bashrc
fi
"""
_BASHRC = """\
# /etc/bashrc: for interactive shells
if [ "$PS1" ]; then
    if [ -z "$PROMPT_COMMAND" ]; then
        case $TERM in
        xterm*|vte*)
            PROMPT_COMMAND='printf "\\033]0;%s@%s:%s\\007" "${USER}" "${HOSTNAME%%.*}" "${PWD/#$HOME/\\~}"'
            ;;
        esac
    fi
    shopt -s histappend
    history -a
    shopt -s checkwinsize
    [ "$PS1" = "\\\\s-\\\\v\\\\\\$ " ] && PS1="[\\u@\\h \\W]\\\\$ "
fi
if ! shopt -q login_shell; then
    if [ "$(id -u)" -gt 199 ]; then umask 002; else umask 022; fi
    for script in /etc/profile.d/*.sh; do
        if [ -r "$script" ]; then . "$script" >/dev/null; fi
    done
    unset script
fi
"""
_BASH_PROFILE = """\
# .bash_profile
if [ -f ~/.bashrc ]; then
    . ~/.bashrc
fi
"""
_USER_BASHRC = """\
# .bashrc
if [ -f /etc/bashrc ]; then
    . /etc/bashrc
fi
case ":$PATH:" in
*":$HOME/.local/bin:"*) ;;
*) PATH="$HOME/.local/bin:$HOME/bin:$PATH" ;;
esac
export PATH
"""
_COLORLS = """\
alias ll='ls -l --color=auto' 2>/dev/null
alias l.='ls -d .* --color=auto' 2>/dev/null
alias ls='ls --color=auto' 2>/dev/null
"""
TEXTS = (
    TextFile("/etc/passwd", _USERS),
    TextFile("/etc/group", _GROUP),
    TextFile("/etc/os-release", _OS_RELEASE),
    TextFile("/etc/profile", _PROFILE),
    TextFile("/etc/bashrc", _BASHRC),
    TextFile("/etc/profile.d/colorls.sh", _COLORLS),
    TextFile("/etc/hosts", "127.0.0.1   localhost localhost.localdomain\n::1         localhost\n"),
    TextFile("/etc/sudoers", "root ALL=(ALL) ALL\n#includedir /etc/sudoers.d\n", 0o440),
    TextFile("/etc/sudoers.d/90-cloud-init-users", "ec2-user ALL=(ALL) NOPASSWD:ALL\n", 0o440),
    TextFile("/etc/motd", ""),
    TextFile("/home/ec2-user/.bash_profile", _BASH_PROFILE),
    TextFile("/home/ec2-user/.bashrc", _USER_BASHRC),
    TextFile("/home/ec2-user/.bash_logout", "# .bash_logout\n"),
    TextFile("/root/.bash_profile", _BASH_PROFILE),
    TextFile("/root/.bashrc", _USER_BASHRC),
    TextFile("/var/log/dnf.log", ""),
)  # fmt: skip
