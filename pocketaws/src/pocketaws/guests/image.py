"""The files of an Amazon Linux 2023 server before anyone logs in.

Source for which packages it includes: Amazon Linux 2023 user guide, "Comparing packages installed on
AL2023 images"; EC2 Instance Connect user guide, "Prerequisites".
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from .files import IMAGES, Node
from .image_texts import TEXTS
from .programs import registry

NAME = "al2023"
KERNEL = "6.1.155-176.282.amzn2023.x86_64"
PACKAGES = {
    "aws-cfn-bootstrap": "2.0-34.amzn2023",
    "awscli-2": "2.30.4-1.amzn2023.0.1",
}
"""The image's packages whose programs pocketaws emulates, with their versions."""
SERVICES = (
    "sshd",
    "amazon-ssm-agent",
    "chronyd",
    "systemd-journald",
    "systemd-networkd",
    "systemd-resolved",
)
_DIRECTORIES = """
/ /bin=usr/bin /sbin=usr/sbin /lib=usr/lib /lib64=usr/lib64 /boot /dev /dev/fd /etc /etc/cron.d /etc/profile.d
/etc/ssh /etc/sudoers.d:0750 /etc/sysconfig /etc/systemd /etc/systemd/system /etc/yum.repos.d /home
/media /mnt /opt /opt/aws /opt/aws/bin /proc /root:0550 /run /srv /sys /tmp:1777 /usr /usr/bin /usr/sbin /usr/lib
/usr/lib64 /usr/local /usr/local/bin /usr/local/sbin /usr/share /var /var/cache /var/lib /var/lib/cloud
/var/lib/cloud/instance /var/log /var/log/amazon /var/log/amazon/ssm /var/spool /var/tmp:1777 /var/run=../run
/usr/lib/systemd /usr/lib/systemd/system /etc/dnf /etc/pki /etc/security /usr/share/doc
"""
_DEVICES = ("null", "console")


def _directories() -> dict[str, Node]:
    made: dict[str, Node] = {}
    for word in _DIRECTORIES.split():
        path, _, target = word.partition("=")
        path, _, mode = path.partition(":")
        if target:
            made[path] = Node("link", target, 0o777)
        else:
            made[path] = Node("directory", "", int(mode or "0755", 8))
    made["/home/ec2-user"] = Node("directory", "", 0o700, "ec2-user", "ec2-user")
    made["/home/ec2-user/.ssh"] = Node("directory", "", 0o700, "ec2-user", "ec2-user")
    return made


@functools.cache
def tree() -> Mapping[str, Node]:
    """The entries of the image's file tree."""
    made = _directories()
    for name in _DEVICES:
        made[f"/dev/{name}"] = Node("device", name, 0o600 if name == "console" else 0o666)
    for text in TEXTS:
        owner = "ec2-user" if text.path.startswith("/home/ec2-user/") else "root"
        made[text.path] = Node("file", text.text, text.mode, owner, owner)
    for package in ("base", *PACKAGES):
        for program in registry.of_package(package):
            for path in program.paths:
                made[path] = Node("file", "\x7fELF", 0o755, program=program.name)
    return MappingProxyType(made)


IMAGES[NAME] = tree
