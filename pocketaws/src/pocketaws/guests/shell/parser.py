"""Parses words into commands.

Source for the grammar: Bash reference manual, "Shell Commands"; POSIX, "Shell Command Language".
"""

from __future__ import annotations

import re

from . import syntax
from .condition_syntax import parse_condition
from .reader import NAME, Incomplete, ShellSyntaxError
from .simple_parser import SimpleParser

__all__ = ["Incomplete", "Parser", "ShellSyntaxError"]

_KEYWORDS = frozenset(
    [
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
        "select",
        "coproc",
        "time",
        "in",
        "[[",
        "!",
    ]
)
_NOT_EMULATED = frozenset({"function", "select", "coproc", "time"})
_ENDING = {"then", "elif", "else", "fi", "do", "done", "esac", "}", ";;"}
_FUNCTION = re.compile(r"([A-Za-z_][\w.:-]*)[ \t]*\([ \t]*\)")


class Parser(SimpleParser):
    """Reads commands."""

    def complete_line(self) -> syntax.Sequence | None:
        """Parse the commands on the next line, and on as many lines as they span; None at the end."""
        self.skip_lines()
        if self.at >= len(self.text):
            return None
        items: list[syntax.AndOr] = []
        while True:
            if self.peek() in ";&|)" or self._keyword() in _ENDING:
                raise self.unexpected()
            items.append(self._and_or())
            self.skip_blanks()
            if self.peek() == ";" and self.peek(2) != ";;":
                self.at += 1
                self.skip_blanks()
            elif self.peek() not in {"", "\n"}:
                raise self._after_command()
            if self.peek() == "\n":
                self.newline()
                break
            if self.at >= len(self.text):
                self._finish_heredocs()
                break
        return syntax.Sequence(tuple(items))

    def current_line(self) -> str:
        """The line at the current position."""
        start = self.text.rfind("\n", 0, self.at) + 1
        return self.text[start:].split("\n", 1)[0]

    def sequence(self, *closing: str) -> syntax.Sequence:
        items: list[syntax.AndOr] = []
        while True:
            self.skip_lines()
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
            if self.peek() == ";" and self.peek(2) != ";;":
                self.at += 1
            elif self.peek() == "\n" or self.at >= len(self.text):
                continue
            elif not any(self._at_closing(sign) for sign in closing):
                raise self._after_command()
        return syntax.Sequence(tuple(items))

    def _after_command(self) -> ShellSyntaxError:
        if self.peek() == "&":
            return self.not_emulated("running in the background with `&'")
        return self.unexpected()

    def _finish_heredocs(self) -> None:
        if self.heredocs:
            raise Incomplete("here-document delimited by end-of-file", self.line)

    def _at_closing(self, sign: str) -> bool:
        if sign in {")", ";;"}:
            return self.looking_at(sign)
        return self._keyword() == sign

    def _keyword(self) -> str | None:
        match = re.compile(r"[^\s|&;()<>'\"\\$`]+").match(self.text, self.at)
        if match is None or match.group() not in _KEYWORDS:
            return None
        following = self.text[match.end() : match.end() + 1]
        return None if following and following in "'\"\\$`" else match.group()

    def _expect(self, keyword: str) -> None:
        self.skip_lines()
        if self._keyword() != keyword:
            raise self.unexpected()
        self.at += len(keyword)

    def _and_or(self) -> syntax.AndOr:
        first = self._pipeline()
        rest: list[tuple[str, syntax.Pipeline]] = []
        while True:
            self.skip_blanks()
            sign = self.peek(2)
            if sign not in {"&&", "||"}:
                return syntax.AndOr(first, tuple(rest))
            self.at += 2
            self.skip_lines()
            rest.append((sign, self._pipeline()))

    def _pipeline(self) -> syntax.Pipeline:
        negated = False
        self.skip_blanks()
        while self._keyword() == "!":
            negated = not negated
            self.at += 1
            self.skip_blanks()
        commands = [self._command()]
        while True:
            self.skip_blanks()
            if self.peek() != "|" or self.peek(2) == "||":
                return syntax.Pipeline(tuple(commands), negated)
            if self.peek(2) == "|&":
                raise self.not_emulated("the pipe `|&'")
            self.at += 1
            self.skip_lines()
            commands.append(self._command())

    def _command(self) -> syntax.Command:
        self.skip_blanks()
        compound = self._compound()
        if compound is None:
            return self.simple()
        redirects: list[syntax.Redirect] = []
        while True:
            self.skip_blanks()
            redirect = self.redirect()
            if redirect is None:
                break
            redirects.append(redirect)
        return syntax.Redirected(compound, tuple(redirects)) if redirects else compound

    def _compound(self) -> syntax.Command | None:  # noqa: C901, PLR0911 - one branch for each kind
        if self.looking_at("(("):
            raise self.not_emulated("arithmetic")
        if self.peek() == "(":
            self.at += 1
            return syntax.Subshell(self.closed_sequence(")"))
        keyword = self._keyword()
        match keyword:
            case "if":
                return self._if()
            case "while" | "until":
                self.at += len(keyword)
                condition = self.sequence("do")
                return syntax.While(condition, self._do(), keyword == "until")
            case "for":
                return self._for()
            case "case":
                return self._case()
            case "{":
                self.at += 1
                body = self.sequence("}")
                self._expect("}")
                return syntax.Group(body)
            case "[[":
                self.at += 2
                return syntax.Condition(parse_condition(self))
            case None:
                return self._function() if _FUNCTION.match(self.text, self.at) else None
            case _ if keyword in _NOT_EMULATED:
                raise self.not_emulated(f"`{keyword}'")
            case _:
                raise self.unexpected()

    def _do(self) -> syntax.Sequence:
        self._expect("do")
        body = self.sequence("done")
        self._expect("done")
        return body

    def _if(self) -> syntax.If:
        branches: list[tuple[syntax.Sequence, syntax.Sequence]] = []
        otherwise: syntax.Sequence | None = None
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
            return syntax.If(tuple(branches), otherwise)

    def _for(self) -> syntax.Command:
        self.at += 3
        self.skip_blanks()
        if self.looking_at("(("):
            raise self.not_emulated("arithmetic")
        name = NAME.match(self.text, self.at)
        if name is None:
            raise self.unexpected()
        self.at = name.end()
        self.skip_lines()
        words: list[syntax.Word] | None = None
        if self._keyword() == "in":
            self.at += 2
            words = self._words()
        self.skip_blanks()
        if self.peek() == ";":
            self.at += 1
        return syntax.For(name.group(), None if words is None else tuple(words), self._do())

    def _words(self) -> list[syntax.Word]:
        words: list[syntax.Word] = []
        while True:
            self.skip_blanks()
            word = self.word()
            if word is None:
                return words
            words.append(word)

    def _case(self) -> syntax.Case:
        self.at += 4
        self.skip_blanks()
        subject = self.word()
        if subject is None:
            raise self.unexpected()
        self._expect("in")
        arms: list[tuple[tuple[syntax.Word, ...], syntax.Sequence]] = []
        while True:
            self.skip_lines()
            if self._keyword() == "esac":
                self.at += 4
                return syntax.Case(subject, tuple(arms))
            if self.peek() == "(":
                self.at += 1
            patterns = self._patterns()
            arms.append((patterns, self.sequence(";;", "esac")))
            if self.looking_at(";;&"):
                raise self.not_emulated("the ending `;;&'")
            self.at += 2 if self.looking_at(";;") else 0

    def _patterns(self) -> tuple[syntax.Word, ...]:
        patterns: list[syntax.Word] = []
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

    def _function(self) -> syntax.Function:
        match = _FUNCTION.match(self.text, self.at)
        if match is None:
            raise self.unexpected()
        self.at = match.end()
        self.skip_lines()
        body = self._command()
        if isinstance(body, syntax.Simple):
            raise self.unexpected()
        return syntax.Function(match.group(1), body)
