"""Servers outlive the process that emulates them, with everything that is in them."""

from __future__ import annotations

from pathlib import Path

from pocketaws.server import LocalAws

from .conftest import REGION, client_factory
from .servers import Shell, Site, make_site


def site_of(aws: LocalAws, made: Site | None) -> Site:
    key = aws.administrator
    client = client_factory(aws, key.access_key_id, key.secret_access_key)
    if made is None:
        return make_site(client)
    return Site(client, made.vpc, made.subnet, made.group, made.profile, made.image)


def test_a_server_goes_on_where_it_was(tmp_path: Path) -> None:
    first = LocalAws(region=REGION, data=tmp_path).start()
    made = site_of(first, None)
    server = made.run("#!/bin/bash\necho boot number $RANDOM$RANDOM > /root/when\n")
    before = made.describe(server)
    shell = Shell(first, first.administrator.account, server)
    shell.type("cd /tmp", "x=kept; f() { echo f $x $1; }", "echo line > file")
    when = shell.type("sudo cat /root/when")
    first.stop()

    with LocalAws(region=REGION, data=tmp_path) as second:
        again = site_of(second, made)
        assert again.describe(server) == before
        shell.world = second.world
        assert shell.type("f $(cat file)", "pwd") == "f kept line\n/tmp\n"
        assert shell.type("sudo cat /root/when") == when
        assert shell.type("exit") == "logout\n"


def test_turns_of_a_killed_process_are_taken_again(tmp_path: Path) -> None:
    first = LocalAws(region=REGION, data=tmp_path)
    made = site_of(first.start(), None)
    server = made.run("#!/bin/bash\necho $RANDOM$RANDOM > /root/name\n")
    before = made.describe(server)
    shell = Shell(first, first.administrator.account, server)
    names = shell.type(
        "curl -s -o /dev/null http://93.184.216.34/; echo $RANDOM$RANDOM > /tmp/drawn; cat /tmp/drawn",
        "sudo cat /root/name",
    )
    first.world._journal.close()  # as a kill would: nothing is saved, the lock goes
    first.world._journal = None
    first.stop()

    with LocalAws(region=REGION, data=tmp_path) as second:
        again = site_of(second, made)
        assert again.describe(server) == before
        shell.world = second.world
        assert shell.type("cat /tmp/drawn; sudo cat /root/name") == names
