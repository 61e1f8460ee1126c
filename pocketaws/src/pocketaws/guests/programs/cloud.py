"""AWS programs on a server: ``amazon-cloudwatch-agent-ctl`` and ``cfn-signal``.

Source: CloudWatch user guide, "Manually create or edit the CloudWatch agent configuration file"; CloudFormation
template reference, "cfn-signal".
"""

from __future__ import annotations

from ...errors import AwsError
from .. import agent, services
from ..agent_schema import SchemaError
from ..files import FileError
from .registry import Run, UsageError, parse, program

_AGENT_BIN = f"{agent.FOLDER}/bin"


@program("amazon-cloudwatch-agent-ctl", package="amazon-cloudwatch-agent", folder=_AGENT_BIN)
def agent_ctl(run: Run) -> int:
    options, _ = parse(run, "s", "amc")
    if not run.identity.is_root:
        run.err("Please run as root.\n")
        return 1
    if options.get("a") != "fetch-config":
        raise UsageError("pocketaws emulates only -a fetch-config")
    return _fetch(run, options)


def _fetch(run: Run, options: dict[str, str]) -> int:
    source = options.get("c", "default")
    run.out("****** processing amazon-cloudwatch-agent ******\n")
    try:
        text = _configuration(run, source)
        agent.read_configuration(text)
    except (FileError, AwsError) as error:
        run.err(f"E! Failed to fetch the config! {error}\nFail to fetch the config!\n")
        return 1
    except SchemaError as error:
        run.err(
            f"Configuration validation first phase failed. Agent version: 1.300069.0. Verify the JSON input is only using features supported by this version.\nUnder path : {error}\n"
        )
        return 1
    run.machine.files.write(agent.CONFIGURATION, text, run.machine.now)
    run.out(
        f"Successfully fetched the config and saved in {agent.FOLDER}/etc/amazon-cloudwatch-agent.d/file_config.json.tmp\nConfiguration validation first phase succeeded\nConfiguration validation second phase succeeded\nConfiguration validation succeeded\n"
    )
    return _start(run) if "s" in options else 0


def _configuration(run: Run, source: str) -> str:
    kind, _, name = source.partition(":")
    if kind == "file":
        return run.machine.files.read(name, run.cwd)
    if kind == "ssm":
        caller = run.machine.role_caller(agent.USER_AGENT)
        if caller is None:
            raise FileError("no EC2 IAM role found")
        answer = run.machine.world.call(
            caller, "ssm", "GetParameter", run.machine.guest.region, Name=name, WithDecryption=True
        )
        return str(answer["Parameter"]["Value"])
    raise FileError(f"{source} is not a source of a configuration")


def _start(run: Run) -> int:
    failure = services.start(run.machine, "amazon-cloudwatch-agent")
    if failure is not None:
        run.err(f"{failure.message}\nJob for amazon-cloudwatch-agent.service failed.\n")
        return 1
    run.machine.guest.services["amazon-cloudwatch-agent"].enabled = True
    return 0


@program("cfn-signal", package="aws-cfn-bootstrap", folder="/opt/aws/bin")
def cfn_signal(run: Run) -> int:
    """Signal CloudFormation, as the server, whether bootstrapping succeeded."""
    options, words = parse(
        run, "", "eirSRD",
        {"--exit-code": "e", "--reason": "r", "--id": "i", "--stack": "S", "--resource": "R", "--region": "D"},
    )  # fmt: skip
    if words:
        raise UsageError("pocketaws doesn't emulate signals to wait condition handles")
    if "S" not in options or "R" not in options:
        run.err("Error: You must specify stack name and logical resource name\n")
        return 1
    status = "SUCCESS" if options.get("e", "0") == "0" else "FAILURE"
    machine = run.machine
    caller = machine.own_caller("CloudFormation Tools")
    try:
        machine.world.call(
            caller, "cloudformation", "SignalResource", options.get("D", machine.guest.region),
            StackName=options["S"], LogicalResourceId=options["R"],
            UniqueId=options.get("i", machine.guest.instance_id), Status=status,
        )  # fmt: skip
    except AwsError as error:
        run.err(f"{error.code}: {error.message}\n")
        return 1
    return 0
