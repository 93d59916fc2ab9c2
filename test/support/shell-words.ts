/**
 * Ways to spell one word, or one command of several words, so that bash sees it and a careless
 * reader does not. Each may need commands before it, which set what it then expands.
 */
import fc from 'fast-check'

export interface Spelled {
  /** Runs before; ends in a separator, or is empty. */
  readonly before: string
  readonly text: string
}

export const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const hex = (word: string): string =>
  [...word].map((char) => `\\x${char.charCodeAt(0).toString(16)}`).join('')
const octal = (word: string): string =>
  [...word].map((char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')
const reversed = (word: string): string => [...word].reverse().join('')

type Spelling = (word: string, name: string) => Spelled

const plain =
  (text: (word: string) => string): Spelling =>
  (word) => ({ before: '', text: text(word) })

const after =
  (before: (word: string, name: string) => string, text: (name: string) => string): Spelling =>
  (word, name) => ({ before: before(word, name), text: text(name) })

/** Only quoting: a reader of bash sees the word. */
export const QUOTED: readonly Spelling[] = [
  plain((word) => word),
  plain(single),
  plain((word) => `"${word}"`),
  plain((word) => `${word.slice(0, 1)}''${word.slice(1)}`),
  plain((word) => `${word.slice(0, 2)}""${word.slice(2)}`),
  plain((word) => word.replace(/[a-z]/g, '\\$&')),
  plain((word) => `${word.slice(0, 1)}\\\n${word.slice(1)}`),
  plain((word) => `$'${hex(word)}'`),
  plain((word) => `$'${octal(word)}'`),
  plain((word) => `$'\\u00${word.charCodeAt(0).toString(16)}'${single(word.slice(1))}`),
  plain((word) => `$"${word}"`),
  plain((word) => `${word.slice(0, 1)}"${word.slice(1, 2)}"'${word.slice(2)}'`),
]

/** Expansions of what the text itself holds. */
export const EXPANDED: readonly Spelling[] = [
  plain((word) => `\${unset:-${word}}`),
  plain((word) => `\${unset-${word}}`),
  plain((word) => `\${HOME:+${word}}`),
  plain((word) => `"\${unset:=${word}}"`),
  plain((word) => `${word}$unset`),
  plain((word) => `${word.slice(0, 1)}\${unset}${word.slice(1)}`),
  plain((word) => `${word.slice(0, 1)}$@${word.slice(1)}`),
  plain((word) => `${word.slice(0, 1)}\`\`${word.slice(1)}`),
  plain((word) => `${word.slice(0, 1)}$(true)${word.slice(1)}`),
  plain((word) => `${word.slice(0, 1)}{${word.charAt(1)}..${word.charAt(1)}}${word.slice(2)}`),
  plain((word) => `{${word},}`),
  plain((word) => `$(echo ${word})`),
  plain((word) => `\`echo ${word}\``),
  plain((word) => `"$(printf %s ${single(word)})"`),
  plain((word) => `$(printf '${hex(word)}')`),
  plain((word) => `$(echo -e '${octal(word).replaceAll('\\', '\\0')}')`),
  plain((word) => `$(rev <<< ${single(reversed(word))})`),
  plain((word) => `$(echo ${single(reversed(word))} | rev)`),
  plain((word) => `$(cat <<< ${single(word)})`),
  plain((word) => `$(cat <<E\n${word}\nE\n)`),
  plain((word) => `$(base64 -d <<< ${Buffer.from(word).toString('base64')})`),
  plain((word) => `$(cut -c2- <<< x${word})`),
  plain((word) => `$(sed s/x// <<< x${word})`),
  plain((word) => `$(awk 'BEGIN{print "${word}"}')`),
  plain((word) => `$(tr A-Z a-z <<< ${single(word.toUpperCase())})`),
  plain((word) => `$(f() { echo ${word}; }; f)`),
  plain((word) => `$(x=${word}; echo $x)`),
  plain((word) => `$(echo ok >&2; echo ${word})`),
  plain((word) => `$(true && echo ${word} || ls)`),
  plain((word) => `$(for i in ${word}; do echo $i; done)`),
  plain((word) => `$(basename ./${word})`),
  plain((word) => `$(command echo ${word})`),
  plain((word) => `$(echo ${word} | head -1)`),
  plain((word) => `$(jq -rn '"${word}"')`),
  plain((word) => `$(grep -o -- ${single(word)} <<< ${single(`x${word}x`)})`),
  plain((word) => `$(xargs <<< ${single(word)})`),
  plain((word) => `$(expr ${single(`x${word}`)} : 'x\\(.*\\)')`),
  after(
    (word, name) => `${name}=${single(word)}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `${name}=${single(word)}\n`,
    (name) => `"\${${name}}"`,
  ),
  after(
    (word, name) => `${name}=x${word}; `,
    (name) => `\${${name}#x}`,
  ),
  after(
    (word, name) => `${name}=${word}x; `,
    (name) => `\${${name}%x}`,
  ),
  after(
    (word, name) => `${name}=${word.slice(0, 1)}_${word.slice(1)}; `,
    (name) => `\${${name}/_/}`,
  ),
  after(
    (word, name) => `${name}=xx${word}; `,
    (name) => `\${${name}:2}`,
  ),
  after(
    (word, name) => `${name}=${single(word.toUpperCase())}; `,
    (name) => `\${${name},,}`,
  ),
  after(
    (word, name) => `${name}=${single(word.toUpperCase())}; `,
    (name) => `\${${name}@L}`,
  ),
  after(
    (word, name) => `${name}=${single(hex(word))}; `,
    (name) => `\${${name}@E}`,
  ),
  after(
    (word, name) => `${name}=${single(word)}; ${name}2=${name}; `,
    (name) => `\${!${name}2}`,
  ),
  after(
    (word, name) => `declare -n ${name}=${name}2; ${name}2=${single(word)}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `${name}=${single(word.slice(0, 1))}; ${name}+=${single(word.slice(1))}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `${name}=(x ${single(word)}); `,
    (name) => `\${${name}[1]}`,
  ),
  after(
    (word, name) => `${name}=(x ${single(word)}); `,
    (name) => `"\${${name}[@]:1}"`,
  ),
  after(
    (word, name) => `declare -A ${name}=([k]=${single(word)}); `,
    (name) => `\${${name}[k]}`,
  ),
  after(
    (word, name) => `read -r ${name} <<< ${single(word)}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `read -r ${name} < <(echo ${single(word)}); `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `IFS=, read -r _ ${name} <<E\nx,${word}\nE\n`,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `mapfile -t ${name} <<< ${single(word)}; `,
    (name) => `\${${name}[0]}`,
  ),
  after(
    (word, name) => `printf -v ${name} -- ${single(word)}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `printf -v ${name} '${hex(word)}'; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `for ${name} in ${single(word)}; do :; done; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `export ${name}=${single(word)}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `declare -l ${name}=${single(word.toUpperCase())}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `${name}=$(echo ${single(word)}); `,
    (name) => `$${name}`,
  ),
  after(
    (word) => `: ${single(word)}; `,
    () => '$_',
  ),
  after(
    (word) => `set -- x ${single(word)}; `,
    () => '"$2"',
  ),
  after(
    (word) => `set -- ${single(word)}; `,
    () => '$*',
  ),
  after(
    (word) => `set -- -- ${single(word)}; shift; `,
    () => '"$@"',
  ),
  after(
    (word) => `[[ ${single(word)} =~ .* ]]; `,
    () => '"$' + '{BASH_REMATCH[0]}"',
  ),
  after(
    (word, name) => `${name}() { echo ${single(word)}; }; `,
    (name) => `$(${name})`,
  ),
  after(
    (word) => `touch -- ${single(word)}; `,
    () => '-*',
  ),
  after(
    (word) => `touch ./${single(word)}; `,
    () => '$(ls -- -*)',
  ),
  after(
    (word, name) => `echo ${single(word)} > ${name}; `,
    (name) => `$(<${name})`,
  ),
  after(
    (word, name) => `echo ${single(word)} > ${name}; `,
    (name) => `$(cat ${name})`,
  ),
  after(
    (word, name) => `exec 3<<< ${single(word)}; read -ru3 ${name}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `coproc echo ${single(word)}; read -ru"$COPROC" ${name}; `,
    (name) => `$${name}`,
  ),
  after(
    (word, name) => `OPTIND=1; getopts a: ${name} -a ${single(word)}; `,
    () => '$OPTARG',
  ),
]

type Whole = (words: readonly string[]) => string

const quotedList = (words: readonly string[]): string => words.map(single).join(' ')

/** Commands of several words at once. */
export const WHOLE: readonly Whole[] = [
  (words) => `{${words.join(',')}}`,
  (words) => `c=${single(words.join(' '))}; $c`,
  (words) => `c=(${quotedList(words)}); "\${c[@]}"`,
  (words) => `set -- ${quotedList(words)}; "$@"`,
  (words) => `$(echo ${quotedList(words)})`,
  (words) => `IFS=_; c=${single(words.join('_'))}; $c`,
  (words) => `read -ra c <<< ${single(words.join(' '))}; "\${c[@]}"`,
  (words) => `mapfile -t c < <(printf '%s\\n' ${quotedList(words)}); "\${c[@]}"`,
  (words) => `run() { "$@"; }; run ${quotedList(words)}`,
  ([name = '', ...rest]) => `run() { ${name} "$@"; }; run ${quotedList(rest)}`,
  ([name = '', ...rest]) => `run() { ${name} $1; }; run ${single(rest.join(' '))}`,
  ([name = '', ...rest]) => `x=${single(rest.join(' '))}; ${name} $x`,
  ([name = '', ...rest]) => `${name} {${rest.join(',')},}`,
  ([name = '', ...rest]) => `a=(${quotedList(rest)}); ${name} "\${a[@]}"`,
  ([name = '', ...rest]) => `${name} $(echo ${quotedList(rest)})`,
  ([name = '', ...rest]) => `echo ${quotedList(rest)} | xargs ${name}`,
  ([name = '', ...rest]) => `xargs ${name} <<< ${single(rest.join(' '))}`,
  ([name = '', ...rest]) => `printf '%s\\0' ${quotedList(rest)} | xargs -0 ${name}`,
  ([name = '', first = '', ...rest]) =>
    `xargs ${name} ${single(first)} <<< ${single(rest.join(' '))}`,
  ([name = '', ...rest]) => `xargs -a <(echo ${quotedList(rest)}) ${name}`,
  ([name = '', ...rest]) => `while read -r x; do ${name} $x; done <<< ${single(rest.join(' '))}`,
  ([name = '', ...rest]) => `echo ${quotedList(rest)} | while read -r x; do ${name} $x; done`,
  ([name = '', ...rest]) => `echo ${quotedList(rest)} | { read -ra x; ${name} "\${x[@]}"; }`,
  ([name = '', ...rest]) => `${name}\${IFS}${rest.join('$' + '{IFS}')}`,
  ([name = '', ...rest]) => `bash -c '${name} "$@"' _ ${quotedList(rest)}`,
  (words) => `bash -c '"$@"' _ ${quotedList(words)}`,
  (words) => `bash -c '$0 $*' ${quotedList(words)}`,
  ([name = '', ...rest]) => `bash -c '$0 "$@"' ${name} ${quotedList(rest)}`,
  (words) => `x=${single(words.join(' '))} bash -c '$x'`,
  (words) => `x=${single(words.join(' '))} bash -c 'eval "$x"'`,
  ([name = '', ...rest]) => `x=${single(rest.join(' '))} bash -c '${name} $x'`,
  ([name = '', ...rest]) => `x=${single(rest.join(' '))} env bash -c '${name} $x'`,
  ([name = '', ...rest]) => `export x=${single(rest.join(' '))}; bash -c '${name} $x'`,
  ([name = '', ...rest]) => `env x=${single(rest.join(' '))} bash -c '${name} $x'`,
  ([name = '', ...rest]) =>
    `select x in ${single(rest.join(' '))}; do ${name} $x; break; done <<< 1`,
  ([name = '', ...rest]) => `for x in ${single(rest.join(' '))}; do ${name} $x; done`,
  ([name = '', ...rest]) =>
    `case ${single(rest.join(' '))} in *) set -- ${quotedList(rest)};; esac; ${name} "$@"`,
  ([name = '', ...rest]) => `hash -p "$(type -P ${name})" x; x ${quotedList(rest)}`,
  ([name = '', ...rest]) => `BASH_CMDS[x]=$(type -P ${name}); x ${quotedList(rest)}`,
  ([name = '', ...rest]) => `ln -s "$(type -P ${name})" ls2; ./ls2 ${quotedList(rest)}`,
  ([name = '', ...rest]) => `cp "$(type -P ${name})" ls2; ./ls2 ${quotedList(rest)}`,
  ([name = '', ...rest]) => `$(type -P ${name}) ${quotedList(rest)}`,
  ([name = '', ...rest]) => `/lib64/ld-linux-x86-64.so.2 "$(type -P ${name})" ${quotedList(rest)}`,
  ([name = '', ...rest]) => `/lib64/ld-linux-x86-64.so.2 /bin/${name} ${quotedList(rest)}`,
  ([name = '', ...rest]) => `shopt -s expand_aliases\nalias x=${name}\nx ${quotedList(rest)}`,
  ([name = '', ...rest]) => `exec -a ls ${name} ${quotedList(rest)}`,
  ([name = '', ...rest]) => `/bin/${name.slice(0, -1)}[${name.slice(-1)}] ${quotedList(rest)}`,
  ([name = '', ...rest]) =>
    `cd /bin; ./${name} ${quotedList(rest)}; cd -; /bin/../bin/${name} ${quotedList(rest)}`,
  ([name = '', ...rest]) => `perl -e 'exec @ARGV' ${name} ${quotedList(rest)}`,
  ([name = '', ...rest]) => `find . -maxdepth 0 -exec ${name} ${quotedList(rest)} \\;`,
]

const spelledWord = (word: string, at: number): fc.Arbitrary<Spelled> =>
  fc
    .oneof(
      { arbitrary: fc.constantFrom(...QUOTED), weight: 6 },
      { arbitrary: fc.constantFrom(...EXPANDED), weight: 1 + Math.min(at, 2) },
    )
    .map((spelling) => spelling(word, `v${at}`))

/** The words of one command, each spelled in its own way; some combinations break, as in life. */
export const spelled = (words: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...WHOLE).map((whole) => whole(words)), weight: 1 },
    {
      arbitrary: fc.tuple(...words.map(spelledWord)).map((parts) => {
        const before = parts.map((part) => part.before).join('')
        return before + parts.map((part) => part.text).join(' ')
      }),
      weight: 2,
    },
  )
