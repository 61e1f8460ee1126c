"""rsyslog's configuration: which file a message of the system log goes to.

pocketaws emulates selectors with a file, ``if $property == "text" then { … }``, ``action(type="omfile")``, ``stop``, string
templates, and ``include``. For anything else, ``rsyslogd -N1`` reports an error, as for a missing module.

Source: rsyslog documentation, "Configuration Formats", "Filter Conditions", "Templates".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .files import FileError, FileTree
from .rsyslog_rules import Action, Equals, Rule, Statement, Stop, parse_selector
from .rsyslog_templates import (
    BUILT_IN,
    DEFAULT_TEMPLATE,
    PROPERTIES,
    Message,
    Template,
    TemplateError,
    parse_template,
)

CONFIGURATION = "/etc/rsyslog.conf"
# These objects configure how rsyslog receives messages, which doesn't matter to a guest.
_IGNORED_OBJECTS = frozenset({"module", "global"})
_ACTION_KEYS = frozenset({"type", "file", "template", "filecreatemode"})
_BLANKS = re.compile(r"(?:\s|#[^\n]*)*")
_IF = re.compile(r'if\s+\$([\w-]+)\s*==\s*"((?:[^"\\]|\\.)*)"\s+then\s*\{')
_OBJECT = re.compile(r"(\w+)\s*\(")
_PARAMETER = re.compile(r'\s*([\w.]+)\s*=\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SELECTOR = re.compile(r"([\w*,.;=!]+)[ \t]+")
_FILE = re.compile(r"-?(/[^\s;]+)(?:;([\w-]+))?[ \t]*(?=\n|$)")
_STOP = re.compile(r"stop\b")


class ConfigurationError(Exception):
    """The configuration has errors, one per line. ``usable`` is the part without errors."""

    def __init__(self, faults: list[str], usable: Configuration) -> None:
        super().__init__("\n".join(faults))
        self.usable = usable


@dataclass
class Configuration:
    """A parsed configuration."""

    statements: list[Statement] = field(default_factory=list)
    templates: dict[str, Template] = field(default_factory=lambda: dict(BUILT_IN))
    faults: list[str] = field(default_factory=list)

    def lines_for(self, message: Message) -> Iterator[tuple[Action, str]]:
        """Yield ``(action, line)`` for each file that a message goes to."""
        for statement in self.statements:
            if isinstance(statement, Rule):
                found = statement.body if statement.filter.matches(message) else ()
            else:
                found = (statement,)
            for step in found:
                if isinstance(step, Stop):
                    return
                # load() reports a missing template, which disables the action.
                if step.template in self.templates:
                    yield step, self.templates[step.template].render(message)


def load(files: FileTree) -> Configuration:
    """Read the guest's configuration; raises ``ConfigurationError``."""
    configuration = Configuration()
    _read(configuration, files, CONFIGURATION, optional=False)
    for statement in configuration.statements:
        for step in statement.body if isinstance(statement, Rule) else (statement,):
            if isinstance(step, Action) and step.template not in configuration.templates:
                configuration.faults.append(
                    f"Could not find template 1 '{step.template}' - action disabled [v8.2204.0 try https://www.rsyslog.com/e/3003 ]"
                )
    if configuration.faults:
        raise ConfigurationError(configuration.faults, configuration)
    return configuration


def _read(configuration: Configuration, files: FileTree, path: str, *, optional: bool) -> None:
    try:
        text = files.read(path)
    except FileError as error:
        if not optional:
            configuration.faults.append(
                f"error accessing config file or directory '{path}': {error}"
            )
        return
    _Reader(text, path, configuration, files).read()


