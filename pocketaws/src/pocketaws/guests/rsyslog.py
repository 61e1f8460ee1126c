"""rsyslog: which file a message of the system log goes to, as its configuration says.

The subset: selectors, property filters, ``if … then``, ``action(type="omfile")``, string and list
templates, ``include``, the legacy ``$template`` and ``$IncludeConfig``. Anything else is an error of
``rsyslogd -N1``, as it is for a version that lacks a module.

Source: rsyslog documentation, "Configuration Formats", "Filter Conditions", "Templates", "The Property
Replacer".
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from datetime import datetime

from .files import FileError, FileTree
from .rsyslog_rules import Action, Rule, Statement, Stop, matches_rule
from .rsyslog_templates import BUILT_IN, Template, TemplateError, parse_list, parse_string

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
)  # fmt: skip
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
CONFIGURATION = "/etc/rsyslog.conf"
_QUIET_OBJECTS = {"module", "global", "input", "main_queue", "ruleset", "parser"}
_ACTION_KEYS = {
    "type", "file", "template", "filecreatemode", "dircreatemode", "fileowner", "filegroup", "sync",
    "dynafile", "name", "filegroupnum", "fileownernum", "createdirs", "asyncwriting", "iobuffersize",
    "flushontxend", "flushinterval",
}  # fmt: skip


class ConfigurationError(Exception):
    """The configuration is wrong: one line for each fault; ``usable`` is what is left of it."""

    def __init__(self, faults: list[str], usable: Configuration) -> None:
        super().__init__("\n".join(faults))
        self.usable = usable


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the system log."""

    facility: str
    severity: str
    program: str
    pid: int
    text: str
    host: str
    time: datetime


@dataclass
class Configuration:
    """A parsed configuration."""

    statements: list[Statement] = field(default_factory=list)
    templates: dict[str, Template] = field(default_factory=lambda: dict(BUILT_IN))
    faults: list[str] = field(default_factory=list)

    def lines_for(self, message: Message) -> list[tuple[Action, str]]:
        """``(action, line)`` for every file a message is written to."""
        found: list[tuple[Action, str]] = []
        _run(self, self.statements, message, found)
        return found


def _run(
    configuration: Configuration,
    statements: list[Statement],
    message: Message,
    found: list[tuple[Action, str]],
) -> bool:
    """Carry out statements; True where one of them stops the message."""
    for statement in statements:
        if isinstance(statement, Stop):
            return True
        if isinstance(statement, Action):
            template = configuration.templates.get(statement.template)
            if template is None:
                continue  # a fault, said when the configuration was loaded: the action is disabled
            found.append((statement, template.render(message)))
        elif isinstance(statement, Rule):
            body = statement.body if matches_rule(statement, message) else statement.otherwise
            if _run(configuration, body, message, found):
                return True
    return False


def load(files: FileTree) -> Configuration:
    """The guest's configuration; raises ``ConfigurationError``."""
    configuration = Configuration()
    _read(configuration, files, CONFIGURATION, optional=False)
    for statement in _all(configuration.statements):
        if isinstance(statement, Action) and statement.template not in configuration.templates:
            configuration.faults.append(
                f"Could not find template 1 '{statement.template}' - action disabled [v8.2204.0 try https://www.rsyslog.com/e/3003 ]"
            )
    if configuration.faults:
        raise ConfigurationError(configuration.faults, configuration)
    return configuration


def _all(statements: list[Statement]) -> list[Statement]:
    found: list[Statement] = []
    for statement in statements:
        found.append(statement)
        if isinstance(statement, Rule):
            found += _all(statement.body) + _all(statement.otherwise)
    return found


def _read(configuration: Configuration, files: FileTree, path: str, *, optional: bool) -> None:
    try:
        text = files.read(path)
    except FileError as error:
        if not optional:
            configuration.faults.append(
                f"error accessing config file or directory '{path}': {error}"
            )
        return
    reader = _Reader(text, path, configuration, files)
    configuration.statements.extend(reader.block(""))


