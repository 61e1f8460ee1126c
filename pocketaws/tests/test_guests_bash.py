"""The guests' shell against a real bash: the same script, the same output and status."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from pocketaws import registry
from pocketaws.clock import ManualClock
from pocketaws.guests import scripts, work
from pocketaws.guests.machine import Machine
from pocketaws.guests.shell.streams import Capture
from pocketaws.world import World

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="bash is missing")

SCRIPTS = {
    "quotes": r"""a="x  y"; b='$a `c` \'; echo $a "$a" '$a' \$a "\$a" $b "$b"; echo "a'b" 'c"d' e\ f""",
    "splitting": """a=' 1  2 3 '; set -- $a; echo $# "$1" "$3"; IFS=:; p=a::b:; set -- $p; echo $#; for i in $p; do echo "[$i]"; done""",
    "at and star": """set -- 'a b' c ''; for x in "$@"; do echo "<$x>"; done; for x in "$*"; do echo "<$x>"; done; for x in $*; do echo "<$x>"; done; IFS=-; echo "$*" """,
    "defaults": """unset u; e=; echo ${u:-a} ${u-b} ${e:-c} "${e-d}" ${u:+x} ${e:+y} ${e+z}; echo ${u:=set} $u; echo "${q:-a "b c" d}" """,
    "trimming": """f=/usr/lib/a.tar.gz; echo ${f#*/} ${f##*/} ${f%.*} ${f%%.*} ${f/a/A} ${f//[aeiou]/_} ${f/#\\/usr/X} ${f/%gz/zip} ${#f} ${f:5} ${f:5:3} ${f: -2}""",
    "case changing": """w=hello; echo ${w^} ${w^^} ${w^^[eo]}; W=ABC; echo ${W,} ${W,,}""",
    "arithmetic": """echo $((1+2*3)) $((2**10)) $((7/2)) $((-7/2)) $((-7%3)) $((1<2&&3>4)) $((5?6:7)) $((0x1f)) $((010)) $((2#101)); x=5; echo $((x++)) $x $((++x)) $((x+=10)) $((x,x*2)); ((x>3)) && echo yes; let y=x*2; echo $y; i=0; while ((i<3)); do echo $i; ((i++)); done""",
    "if and test": """if [ 1 -lt 2 ] && [ a = a ]; then echo t; else echo f; fi; [ -z "" ] && echo z; [ -n x -a ! -e /nonexistent ] && echo n; [ a != b ] || echo no; test 3 -ge 3; echo $?; [ x ]; echo $?; [ ]; echo $?""",
    "double brackets": """a='foo bar'; [[ $a == foo* ]] && echo glob; [[ $a == "foo*" ]] || echo literal; [[ $a =~ ^(f.o)\\ (b.*)$ ]] && echo "${BASH_REMATCH[1]}-${BASH_REMATCH[2]}"; [[ 10 -gt 9 && ! ( a < b && b > c ) ]] && echo n; [[ -z $unset || $a ]] && echo ok; [[ abc =~ [[:digit:]] ]]; echo $?""",
    "case": """for x in a.txt b 12 '' '*' 'x y'; do case $x in *.txt|*.md) echo text;; [0-9]*) echo num;; '') echo empty;; \\*) echo star;; *\\ *) echo space;; *) echo other;; esac; done; case a in a) echo 1;;& a|b) echo 2;& c) echo 3;; esac""",
    "loops": """for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done; for ((i=0;i<3;i++)); do echo -n $i; done; echo; n=3; until [ $n -eq 0 ]; do n=$((n-1)); done; echo $n; for a in x y; do for b in 1 2; do [ $b = 2 ] && continue 2; echo $a$b; done; done""",
    "functions": """f() { local v=in; echo "$1 $# $v"; v=changed; return 3; }; v=out; f a b; echo $? $v; g() { echo "${FUNCNAME:-}" >/dev/null; f "$@"; }; g 'x y'; h() (v=sub; echo $v); h; echo $v; unset -f f; f 2>/dev/null; echo $?""",
    "substitution": """echo "a$(echo b; echo c)d" `echo e`; x=$(printf 'l1\\nl2\\n\\n'); echo "$x"; echo $x; y=$(false); echo $?; echo $(echo $(echo deep)); z="$(echo "in 'quo' \\"tes\\"")"; echo "$z" """,
    "here documents": """x=val
cat <<EOF
a $x $(echo sub) \\$x `echo bq` "q" 'q'
EOF
cat <<'EOF'
a $x \\n
EOF
cat <<-EOF
	tabbed
	EOF
cat <<< "here $x"
while read -r a b; do echo "$b,$a"; done <<END
1 2 3
4 5
END
""",
    "pipes": """echo 'b
a
b' | sort | uniq -c | tr -s ' '; printf '%s\\n' a b c | while read l; do echo "-$l"; done; false | true; echo $? ${PIPESTATUS[0]}; set -o pipefail; false | true; echo $?; ! true; echo $?""",
    "redirections": """cd $(mktemp -d); echo one > f; echo two >> f; cat < f; { echo out; echo err >&2; } > o 2> e; cat o e; ls nosuch > both 2>&1; wc -l < both | tr -d ' '; exec 3> three; echo x >&3; exec 3>&-; cat three; echo a > /dev/null; cat nosuch 2>/dev/null || echo missing; : > f; [ -s f ] || echo empty""",
    "errexit": """set -e; false || echo guarded; if false; then :; fi; ! true; f() { false; echo after; }; f || echo or; echo before; (false; echo inner); echo never""",
    "nounset": """set -u; echo "${a:-ok}"; (echo $b) 2>/dev/null; echo $?; echo ${#c[@]} "$@"; echo $d; echo never""",
    "traps": """trap 'echo bye $?' EXIT; (trap 'echo inner' EXIT; echo sub); f() { return 7; }; f; exit 4""",
    "trap in order": """cleanup() { local s=$?; echo "status $s"; }; trap cleanup EXIT; set -e; echo start; false; echo never""",
    "printf": """printf '%s-%5s|%-5s|%05d|%x|%o|%c|%%\\n' a b c 42 255 8 xyz; printf '%s\\n' 1 2 3; printf '%d %s\\n' 1 a 2 b; printf '\\x41\\t\\101\\n'; printf '%q %q %q\\n' 'a b' "it's" ''; printf '%b' 'a\\nb\\n'; printf '%.2f %5.1f\\n' 3.14159 2.5; printf -v v '%03d' 7; echo $v""",
    "arrays": """a=(x 'y z' w); echo ${#a[@]} "${a[1]}" ${a[-1]} "${a[@]:1}"; a+=(n); a[7]=s; echo "${!a[@]}"; unset 'a[0]'; for i in "${a[@]}"; do echo "[$i]"; done; declare -A m=([k]=v [two]=2); m[x]=1; echo ${m[k]} ${#m[@]} ${m[x]}; read -ra r <<< '1 2 3'; echo ${r[2]}; mapfile -t l < <(printf 'a\\nb\\n'); echo ${l[1]}""",
    "braces": """echo {a,b}{1,2} x{1..3}y {3..1} {01..03} {a..c} {a} a{b "{x,y}" pre{,post}""",
    "tilde and glob": """cd $(mktemp -d); touch a1 a2 b1 .h; echo a* [ab]1 ?1 *.none "a*"; for f in *; do echo $f; done; HOME=/h; echo ~ ~/x "~"; echo .h* """,
    "read": """echo 'a:b:c' | { IFS=: read x y; echo "$x|$y"; }; printf 'a\\\\tb\\n' | { read l; echo "$l"; }; printf 'a\\\\tb\\n' | { read -r l; echo "$l"; }; printf 'no newline' | { read l; echo "$? $l"; }; echo ' lead trail ' | { read l; echo "[$l]"; }; printf 'x y z\\n' | { read -r a _; echo $a; }""",
    "eval and source": """x='echo $y'; y=5; eval $x; eval "z=\\$y"; echo $z; f=$(mktemp); echo 'echo sourced $1; return 3' > $f; . $f arg; echo $?""",
    "shift and getopts": """set -- -a -b val rest; while getopts ab: o; do echo "$o ${OPTARG:-}"; done; shift $((OPTIND-1)); echo "$@"; set -- 1 2 3; shift; echo $1; shift 5 2>/dev/null; echo $?""",
    "subshells and groups": """x=1; (x=2; echo $x); echo $x; { x=3; echo $x; }; echo $x; (exit 6); echo $?; (cd /; pwd); y=$(x=9; echo $x); echo $x $y""",
    "special": """echo $# "$0" | sed 's/[^ ]*$/name/'; f() { echo $#; }; f; f ''; f $nothing; f "$nothing"; true; echo $?; echo "${10:-ten}"; set -- 1 2 3 4 5 6 7 8 9 10 11; echo ${10} ${11} $#""",
    "continued": """echo a \\
b; if true
then
echo c
fi; x=1 && \\
echo d; for i in 1 \\
2; do echo $i; done # comment
echo 'multi
line' e # x""",
    "sed and friends": """printf 'one two\\nthree four\\n' | sed 's/o/0/g; 2d'; echo abc | sed -E 's/(b)(c)/\\2\\1/'; printf '1\\n2\\n3\\n4\\n' | sed -n '2,3p'; echo a,b,c | cut -d, -f2-; printf 'x\\ny\\n' | head -1; printf 'x\\ny\\n' | tail -n 1; echo hello | tr a-y b-z; printf 'b 2\\na 10\\n' | sort -k2 -n; seq 3; basename /a/b.c .c; dirname /a/b; echo foo | grep -c o; printf 'a1\\nb\\n' | grep -E '[0-9]'; echo x y z | xargs -n1 echo; echo aXb | grep -io x""",
    "expressions": r"""t() { printf '%s\n' foo 'foo bar' 'a+b' 'aab' '(x)' '10.0.0.9' 'Foo_1' ''; }; for e in 'o*' '^foo$' 'a+b' 'a\+b' '(x)' '\(o\)' '[0-9]\{2\}' '\.' '^$' 'o b' '[[:upper:]]' '[^a-z ]' '\bbar' 'foo\|aab' 'x)$'; do echo "$e: $(t | grep -c -- "$e") $(t | grep -o -- "$e" | tr '\n' ,)"; done; for e in 'o+' '(fo|foo|fooo)' 'a+b|\(x' '([0-9]+\.){3}[0-9]+' '^(a|b)*$' '[]x]' 'o{2}' '.?a' '\w+_\w' '(a*)+b'; do echo "$e: $(t | grep -Ec -- "$e") $(t | grep -Eo -- "$e" | tr '\n' ,)"; done; t | grep -w foo; t | grep -x aab; t | grep -vi FOO | grep -n a; t | sed -E 's/(o+)|(a)/<\1\2>/g; s/^$/empty/; s#([0-9]+)\.#\1-#2'; t | sed -n '/foo/,/aab/p;$='""",
    "patterns": r"""x=aXbXcXd; echo ${x##*X} ${x#*X} ${x%X*} ${x%%X*} ${x//X*b/-} ${x/X*/-}; for p in 'a*' '*d' '*X*X*' 'a*X*d' '*X*Y*' 'a?b*' '[a-c]*[!x]' '*b*c*' 'aXb' '*'; do case $x in $p) echo "$p yes";; *) echo "$p no";; esac; done""",
    "exit in pipeline": """echo a | (cat; exit 3); echo $?; f() { echo x; exit 9; }; v=$(f); echo $? $v; f; echo never""",
    "assignment forms": """a=1 b=2; echo $a$b; c=$a$b d="$c x"; echo "$d"; a=x true; echo $a; e+=1; e+=2; echo $e; readonly r=5; (r=6) 2>/dev/null; echo $? $r; export X=y; bash -c 'echo $X'; X=z bash -c 'echo $X'; echo $X""",
    "command not found": """nosuchcommand 2>/dev/null; echo $?; command -v echo; type -t if cd 2>/dev/null; /nosuch/path 2>/dev/null; echo $?; [ -x /bin/sh ] && echo sh""",
    "background": """(echo in background) & wait; echo $?; false & wait $!; echo $?""",
    "double dash and test": """echo -n a; echo -e 'b\\tc'; echo -- d; echo -E 'x\\n'; [ "-n" = "-n" ] && echo same; [ ! "" ] && echo not; [ \\( a = a \\) -o b = c ] && echo par""",
    "process substitution": """cat <(echo a) <(echo b); while read l; do echo "got $l"; done < <(printf '1\\n2\\n'); echo hi > >(cat); sleep 0.1""",
    "indirect": """v=name; name=value; echo ${!v}; a_1=x; a_2=y; echo ${!a_*}; x=abc; echo ${x:1:1} ${x:(-1)} ${x@Q}""",
    "syntax error": "echo first\nif then\necho never",
    "heredoc in function": """f() {
cat > "$1" <<'EOF'
line $1
EOF
}
t=$(mktemp); f $t; cat $t""",
    "set options": """set -x; echo traced 2>/dev/null; set +x; set -- a b; echo $@; set -f; echo *nomatch*; set +f; shopt -s nullglob; echo *nomatch*x""",
    "nested quotes": """echo "$(echo "$(echo "a b")")" "${x:-"q r"}" "${x:-'s'}"; y='a"b'; echo "${y//\\"/_}"; echo "a${y:+"($y)"}z" """,
    "backslashes": r"""echo a\\b 'a\\b' "a\\b" "a\n" $'t\tu\x41\'' "\\$HOME" | sed 's/\$HOME/H/;s#/[a-z]*$##'; x='a\b'; echo "$x" ; echo "${x//\\/\/}" """,
}


def real(script: str) -> tuple[str, int]:
    done = subprocess.run(  # noqa: S603 - our own scripts
        [BASH or "bash", "--norc"], input=script, capture_output=True, text=True, timeout=20, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"},
    )  # fmt: skip
    return done.stdout, done.returncode


def emulated(script: str) -> tuple[str, int]:
    registry.load()
    world = World(clock=ManualClock(datetime(2026, 3, 2, 9, 30, tzinfo=UTC)))
    with world.transaction():
        guest = work.make(world, "123456789012", "eu-west-1", "i-0", "ip-10-0-0-9")
        output = Capture()
        shell = scripts.root_shell(Machine(world, guest), "/root", output)
        shell.state.streams[2] = Capture()
        shell.state.name = "bash"
        shell.state.variables.pop("LANG")
        shell.state.set("HOME", "/nonexistent")
        status = shell.run_to_end(script)
    return output.take(), status


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_what_it_does_in_bash(name: str) -> None:
    assert emulated(SCRIPTS[name]) == real(SCRIPTS[name])