class _Reader:
    """Reads one configuration file."""

    def __init__(self, text: str, path: str, configuration: Configuration, files: FileTree) -> None:
        self.text = text
        self.path = path
        self.configuration = configuration
        self.files = files
        self.at = 0

    def read(self) -> None:
        """Read the statements. After an error, continue on the next line."""
        while True:
            self._skip()
            if self.at >= len(self.text):
                return
            before, faults = self.at, len(self.configuration.faults)
            self._statement()
            if len(self.configuration.faults) > faults:
                end = self.text.find("\n", max(self.at, before + 1))
                self.at = len(self.text) if end < 0 else end + 1

    def _skip(self) -> None:
        match = _BLANKS.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match

    def _fault(self, message: str) -> None:
        line = self.text.count("\n", 0, self.at) + 1
        self.configuration.faults.append(
            f"error during parsing file {self.path}, on or before line {line}: {message}"
        )

    def _unexpected(self) -> None:
        token = re.compile(r"\S+").match(self.text, self.at)
        self._fault(f"syntax error on token '{token.group() if token else 'end of file'}'")

    def _statement(self) -> None:
        statements = self.configuration.statements
        condition = self._take(_IF)
        if condition is not None:
            self._if(*condition.groups())
        elif self._take(_STOP):
            statements.append(Stop())
        elif self.text.startswith("&", self.at):
            self._again()
        elif made := self._take(_OBJECT):
            self._object(made.group(1))
        elif selector := self._take(_SELECTOR):
            self._selector(selector.group(1))
        else:
            self._unexpected()

    def _if(self, name: str, text: str) -> None:
        if name not in PROPERTIES:
            self._fault(f"invalid property '{name}'")
            return
        body: list[Action | Stop] = []
        while True:
            self._skip()
            if self.text.startswith("}", self.at):
                self.at += 1
                self.configuration.statements.append(Rule(Equals(name, text), tuple(body)))
                return
            step = self._step()
            if step is None:
                return
            body.append(step)

    def _step(self) -> Action | Stop | None:
        """One statement inside braces, or None after an error."""
        if self._take(_STOP):
            return Stop()
        made = self._take(_OBJECT)
        if made is None or made.group(1) != "action":
            self._unexpected()
            return None
        parameters = self._parameters()
        return None if parameters is None else self._action(parameters)

    def _parameters(self) -> dict[str, str] | None:
        found: dict[str, str] = {}
        while match := self._take(_PARAMETER):
            found[match.group(1).lower()] = match.group(2)
        self._skip()
        if not self.text.startswith(")", self.at):
            self._fault(
                f"invalid character '{self.text[self.at : self.at + 1]}' in object definition - is there an invalid escape sequence somewhere?"
            )
            return None
        self.at += 1
        return found

    def _object(self, name: str) -> None:
        parameters = self._parameters()
        if parameters is None or name in _IGNORED_OBJECTS:
            return
        if name == "action":
            action = self._action(parameters)
            self.configuration.statements.extend([] if action is None else [action])
        elif name == "template":
            self._template(parameters)
        elif name == "include":
            self._include(parameters.get("file", ""), optional=parameters.get("mode") == "optional")
        else:
            self._fault(f"syntax error on token '{name}'")

    def _action(self, parameters: dict[str, str]) -> Action | None:
        unknown = [key for key in parameters if key not in _ACTION_KEYS]
        mode = parameters.get("filecreatemode", "0644")
        if parameters.get("type") != "omfile":
            self._fault(f"module name '{parameters.get('type', '')}' is unknown")
        elif unknown:
            self._fault(f"parameter '{unknown[0]}' not known -- typo in config file?")
        elif "file" not in parameters:
            self._fault("parameter 'file' required but not specified - fix config")
        elif not re.fullmatch(r"[0-7]{1,4}", mode):
            self._fault(f"file mode '{mode}' is invalid")
        else:
            template = parameters.get("template", DEFAULT_TEMPLATE)
            return Action(parameters["file"], template, int(mode, 8))
        return None

    def _template(self, parameters: dict[str, str]) -> None:
        name, kind = parameters.get("name", ""), parameters.get("type", "")
        if kind != "string":
            self._fault(f"template '{name}' has invalid type '{kind}'")
            return
        try:
            made = parse_template(parameters.get("string", ""))
        except TemplateError as error:
            self._fault(str(error))
            return
        self.configuration.templates[name] = made

    def _include(self, pattern: str, *, optional: bool) -> None:
        folder, _, last = pattern.rpartition("/")
        wanted = re.compile(re.escape(last).replace(r"\*", "[^/]*"))
        for name, node in list(self.files.children(self.files.real(folder))):
            if node.kind != "directory" and wanted.fullmatch(name):
                _read(self.configuration, self.files, f"{folder}/{name}", optional=optional)

    def _selector(self, text: str) -> None:
        made = parse_selector(text)
        if isinstance(made, str):
            self._fault(made)
            return
        step = self._line_step()
        if step is not None:
            self.configuration.statements.append(Rule(made, (step,)))

    def _again(self) -> None:
        """``& stop``: another statement for messages that match the previous rule."""
        self.at += 1
        self._skip()
        statements = self.configuration.statements
        before = statements[-1] if statements else None
        if not isinstance(before, Rule):
            self._fault("syntax error on token '&'")
            return
        step = self._line_step()
        if step is not None:
            statements[-1] = Rule(before.filter, (*before.body, step))

    def _line_step(self) -> Action | Stop | None:
        """A file or ``stop`` after a selector, or None after an error."""
        if self._take(_STOP):
            return Stop()
        file = self._take(_FILE)
        if file is None:
            self._unexpected()
            return None
        return Action(file.group(1), file.group(2) or DEFAULT_TEMPLATE)
