/** What bash makes of a text, construct by construct: each hides a deed that its twin does not do. */
import { describe, expect, it } from 'vitest'
import { effectiveDenyGroups } from '../../../../src/tools/shell/deny-groups.ts'
import { judgeCommand } from '../../../../src/tools/shell/judge.ts'

const denyGroups = effectiveDenyGroups([])
const isDenied = (command: string) => judgeCommand(command, { denyGroups }).decision === 'deny'

const CONSTRUCTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'quoting of the name': [
    ["r''m -r x", "l''s -r x"],
    ['\\r\\m -r x', '\\l\\s -r x'],
    ["$'\\162m' -r x", "$'\\154s' -r x"],
    ['$"rm" -r x', '$"ls" -r x'],
    ['r\\\nm -r x', 'l\\\ns -r x'],
    ["$'\\u0072m' -r x", "$'\\u006cs' -r x"],
  ],
  'a name that only the run knows': [
    ['$c x', "'$c' x"],
    ['$' + '{x#x} y', "'$" + "{x#x}' y"],
    ['$' + '{!x} y', 'echo "$' + '{!x}" y'],
    ['r$@m x', "'r$@m' x"],
    ['ls; {cat,x}', 'ls; "{cat,x}"'],
    ['/bin/l? x', '"/bin/l?" x'],
    ['l@(s) x', "'l@(s)' x"],
    ['"$(cat name)" x', '"$(echo ls)" x'],
  ],
  'options that only the run knows': [
    ['rm $(cat a | tr a -) x', 'rm $(cat a) x'],
    ["f() { echo '-r'; }; rm $(f) x", 'f() { echo a; }; ls $(f) x'],
    ["declare -l a='-R'; rm $a x", "declare -l a='R'; rm $a x"],
    ["a='\\x2dr'; rm $" + '{a@E} x', "a='b'; rm $" + '{a@E} x'],
    ['echo -r > a; rm $(cat a) x', 'ls > a; rm $(cat a)'],
    ['nice echo -r > a; rm $(<a) x', 'nice ls > a; rm $(<a)'],
    ['run() { find $1; }; run "x -delete"', 'run() { find $1; }; run x'],
    ["env a='x -delete' bash -c 'find $a'", "env a=x bash -c 'find $a'"],
    ['command printf -v a -- -r; rm $a x', 'command printf -v a -- -r; echo $a'],
    ['touch ./-delete; find x $(ls -- -*)', 'touch ./delete; find x $(ls)'],
    [
      'echo of=x | while read -r a; do dd $a; done',
      'echo of=x | while read -r a; do echo $a; done',
    ],
  ],
  'commands nested in words': [
    ['echo $' + '{a:-$(sudo ls)}', 'echo $' + '{a:-$(ls)}'],
    ['echo $' + '{a[$(sudo ls)]}', 'echo $' + '{a[0]}'],
    ['echo $' + '{a:$(sudo ls):1}', 'echo $' + '{a:0:1}'],
    ['(( $(sudo ls) ))', '(( 1 + 1 ))'],
    ['[[ a =~ $(sudo ls) ]]', '[[ a =~ ^a$ ]]'],
    ['case $(sudo ls) in a) ;; esac', 'case $(ls) in a) ;; esac'],
    ['cat <<-E\n\t$(sudo ls)\n\tE', "cat <<-'E'\n\t$(sudo ls)\n\tE"],
    ['cat <<< "`sudo ls`"', "cat <<< '`sudo ls`'"],
    ['a=(1 $(sudo ls))', 'a=(1 $(ls))'],
    ['coproc P { sudo ls; }', 'coproc P { ls; }'],
    ['f() for i in 1; do sudo ls; done', 'f() for i in 1; do ls; done'],
    [
      'select i in a; do exec < f; bash; done <<< 1',
      'select i in a; do exec 2> f; bash; done <<< ls',
    ],
    ['echo $' + "{u:-$(( a '\n) > s; b '\n)}", 'echo $' + '{u:-$(( 1 ))}'],
    [
      "printf 'echo sudo ls > s; cp s t; bash t' > s; . ./s",
      "printf 'echo ls > s; cp s t; bash t' > s; . ./s",
    ],
    ['cat <<< "$(exec < <(echo ls); bash)"', 'cat <<< "$(exec < list; cat)"'],
  ],
  'texts that cannot be read': [
    ['echo "a', 'echo "a"'],
    ['echo $(ls', 'echo $(ls)'],
    ['if ls; then', 'if ls; then :; fi'],
    ['echo `echo "\\`', 'echo `echo "a"`'],
  ],
  'literals that arithmetic runs': [
    ["let 'a[$(ls)]=1'", "let 'a[1]=1'"],
    ["declare -i x='a[$(ls)]'", "declare -i x='a[1]'"],
    ["x='a[$(ls)]'; [[ x -eq 1 ]]", "x='a[$(ls)]'; [[ x == 1 ]]"],
    ["test -v 'a[$(ls)]'", "test -n 'a $(ls)'"],
    ["read 'a[$(ls)]'", "read 'a[1]'"],
    ["x='a[$(ls)]'; : $((x))", "x='a[$(ls)]'; : $x"],
    ["x='a[$(ls)]'; : \"$" + '{!x}"', "x='a[$(ls)]'; : \"$" + '{x}"'],
    ["x='a[$(ls)]'; b[x]=1", "x='a[$(ls)]'; b[1]=1"],
    ['exec {a[$(sudo ls)0]}> f', 'exec {a}> f'],
    [': "$' + '{x@P}"', ': "$' + '{x@U}"'],
  ],
  'wrappers and their options': [
    ["eval -- 'sudo ls'", "eval -- 'ls'"],
    ["trap -- 'sudo ls' 0", "trap -- 'ls' 0"],
    ['builtin command sudo ls', 'builtin command ls'],
    ['command -pv ls; command -p sudo ls', 'command -pv sudo'],
    ['exec -cla x sudo ls', 'exec -cla x ls'],
    ["sh -xec 'sudo ls'", "sh -xec 'ls'"],
    ["bash -c -x 'sudo ls'", "bash -c -x 'ls'"],
    ["env -vS 'sudo ls'", "env -vS 'ls -l'"],
    ["env --split='sudo ls'", "env --split='ls -l'"],
    ['env --frobnicate ls', 'env --ignore-environment ls'],
    [
      'start-stop-daemon -S -x /bin/bash -- -c "sudo ls"',
      'start-stop-daemon -S -x /bin/bash -- -c "ls"',
    ],
    ["script /dev/null -qc 'sudo ls'", "script /dev/null -qc 'ls'"],
    ["script -q f <<< 'sudo ls'", "script -q f <<< 'ls'"],
    ['run-parts d; jobs -x sudo ls', 'run-parts d; jobs -l'],
    ['unheard-of -z rm -rf x', 'unheard-of -z ls -rf x'],
  ],
  'positional words': [
    ['bash -c \'"$@"\' _ rm -r x', 'bash -c \'"$@"\' _ ls -r x'],
    ["bash -c '$0 -rf x' rm", "bash -c '$0 -rf x' ls"],
    ["bash -c 'rm $1 x' _ -r", "bash -c 'ls $1 x' _ -r"],
    ['bash -c \'$1\' _ "$c"', 'bash -c \'echo $1\' _ "$c"'],
  ],
  'lists of words': [
    ['a=(-r x); rm "$' + '{a[@]}"', 'a=(y x); rm "$' + '{a[@]}"'],
    ['a=(y -r); rm $' + '{a[1]} x', 'a=(-r y); rm $' + '{a[1]} x'],
    ['a=(sudo ls); bash -c "$' + '{a[*]}"', 'a=(ls sudo); bash -c "$' + '{a[*]}"'],
    ['set -- 777 /etc; chmod "$@"', 'set -- 755 etc; chmod "$@"'],
    ['for d in etc /etc; do chmod 755 $d; done', 'for d in etc var; do chmod 755 $d; done'],
    ['run() { chmod "$@"; }; run 755 /etc', 'run() { chmod "$@"; }; run 755 etc'],
    ['echo 755 /etc | xargs chmod', 'echo 755 etc | xargs chmod'],
    ['xargs -n2 pip <<< "list -v install x"', 'xargs -n2 pip <<< "list -v show x"'],
    [
      'select i in a; do echo \'sudo ls\' > s; read -r x < s; bash -c "$x"; done <<< 1',
      'select i in a; do read -r x; echo "$x"; done <<< 1',
    ],
    [
      "{ f() { read -r x; rm $x y; }; } <<< 1; f <<< '-r'",
      '{ f() { read -r x; echo $x; }; } <<< 1; f <<< a',
    ],
    ["read -r d <<< '/etc'; chmod 755 $d", "read -r d <<< 'etc'; chmod 755 $d"],
    ['x=ins; x+=tall; pip $x y', 'x=li; x+=st; pip $x'],
    ['bash -c "rm -r *.o"', 'bash -c "rm *.o"'],
    ["find x $(expr 'a-delete' : 'a\\(.*\\)')", 'find x $(expr length ab)'],
    ["rm $(echo -e '\\0055r') x", "rm $(echo -e 'a') x"],
  ],
  'code from elsewhere': [
    ["bash <<< 'sudo ls'", "bash <<< 'ls'"],
    [". /dev/stdin <<'E'\nsudo ls\nE", ". /dev/stdin <<'E'\nls\nE"],
    ['source <(cat f)', 'cat <(cat f)'],
    ['cat f | sh', 'cat f | sort'],
    ['tee >(sh) < f', 'tee >(wc) < f'],
    ['bash --rcfile <(cat f) -i', 'bash --norc f'],
    ['python3 < f', 'python3 f < data'],
    ['find . -name f | xargs -I{} sh -c {}', 'find . -name f | xargs -n1 sh -c \'wc "$0"\''],
    ['awk \'{print | "sh"}\' f', 'awk \'{print | "sort"}\' f'],
    ["perl -ne 'system $_' f", "perl -ne 'print' f"],
  ],
  'files that the text writes and runs': [
    ["echo 'sudo ls' > s; bash s", "echo 'ls' > s; bash s"],
    ["cat > s <<'E'\nsudo ls\nE\n. ./s", "cat > s <<'E'\nls\nE\n. ./s"],
    ["echo 'sudo ls' | tee s; sh s", "echo 'ls' | tee s; sh s"],
    ["echo 'sudo ls' > s; cp s t; bash t", "echo 'ls' > s; cp s t; bash t"],
    ["echo 'sudo ls' > s; bash ./[s]", "echo 'ls' > s; bash ./[s]"],
    ["echo 'sudo ls' > s; ls s | xargs bash", "echo 'ls' > s; ls s | xargs bash"],
    [
      "for i in 1 2; do bash s; echo 'sudo ls' > s; done",
      "for i in 1 2; do bash s; echo 'ls' > s; done",
    ],
    ["{ echo sudo; echo ls; } | tr '\\n' ' ' > s; bash s", '{ echo pwd; echo ls; } > s; bash s'],
    [
      "printf '#!/bin/sh\\n%s\\n' 'sudo ls' > git; PATH=.:$PATH; git",
      "printf '%s\\n' ls > git.sh; bash git.sh",
    ],
    [
      "printf 'import os; os.system(1)' > s.py; python3 s.py",
      "printf 'print(1)' > s.py; python3 s.py",
    ],
    ['cp /bin/rm y; ./y -r x', 'cp /bin/ls y; ./y -r x'],
    ['ln -s "$(type -P rm)" y; ./y -r x', 'ln -s "$(type -P ls)" y; ./y -r x'],
    ["echo 'sudo ls' > .git/hooks/pre-commit", "echo 'ls' > .git/hooks/pre-commit"],
  ],
  'names that mean something else': [
    ['alias ls=x; ls', 'alias; ls'],
    ["alias x='sudo ls'", "alias x='ls -l'"],
    ['hash -p /bin/rm ls', 'hash -r'],
    ['enable -f ./a.so a', 'enable -n echo'],
    ['PATH=/workspace/bin ls', 'PATH=$PATH:/workspace/bin ls'],
    ['ls() { sudo ls; }; ls', 'll() { ls -l; }; ll'],
    ['a() { b & b; }; b() { a; }; a', 'a() { b; b; }; b() { ls & }; a'],
  ],
  'look-alikes': [['rm -r x', 'rm\u200b -r x']],
}

describe('constructs', () => {
  for (const [construct, pairs] of Object.entries(CONSTRUCTS)) {
    describe(construct, () => {
      it.each(pairs)('%j is denied, %j is not', (denied, allowed) => {
        expect(isDenied(denied)).toBe(true)
        expect(isDenied(allowed)).toBe(false)
      })
    })
  }
})
