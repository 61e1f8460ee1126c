"""AWS's own programs on a server: the CloudWatch agent's control and CloudFormation's helpers.

Source: CloudWatch user guide, "Manually create or edit the CloudWatch agent configuration file"; CloudFormation
template reference, "cfn-signal"; manual page of ec2-metadata(8).
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
    options, _ = parse(run, "sh", "amcol")
    action = options.get("a", "")
    if not run.identity.is_root and action not in {"status", ""}:
        run.err("Please run as root.\n")
        return 1
    state = services.find(run.machine, "amazon-cloudwatch-agent")
    if state is None:
        raise UsageError("the agent is not installed")
    match action:
        case "status":
            running = "running" if state.state == "active" else "stopped"
            started = (
                f"{state.since:%Y-%m-%dT%H:%M:%S+00:00}"
                if state.since and running == "running"
                else ""
            )
            configured = (
                "configured" if run.machine.files.get(agent.CONFIGURATION) else "not configured"
            )
            run.out(
                f'{{\n  "status": "{running}",\n  "starttime": "{started}",\n  "configstatus": "{configured}",\n  "version": "1.300069.0b1199"\n}}\n'
            )
            return 0
        case "start":
            return _start(run)
        case "stop":
            services.stop(run.machine, "amazon-cloudwatch-agent")
            return 0
        case "fetch-config" | "append-config":
            return _fetch(run, options)
        case _:
            run.err(
                "usage: amazon-cloudwatch-agent-ctl -a stop|start|status|fetch-config|append-config|remove-config|set-log-level [-m ec2|onPremise|onPrem|auto] [-c default|all|ssm:<parameter-store-name>|file:<file-path>] [-s]\n"
            )
            return 1


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
    """Tell CloudFormation how the bootstrap went: as the server itself, or by its role if that is named."""
    options, words = parse(
        run, "v", "esridukpRSD",
        {"--exit-code": "e", "--success": "s", "--reason": "r", "--id": "i", "--data": "d", "--stack": "S",
         "--resource": "R", "--region": "D", "--url": "u", "--role": "k", "--verbose": "v"},
    )  # fmt: skip
    if words:
        raise UsageError("signals to wait condition handles are not emulated here")
    if "S" not in options or "R" not in options:
        run.err("Error: You must specify stack name and logical resource name\n")
        return 1
    status = "SUCCESS"
    if "e" in options and options["e"] != "0":
        status = "FAILURE"
    if "s" in options and options["s"].lower() not in {"true", "1", "yes"}:
        status = "FAILURE"
    machine = run.machine
    agent = "CloudFormation Tools"
    caller = machine.role_caller(agent) if "k" in options else machine.own_caller(agent)
    if caller is None:
        run.err("Error signaling resource: no credentials\n")
        return 1
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


@program("ec2-metadata", folder="/usr/bin")
def ec2_metadata(run: Run) -> int:
    instance = run.machine.instance
    values = {
        "-i": ("instance-id", instance.id), "-t": ("instance-type", instance.instance_type),
        "-a": ("ami-id", instance.image_id), "-v": ("public-ipv4", instance.public_ip_address),
        "-o": ("local-ipv4", instance.private_ip_address), "-z": ("placement", instance.availability_zone),
        "-h": ("local-hostname", instance.private_dns_name),
    }  # fmt: skip
    long = {f"--{name}": flag for flag, (name, _) in values.items()}
    wanted = [long.get(word, word) for word in run.arguments if long.get(word, word) in values]
    for flag in wanted or values:
        name, value = values[flag]
        run.out(
            f"{value}\n" if "--quiet" in run.arguments else f"{name}: {value or 'not available'}\n"
        )
    return 0