class _Reader:
    """Reads one configuration file."""

    def __init__(self, text: str, path: str, configuration: Configuration, files: FileTree) -> None:
        self.text = text
        self.path = path
        self.configuration = configuration
        self.files = files
        self.at = 0

    def fault(self, message: str) -> None:
        line = self.text.count("\n", 0, self.at) + 1
        self.configuration.faults.append(
            f"error during parsing file {self.path}, on or before line {line}: {message}"
        )

    def skip(self) -> None:
        match = re.compile(r"(?:\s|#[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL).match(
            self.text, self.at
        )
        self.at = match.end() if match else self.at

    def block(self, closing: str) -> list[Statement]:
        statements: list[Statement] = []
        while True:
            self.skip()
            if self.at >= len(self.text):
                if closing:
                    self.fault("syntax error on token 'end of file'")
                return statements
            if closing and self.text.startswith(closing, self.at):
                self.at += len(closing)
                return statements
            before = self.at
            faults = len(self.configuration.faults)
            self.statement(statements)
            if len(self.configuration.faults) > faults or self.at == before:
                end = self.text.find("\n", max(self.at, before + 1))
                self.at = len(self.text) if end < 0 else end + 1

    def statement(self, statements: list[Statement]) -> None:
        word = re.compile(r"\$?[A-Za-z_][\w.]*").match(self.text, self.at)
        name = word.group() if word else ""
        following = self.text[word.end() :].lstrip(" \t")[:1] if word else ""
        if name == "if":
            self.at += 2
            statements.append(self._if())
        elif name == "stop" or self.text.startswith("~", self.at):
            self.at += len(name) or 1
            statements.append(Stop())
        elif name.startswith("$"):
            self._legacy(name)
        elif following == "(" and word is not None:
            self.at = word.end()
            self._object(name, statements)
        elif self.text.startswith(":", self.at):
            self._property_filter(statements)
        elif self.text.startswith("&", self.at):
            self.at += 1
            self._again(statements)
        else:
            self._selector(statements)

    def _if(self) -> Rule:
        match = re.compile(r"(.*?)\bthen\b", re.DOTALL).match(self.text, self.at)
        if match is None:
            self.fault("syntax error on token 'if'")
            return Rule("", "", [], [])
        condition = match.group(1).strip()
        self.at = match.end()
        body = self._body()
        otherwise: list[Statement] = []
        self.skip()
        if re.compile(r"else\b").match(self.text, self.at):
            self.at += 4
            self.skip()
            otherwise = self._body()
        rule = Rule("expression", condition, body, otherwise)
        problem = rule.problem()
        if problem:
            self.fault(problem)
        return rule

    def _body(self) -> list[Statement]:
        self.skip()
        if self.text.startswith("{", self.at):
            self.at += 1
            return self.block("}")
        body: list[Statement] = []
        if re.compile(r"-?/|\?").match(self.text, self.at):
            self._file_action(body)
        else:
            self.statement(body)
        return body

    def _parameters(self) -> dict[str, str] | None:
        self.skip()
        if not self.text.startswith("(", self.at):
            return None
        self.at += 1
        found: dict[str, str] = {}
        item = re.compile(r'\s*([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|\[[^\]]*\])', re.DOTALL)
        while True:
            match = item.match(self.text, self.at)
            if match is None:
                break
            found[match.group(1).lower()] = match.group(2) or ""
            self.at = match.end()
        self.skip()
        if not self.text.startswith(")", self.at):
            self.fault(
                f"invalid character '{self.text[self.at : self.at + 1]}' in object definition - is there an invalid escape sequence somewhere?"
            )
            return None
        self.at += 1
        return found

    def _object(self, name: str, statements: list[Statement]) -> None:
        parameters = self._parameters()
        if parameters is None:
            return
        if name == "action":
            self._action(parameters, statements)
        elif name == "template":
            self._template(parameters)
        elif name == "include":
            self._include(parameters.get("file", ""), optional=parameters.get("mode") == "optional")
        elif name not in _QUIET_OBJECTS:
            self.fault(f"syntax error on token '{name}'")

    def _action(self, parameters: dict[str, str], statements: list[Statement]) -> None:
        unknown = [
            key
            for key in parameters
            if not key.startswith(("queue.", "action.")) and key not in _ACTION_KEYS
        ]
        if parameters.get("type") != "omfile":
            self.fault(f"module name '{parameters.get('type', '')}' is unknown")
        elif unknown:
            self.fault(f"parameter '{unknown[0]}' not known -- typo in config file?")
        elif "file" not in parameters:
            self.fault("parameter 'file' required but not specified - fix config")
        else:
            mode = int(parameters.get("filecreatemode", "0644"), 8)
            statements.append(
                Action(parameters["file"], parameters.get("template", "RSYSLOG_TraditionalFileFormat"), mode,
                       parameters.get("fileowner", "root"), parameters.get("filegroup", "root"))
            )  # fmt: skip

    def _template(self, parameters: dict[str, str]) -> None:
        name, kind = parameters.get("name", ""), parameters.get("type", "")
        inside = ""
        if kind == "list":
            self.skip()
            match = re.compile(r"\{(.*?)\n?\s*\}", re.DOTALL).match(self.text, self.at)
            inside, self.at = (match.group(1), match.end()) if match else ("", self.at)
        elif kind != "string":
            self.fault(f"template '{name}' has invalid type '{kind}'")
            return
        try:
            made = (
                parse_list(inside) if kind == "list" else parse_string(parameters.get("string", ""))
            )
        except TemplateError as error:
            self.fault(str(error))
            return
        self.configuration.templates[name] = made

    def _include(self, pattern: str, *, optional: bool) -> None:
        folder, _, last = pattern.rpartition("/")
        if "*" not in last:
            _read(self.configuration, self.files, pattern, optional=optional)
            return
        wanted = re.compile(re.escape(last).replace(r"\*", "[^/]*"))
        for name, node in list(self.files.children(self.files.real(folder))):
            if node.kind != "directory" and wanted.fullmatch(name):
                _read(
                    self.configuration, self.files, posixpath.join(folder, name), optional=optional
                )

    def _legacy(self, name: str) -> None:
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        value = self.text[self.at + len(name) : end].strip()
        self.at = end
        if name == "$IncludeConfig":
            self._include(value, optional=True)
        elif name == "$template":
            key, _, rest = value.partition(",")
            match = re.match(r'\s*"((?:[^"\\]|\\.)*)"', rest)
            if match is None:
                self.fault("invalid template")
                return
            self._template({"name": key.strip(), "type": "string", "string": match.group(1)})
        elif not re.match(
            r"\$(ModLoad|WorkDirectory|Umask|File\w+|DirCreateMode|ActionFile\w+|Repeated\w+|Imjournal\w+|OmitLocal\w+|Main\w+|Priv\w+|MaxMessageSize|PreserveFQDN|Max\w+|KLog\w+|System\w+|IMJournal\w+)$",
            name,
        ):
            self.fault(
                f"invalid or yet-unknown config file command '{name[1:]}' - have you forgotten to load a module?"
            )

    def _property_filter(self, statements: list[Statement]) -> None:
        match = re.compile(r':([\w-]+),\s*(!?\w+),\s*"((?:[^"\\]|\\.)*)"[ \t]*').match(
            self.text, self.at
        )
        if match is None:
            self.fault("syntax error on token ':'")
            return
        self.at = match.end()
        rule = Rule("property", "\0".join(match.groups()), [], [])
        problem = rule.problem()
        if problem:
            self.fault(problem)
            return
        rule.body.extend(self._line_body())
        statements.append(rule)

    def _selector(self, statements: list[Statement]) -> None:
        match = re.compile(r"([\w*,.;=!]+)[ \t]+").match(self.text, self.at)
        if match is None or "." not in match.group(1):
            token = re.compile(r"\S+").match(self.text, self.at)
            self.fault(f"syntax error on token '{token.group() if token else ''}'")
            return
        self.at = match.end()
        rule = Rule("selector", match.group(1), [], [])
        problem = rule.problem()
        if problem:
            self.fault(problem)
            return
        rule.body.extend(self._line_body())
        statements.append(rule)

    def _line_body(self) -> list[Statement]:
        body: list[Statement] = []
        if self.text.startswith("{", self.at):
            self.at += 1
            return self.block("}")
        if re.compile(r"-?/|\?").match(self.text, self.at):
            self._file_action(body)
        elif re.compile(r"stop\b|~").match(self.text, self.at) or re.compile(r"action\s*\(").match(
            self.text, self.at
        ):
            self.statement(body)
        elif re.compile(r":omusrmsg:|\*[ \t]*(\n|$)").match(self.text, self.at):
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        else:
            token = re.compile(r"\S*").match(self.text, self.at)
            self.fault(f"unknown action '{token.group() if token else ''}'")
        return body

    def _file_action(self, body: list[Statement]) -> None:
        match = re.compile(r"-?(/[^\s;]+)(?:;(\w+))?").match(self.text, self.at)
        if match is None:
            self.fault("syntax error: a file name is expected")
            return
        self.at = match.end()
        body.append(
            Action(match.group(1), match.group(2) or "RSYSLOG_TraditionalFileFormat", 0o600)
        )

    def _again(self, statements: list[Statement]) -> None:
        """``& action``: more for what the filter above matched."""
        self.skip()
        if not statements or not isinstance(statements[-1], Rule):
            self.fault("'&' without a filter above it")
            return
        statements[-1].body.extend(self._line_body())
