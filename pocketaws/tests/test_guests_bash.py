"""The guests' shell against a real bash: the same script, the same output and status."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from pocketaws import registry
from pocketaws.clock import ManualClock
from pocketaws.guests import scripts, store
from pocketaws.guests.machine import Machine
from pocketaws.guests.shell.streams import Capture
from pocketaws.world import World

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="bash is missing")

SCRIPTS = {
    "quotes": r"""a="x  y"; b='$a "c" \'; echo $a "$a" '$a' \$a "\$a" $b "$b"; echo "a'b" 'c"d' e\ f""",
    "splitting": """a=' 1  2 3 '; set -- $a; echo $# "$1" "$3"; IFS=:; p=a::b:; set -- $p; echo $#; for i in $p; do echo "[$i]"; done""",
    "at and star": """set -- 'a b' c ''; for x in "$@"; do echo "<$x>"; done; for x in "$*"; do echo "<$x>"; done; for x in $*; do echo "<$x>"; done; IFS=-; echo "$*" """,
    "defaults": """unset u; e=; echo ${u:-a} ${u-b} ${e:-c} "${e-d}" ${u:+x} ${e:+y} ${e+z}; echo ${u:=set} $u; echo "${q:-a "b c" d}" """,
    "trimming": """f=/usr/lib/a.tar.gz; echo ${f#*/} ${f##*/} ${f%.*} ${f%%.*} ${f/a/A} ${f//[aeiou]/_} ${f/#\\/usr/X} ${f/%gz/zip} ${#f}""",
    "if and test": """if [ 1 -lt 2 ] && [ a = a ]; then echo t; else echo f; fi; [ -z "" ] && echo z; [ -n x ] && [ ! -e /nonexistent ] && echo n; [ a != b ] || echo no; [ 3 -ge 3 ]; echo $?; [ x ]; echo $?; [ ]; echo $?""",
    "double brackets": """a='foo bar'; [[ $a == foo* ]] && echo glob; [[ $a == "foo*" ]] || echo literal; [[ 10 -gt 9 && ! ( a == b && b == c ) ]] && echo n; [[ -z $unset || $a ]] && echo ok; [[ a5 == *[[:digit:]] ]]; echo $?""",
    "case": """for x in a.txt b 12 '' '*' 'x y'; do case $x in *.txt|*.md) echo text;; [0-9]*) echo num;; '') echo empty;; \\*) echo star;; *\\ *) echo space;; *) echo other;; esac; done""",
    "loops": """for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done; n=; until [ "$n" = xx ]; do n=x$n; echo $n; done; while [ "$n" != xxxx ]; do n=x$n; done; echo $n; for a in x y; do for b in 1 2; do [ $b = 2 ] && continue 2; echo $a$b; done; done""",
    "functions": """f() { local v=in; echo "$1 $# $v"; v=changed; return 3; }; v=out; f a b; echo $? $v; g() { f "$@"; }; g 'x y'; h() (v=sub; echo $v); h; echo $v; unset f; f 2>/dev/null; echo $?""",
    "substitution": """echo "a$(echo b; echo c)d" $(echo e); x=$(printf 'l1\\nl2\\n\\n'); echo "$x"; echo $x; y=$(false); echo $?; echo $(echo $(echo deep)); z="$(echo "in 'quo' \\"tes\\"")"; echo "$z" """,
    "here documents": """x=val
cat <<EOF
a $x $(echo sub) \\$x "q" 'q'
EOF
cat <<'EOF'
a $x \\n
EOF
cat <<-EOF
	tabbed
	EOF
cat <<< "here $x"
""",
    "pipes": """printf '%s\\n' a b c | head -2 | cat; false | true; echo $?; set -o pipefail; false | true; echo $?; ! true; echo $?""",
    "redirections": """mkdir -p /tmp/guests-bash && cd /tmp/guests-bash; echo one > f; echo two >> f; cat < f; { echo out; echo err >&2; } > o 2> e; cat o e; cat nosuch > both 2>&1; [ -s both ] && echo said; echo x &> three; cat three; echo a > /dev/null; cat nosuch 2>/dev/null || echo missing; : > f; [ -s f ] || echo empty""",
    "errexit": """set -e; false || echo guarded; if false; then :; fi; ! true; f() { false; echo after; }; f || echo or; echo before; (false; echo inner); echo never""",
    "nounset": """set -u; echo "${a:-ok}"; (echo $b) 2>/dev/null; echo $?; echo "$@"; echo $d; echo never""",
    "traps": """trap 'echo bye $?' EXIT; (trap 'echo inner' EXIT; echo sub); f() { return 7; }; f; exit 4""",
    "trap in order": """cleanup() { local s=$?; echo "status $s"; }; trap cleanup EXIT; set -e; echo start; false; echo never""",
    "printf": """printf '%s-%5s|%-5s|%05d|%x|%o|%c|%%\\n' a b c 42 255 8 xyz; printf '%s\\n' 1 2 3; printf '%d %s\\n' 1 a 2 b; printf '\\x41\\t\\101\\n'; printf '%q %q %q\\n' 'a b' "it's" ''; printf '%b' 'a\\nb\\n'; printf '%q\\n' $'a\\tb'; printf '%04x%04x\\n' 1 65535""",
    "tilde and glob": """mkdir -p /tmp/guests-glob && cd /tmp/guests-glob; touch a1 a2 b1 .h; echo a* [ab]1 ?1 *.none "a*"; for f in *; do echo $f; done; HOME=/h; echo ~ ~/x "~"; echo .h* """,
    "source": """cd /tmp; echo 'echo sourced $y; return 3' > guests-sourced; y=5; . ./guests-sourced; echo $?""",
    "subshells and groups": """x=1; (x=2; echo $x); echo $x; { x=3; echo $x; }; echo $x; (exit 6); echo $?; (cd /; pwd); y=$(x=9; echo $x); echo $x $y""",
    "special": """f() { echo $#; }; f; f ''; f $nothing; f "$nothing"; true; echo $?; echo "${10:-ten}"; set -- 1 2 3 4 5 6 7 8 9 10 11; echo ${10} ${11} $#""",
    "continued": """echo a \\
b; if true
then
echo c
fi; x=1 && \\
echo d; for i in 1 \\
2; do echo $i; done # comment
echo 'multi
line' e # x""",
    "patterns": r"""x=aXbXcXd; echo ${x##*X} ${x#*X} ${x%X*} ${x%%X*} ${x//X*b/-} ${x/X*/-}; for p in 'a*' '*d' '*X*X*' 'a*X*d' '*X*Y*' 'a?b*' '[a-c]*[!x]' '*b*c*' 'aXb' '*'; do case $x in $p) echo "$p yes";; *) echo "$p no";; esac; done""",
    "exit in pipeline": """echo a | (cat; exit 3); echo $?; f() { echo x; exit 9; }; v=$(f); echo $? $v; f; echo never""",
    "assignment forms": """a=1 b=2; echo $a$b; c=$a$b d="$c x"; echo "$d"; a=x true; echo $a; e+=1; e+=2; echo $e; export X=y; bash -c 'echo $X'; X=z bash -c 'echo $X'; echo $X""",
    "command not found": """nosuchcommand 2>/dev/null; echo $?; /nosuch/path 2>/dev/null; echo $?; [ -x /bin/sh ] && echo sh""",
    "echo": """echo -n a; echo -e 'b\\tc'; echo -- d; echo -E 'x\\n'; [ "-n" = "-n" ] && echo same; [ ! "" ] && echo not""",
    "syntax error": "echo first\nif then\necho never",
    "heredoc in function": """f() {
cat > "$1" <<'EOF'
line $1
EOF
}
f /tmp/guests-heredoc; cat /tmp/guests-heredoc""",
    "nested quotes": """echo "$(echo "$(echo "a b")")" "${x:-"q r"}" "${x:-'s'}"; y='a"b'; echo "${y//\\"/_}"; echo "a${y:+"($y)"}z" """,
    "backslashes": r"""echo a\\b 'a\\b' "a\\b" "a\n" $'t\tu\x41\''; x='a\b'; echo "$x" ; echo "${x//\\/\/}" """,
}
REFUSED = {
    "arithmetic": "echo $((1+1))",
    "arithmetic command": "((1))",
    "counting loop": "for ((i=0;i<1;i++)); do :; done",
    "regular expression": "[[ a =~ a ]]",
    "array": "a=(1 2)",
    "array item": "echo ${a[0]}",
    "slice": "a=abc; echo ${a:1}",
    "case change": "a=abc; echo ${a^}",
    "indirection": "b=HOME; echo ${!b}",
    "braces": 'echo {a,"b c"}',
    "range": "echo {1..3}",
    "backquotes": "echo `pwd`",
    "process substitution": "cat <(echo a)",
    "file substitution": "echo $(< /etc/os-release)",
    "background": "echo a &",
    "pipe with errors": "echo a |& cat",
    "function keyword": "function f { :; }",
    "time": "time pwd",
    "falling arm": "case a in a) pwd;;& b) pwd;; esac",
    "closed descriptor": "echo a >&-",
    "read and write": "cat <> /etc/os-release",
    "named descriptor": "echo a {fd}> /tmp/x",
    "trace": "set -x",
    "null glob": "shopt -s nullglob",
    "error trap": "trap pwd ERR",
    "variable": "echo $PIPESTATUS",
    "home of a user": "echo ~root",
    "test": "[ a -o b ]",
    "floating point": "printf %f 1",
    "symbolic mode": "chmod u+x /tmp",
    "eval": "eval pwd",
    "read": "read x",
}


