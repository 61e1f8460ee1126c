"""Words into commands.

Source for the grammar: Bash reference manual, "Shell Commands"; POSIX, "Shell Command Language".
"""

from __future__ import annotations

import re

from .reader import NAME, Incomplete, Reader, ShellSyntaxError
from .syntax import (
    AndOr,
    ArithmeticCommand,
    Assignment,
    Case,
    Command,
    Condition,
    CountingFor,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Redirected,
    Sequence,
    Simple,
    Subshell,
    Text,
    While,
    Word,
)

__all__ = ["Incomplete", "Parser", "ShellSyntaxError", "parse"]

_KEYWORDS = {
    "if",
    "then",
    "elif",
    "else",
    "fi",
    "for",
    "while",
    "until",
    "do",
    "done",
    "case",
    "esac",
    "{",
    "}",
    "function",
    "in",
    "[[",
    "!",
}
_ENDING = {"then", "elif", "else", "fi", "do", "done", "esac", "}", ";;"}
_REDIRECT = re.compile(
    r"(?:(\d+)|\{([A-Za-z_]\w*)\})?(<<<|<<-|<<|<&|<>|<|>>|>&|>\||>|&>>|&>)(?!\()"
)
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+?=)")
_FUNCTION = re.compile(r"([A-Za-z_][\w.:-]*)[ \t]*\([ \t]*\)")
_DECLARING = {"declare", "typeset", "local", "export", "readonly"}


def parse(text: str) -> Sequence:
    """The program in ``text``; raises ``ShellSyntaxError`` (``Incomplete`` where it just ends)."""
    parser = Parser(text)
    found = parser.sequence()
    if parser.at < len(text):
        raise parser.unexpected()
    return found


