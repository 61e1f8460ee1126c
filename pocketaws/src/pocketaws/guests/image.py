"""What an Amazon Linux 2023 server has on its disk before anybody touches it.

Source for what is and is not there: Amazon Linux 2023 user guide, "Comparing packages installed on
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
    "system-release": "2023.9.20260930-1.amzn2023",
    "kernel": "6.1.155-176.282.amzn2023",
    "bash": "5.2.15-1.amzn2023.0.2",
    "coreutils-single": "8.32-30.amzn2023.0.3",
    "curl-minimal": "8.11.1-4.amzn2023.0.1",
    "dnf": "4.14.0-1.amzn2023.0.6",
    "rpm": "4.16.1.3-29.amzn2023.0.6",
    "systemd": "252.23-6.amzn2023",
    "util-linux": "2.37.4-1.amzn2023.0.4",
    "sudo": "1.9.15-1.p5.amzn2023.0.1",
    "openssh-server": "8.7p1-8.amzn2023.0.15",
    "openssh-clients": "8.7p1-8.amzn2023.0.15",
    "ec2-instance-connect": "1.1-19.amzn2023.0.1",
    "amazon-ssm-agent": "3.3.2746.0-1.amzn2023",
    "amazon-linux-repo-s3": "2023.9.20260930-0.amzn2023",
    "chrony": "4.3-1.amzn2023.0.4",
    "cloud-init": "22.2.2-1.amzn2023.1.12",
    "aws-cfn-bootstrap": "2.0-34.amzn2023",
    "awscli-2": "2.30.4-1.amzn2023.0.1",
}
SERVICES = {
    "sshd": "OpenSSH server daemon",
    "amazon-ssm-agent": "amazon-ssm-agent",
    "chronyd": "NTP client/server",
    "systemd-journald": "Journal Service",
    "systemd-networkd": "Network Configuration",
    "systemd-resolved": "Network Name Resolution",
}
_DIRECTORIES = """
/ /bin=usr/bin /sbin=usr/sbin /lib=usr/lib /lib64=usr/lib64 /boot /dev /dev/fd /etc /etc/cron.d /etc/profile.d
/etc/rsyslog.d? /etc/ssh /etc/sudoers.d:0750 /etc/sysconfig /etc/systemd /etc/systemd/system /etc/yum.repos.d /home
/media /mnt /opt /opt/aws /opt/aws/bin /proc /root:0550 /run /srv /sys /tmp:1777 /usr /usr/bin /usr/sbin /usr/lib
/usr/lib64 /usr/local /usr/local/bin /usr/local/sbin /usr/share /var /var/cache /var/lib /var/lib/cloud
/var/lib/cloud/instance /var/log /var/log/amazon /var/log/amazon/ssm /var/spool /var/tmp:1777 /var/run=../run
/usr/lib/systemd /usr/lib/systemd/system /etc/dnf /etc/pki /etc/security /usr/share/doc
"""
_DEVICES = ("null", "console")


def _directories() -> dict[str, Node]:
    made: dict[str, Node] = {}
    for word in _DIRECTORIES.split():
        if word.endswith("?"):
            continue
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
    """The entries of the image's tree."""
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