def real(script: str) -> tuple[str, int]:
    done = subprocess.run(  # noqa: S603 - our own scripts
        [BASH or "bash", "--norc"], input=script, capture_output=True, text=True, timeout=20, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"},
    )  # fmt: skip
    return done.stdout, done.returncode


def emulated(script: str, *, errors: bool = False) -> tuple[str, int]:
    registry.load()
    world = World(clock=ManualClock(datetime(2026, 3, 2, 9, 30, tzinfo=UTC)))
    with world.transaction():
        guest = store.create(world, "123456789012", "eu-west-1", "i-0", "ip-10-0-0-9")
        output = Capture()
        shell = scripts.root_shell(Machine(world, guest), "/root", output)
        if not errors:
            shell.state.streams[2] = Capture()
        shell.state.name = "bash"
        shell.state.variables.pop("LANG")
        shell.state.set("HOME", "/nonexistent")
        status = shell.run_to_end(script)
    return output.take(), status


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_what_it_does_in_bash(name: str) -> None:
    assert emulated(SCRIPTS[name]) == real(SCRIPTS[name])


@pytest.mark.parametrize("name", REFUSED)
def test_what_bash_does_and_this_shell_lacks_is_refused(name: str) -> None:
    output, status = emulated(f"{REFUSED[name]} && echo went on", errors=True)
    assert status != 0
    assert (
        "pocketaws doesn't emulate" in output
        or "pocketaws emulates only" in output
        or "command not found" in output
    )
    assert "went on" not in output.splitlines()