class Parser(Reader):
    """Reads commands; the first word of one is replaced by its alias."""

    def __init__(self, text: str, aliases: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.aliases = aliases or {}

    def complete_line(self) -> Sequence | None:
        """Read the commands of the next line (or of as many as they take); None at the end."""
        self._skip_lines()
        if self.at >= len(self.text):
            return None
        items: list[AndOr] = []
        while True:
            if self.peek() in ";&|)" or self._keyword() in _ENDING:
                raise self.unexpected()
            items.append(self._and_or())
            self.skip_blanks()
            if self.peek() == ";" and self.peek(2) not in {";;", ";&"}:
                self.at += 1
                self.skip_blanks()
            elif self.peek() not in {"", "\n"} and not items[-1].background:
                raise self.unexpected()
            if self.peek() == "\n":
                self.newline()
                break
            if self.at >= len(self.text):
                self._finish_heredocs()
                break
        return Sequence(tuple(items))

    def current_line(self) -> str:
        """The line that is being read."""
        start = self.text.rfind("\n", 0, self.at) + 1
        return self.text[start:].split("\n", 1)[0]

    def sequence(self, *closing: str) -> Sequence:
        items: list[AndOr] = []
        while True:
            self._skip_lines()
            if self.at >= len(self.text):
                self._finish_heredocs()
                if closing:
                    raise Incomplete("syntax error: unexpected end of file", self.line)
                break
            if any(self._at_closing(sign) for sign in closing):
                break
            if self.peek() in ";&|)" or self._keyword() in _ENDING:
                raise self.unexpected()
            items.append(self._and_or())
            self.skip_blanks()
            if self.peek() == ";" and self.peek(2) not in {";;", ";&"}:
                self.at += 1
            elif self.peek() == "\n" or self.at >= len(self.text):
                continue
            elif not items[-1].background and not any(self._at_closing(sign) for sign in closing):
                raise self.unexpected()
        return Sequence(tuple(items))

    def _finish_heredocs(self) -> None:
        if self.heredocs:
            raise Incomplete("here-document delimited by end-of-file", self.line)

    def _at_closing(self, sign: str) -> bool:
        if sign in {")", ";;", ";&", ";;&"}:
            return self.looking_at(sign)
        return self._keyword() == sign

    def _keyword(self) -> str | None:
        match = re.compile(r"[^\s|&;()<>'\"\\$`]+").match(self.text, self.at)
        if match is None or match.group() not in _KEYWORDS:
            return None
        following = self.text[match.end() : match.end() + 1]
        return None if following and following in "'\"\\$`" else match.group()

    def _expect(self, keyword: str) -> None:
        self._skip_lines()
        if self._keyword() != keyword:
            raise self.unexpected()
        self.at += len(keyword)

    def _skip_lines(self) -> None:
        while True:
            self.skip_blanks()
            if self.peek() != "\n":
                return
            self.newline()

    def _and_or(self) -> AndOr:
        start = self.at
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            self.skip_blanks()
            sign = self.peek(2)
            if sign not in {"&&", "||"}:
                break
            self.at += 2
            self._skip_lines()
            rest.append((sign, self._pipeline()))
        source = self.text[start : self.at].strip()
        background = self.peek() == "&" and self.peek(2) != "&&"
        if background:
            self.at += 1
        return AndOr(first, tuple(rest), background, source)

    def _pipeline(self) -> Pipeline:
        negated = timed = False
        self.skip_blanks()
        while True:
            if self._keyword() == "!":
                negated = not negated
                self.at += 1
            elif re.compile(r"time(?=[ \t\n])").match(self.text, self.at):
                timed = True
                self.at += 4
            else:
                break
            self.skip_blanks()
        commands = [self._command()]
        with_errors: list[bool] = []
        while True:
            self.skip_blanks()
            if self.peek() != "|" or self.peek(2) == "||":
                break
            errors = self.peek(2) == "|&"
            self.at += 2 if errors else 1
            with_errors.append(errors)
            self._skip_lines()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated, tuple(with_errors), timed)

    def _command(self) -> Command:
        self.skip_blanks()
        compound = self._compound()
        if compound is None:
            return self._simple()
        redirects: list[Redirect] = []
        while True:
            self.skip_blanks()
            redirect = self._redirect()
            if redirect is None:
                break
            redirects.append(redirect)
        return Redirected(compound, tuple(redirects)) if redirects else compound

    def _compound(self) -> Command | None:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind
        if self.looking_at("(("):
            start = self.at
            self.at += 2
            text = self.balanced_until("))")
            if text is not None:
                return ArithmeticCommand(self.nested_word(text))
            self.at = start
        if self.peek() == "(":
            self.at += 1
            return Subshell(self._closed_sequence(")"))
        keyword = self._keyword()
        match keyword:
            case "if":
                return self._if()
            case "while" | "until":
                self.at += len(keyword)
                condition = self.sequence("do")
                return While(condition, self._do(), keyword == "until")
            case "for":
                return self._for()
            case "case":
                return self._case()
            case "{":
                self.at += 1
                body = self.sequence("}")
                self._expect("}")
                return Group(body)
            case "[[":
                self.at += 2
                return Condition(self._condition())
            case "function":
                return self._function(after_keyword=True)
            case None:
                if _FUNCTION.match(self.text, self.at):
                    return self._function(after_keyword=False)
                return None
            case _:
                raise self.unexpected()

    def _do(self) -> Sequence:
        self._expect("do")
        body = self.sequence("done")
        self._expect("done")
        return body

    def _if(self) -> If:
        branches: list[tuple[Sequence, Sequence]] = []
        otherwise: Sequence | None = None
        self.at += 2
        while True:
            condition = self.sequence("then")
            self._expect("then")
            branches.append((condition, self.sequence("elif", "else", "fi")))
            keyword = self._keyword() or ""
            self.at += len(keyword)
            if keyword == "elif":
                continue
            if keyword == "else":
                otherwise = self.sequence("fi")
                self._expect("fi")
            return If(tuple(branches), otherwise)

    def _for(self) -> Command:
        self.at += 3
        self.skip_blanks()
        if self.looking_at("(("):
            self.at += 2
            text = self.balanced_until("))")
            pieces = (text or "").split(";")
            if len(pieces) != 3:
                raise self.unexpected()
            self.skip_blanks()
            if self.peek() == ";":
                self.at += 1
            first, second, third = (self.nested_word(piece) for piece in pieces)
            return CountingFor(first, second, third, self._do())
        name = NAME.match(self.text, self.at)
        if name is None:
            raise self.unexpected()
        self.at = name.end()
        self._skip_lines()
        words: list[Word] | None = None
        if self._keyword() == "in":
            self.at += 2
            words = self._words()
        self.skip_blanks()
        if self.peek() == ";":
            self.at += 1
        return For(name.group(), None if words is None else tuple(words), self._do())

    def _words(self) -> list[Word]:
        words: list[Word] = []
        while True:
            self.skip_blanks()
            word = self.word()
            if word is None:
                return words
            words.append(word)

    def _case(self) -> Case:
        self.at += 4
        self.skip_blanks()
        subject = self.word()
        if subject is None:
            raise self.unexpected()
        self._expect("in")
        arms: list[tuple[tuple[Word, ...], Sequence, str]] = []
        while True:
            self._skip_lines()
            if self._keyword() == "esac":
                self.at += 4
                return Case(subject, tuple(arms))
            if self.peek() == "(":
                self.at += 1
            patterns = self._patterns()
            body = self.sequence(";;", ";&", "esac")
            ending = next((sign for sign in (";;&", ";;", ";&") if self.looking_at(sign)), "")
            self.at += len(ending)
            arms.append((patterns, body, ending or ";;"))

    def _patterns(self) -> tuple[Word, ...]:
        patterns: list[Word] = []
        while True:
            self.skip_blanks()
            word = self.word()
            if word is None:
                raise self.unexpected()
            patterns.append(word)
            self.skip_blanks()
            sign = self.peek()
            if sign not in {"|", ")"}:
                raise self.unexpected()
            self.at += 1
            if sign == ")":
                return tuple(patterns)

    def _function(self, *, after_keyword: bool) -> Function:
        start = self.at
        if after_keyword:
            self.at += len("function")
            self.skip_blanks()
            match = re.compile(r"([\w.:-]+)([ \t]*\([ \t]*\))?").match(self.text, self.at)
        else:
            match = _FUNCTION.match(self.text, self.at)
        if match is None:
            raise self.unexpected()
        self.at = match.end()
        self._skip_lines()
        body = self._command()
        if isinstance(body, Simple):
            raise self.unexpected()
        return Function(match.group(1), body, self.text[start : self.at])

    def _simple(self) -> Simple:
        start, line = self.at, self.line
        self._expand_aliases()
        assignments: list[Assignment] = []
        words: list[Word | Assignment] = []
        redirects: list[Redirect] = []
        while True:
            self.skip_blanks()
            redirect = self._redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            declares = bool(words) and _first_literal(words) in _DECLARING
            if not words or declares:
                assignment = self._assignment()
                if assignment is not None:
                    if declares:
                        words.append(assignment)
                    else:
                        assignments.append(assignment)
                    continue
            word = self.word()
            if word is None:
                break
            words.append(word)
        if not (assignments or words or redirects):
            raise self.unexpected()
        source = self.text[start : self.at].strip()
        return Simple(tuple(assignments), tuple(words), tuple(redirects), line, source)

    def _expand_aliases(self) -> None:
        seen: set[str] = set()
        while True:
            match = re.compile(r"[\w.+-]+(?=[\s;&|<>()]|$)").match(self.text, self.at)
            name = match.group() if match else ""
            if match is None or name in seen or name not in self.aliases:
                return
            seen.add(name)
            self.text = self.text[: self.at] + self.aliases[name] + self.text[match.end() :]

    def _assignment(self) -> Assignment | None:
        match = _ASSIGNMENT.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        index = self.nested_word(match.group(2)[1:-1].strip("\"'")) if match.group(2) else None
        append = match.group(3) == "+="
        if self.peek() == "(":
            return Assignment(match.group(1), None, self._items(), index, append)
        return Assignment(match.group(1), self.word() or Word(()), None, index, append)

    def _items(self) -> tuple[tuple[Word | None, Word], ...]:
        self.at += 1
        items: list[tuple[Word | None, Word]] = []
        while True:
            self._skip_lines()
            if self.peek() == ")":
                self.at += 1
                return tuple(items)
            key = re.compile(r"\[([^\]\n]*)\]=").match(self.text, self.at)
            if key:
                self.at = key.end()
            value = self.word()
            if value is None and key is None:
                raise self.unexpected()
            index = self.nested_word(key.group(1).strip("\"'")) if key else None
            items.append((index, value or Word(())))

    def _redirect(self) -> Redirect | None:
        match = _REDIRECT.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        self.skip_blanks()
        target = self.word()
        if target is None:
            raise self.unexpected()
        fd = int(match.group(1)) if match.group(1) else None
        redirect = Redirect(fd, match.group(3), target, match.group(2))
        if redirect.operator in {"<<", "<<-"}:
            quoted = target.literal() is None
            delimiter = "".join(_delimiter_text(part) for part in target.parts)
            self.heredocs.append((redirect, delimiter, quoted, redirect.operator == "<<-"))
        return redirect

    def _condition(self) -> tuple[object, ...]:
        from .conditions import parse_condition  # noqa: PLC0415 - it reads with this parser

        return parse_condition(self)


def _first_literal(words: list[Word | Assignment]) -> str | None:
    first = words[0]
    return first.literal() if isinstance(first, Word) else None


def _delimiter_text(part: object) -> str:
    if isinstance(part, Text):
        return part.text
    inner = getattr(part, "parts", ())
    return "".join(_delimiter_text(piece) for piece in inner)
