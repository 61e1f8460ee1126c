"""Whatever is typed: a status comes back, soon, and nothing breaks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from .test_guests_bash import emulated

PIECES = """if then else fi for in do done while until case esac { } ( ) (( )) [[ ]] ! && || | |& & ; ;; < > >> << <<EOF EOF <<< 2>&1
    >&- $ $x ${x} ${x:-y} ${x#a*} ${#x} ${x[0]} ${!x} ${x//a/b} $(echo) `ls` $((1+x)) $(( "a" 'b' \\ \\n a=1 a+=(b) x[1]=2 f() f local
    return exit break continue trap eval source set -e -u -x -o pipefail shift unset export read printf %s %d echo -n test [ ] -f -eq =~ ==
    * ? [a-z] ~ {a,b} {1..3} curl http://1.2.3.4/ http://[::1]/ ls -la cat /etc/passwd grep sed s/a/b/ awk cut -d, -f1 sort head -n tail sleep
    1 dnf install systemctl logger -t x sudo -u root bash -c -i -l sh su xargs find / -name seq date +%s id kill $$ $! $? $@ $* $# # \t"""
WORDS = st.sampled_from([*PIECES.split(), "\n", "\n", " ", "é", "\x00", "\x1b[0m"])


@given(st.lists(WORDS, max_size=25), st.sampled_from([" ", ""]))
@settings(max_examples=150, deadline=5000)
def test_no_script_breaks_the_shell(words: list[str], between: str) -> None:
    output, status = emulated(between.join(words))
    assert isinstance(output, str)
    assert 0 <= status <= 255
