/** Programs that take code of their own language from a file or from their input. */

import { type CommandNode, forEachChild, type SyntaxNode } from 'unbash'
import type { Arg } from './arg.ts'
import { names } from './names.ts'

/** The option whose value is a file of code. */
const FILE_OPTIONS: ReadonlyMap<string, RegExp> = new Map(
  Object.entries({
    make: /^(?:-[a-zA-Z]*?f|--(?:file|makefile)=?)/,
    gmake: /^(?:-[a-zA-Z]*?f|--(?:file|makefile)=?)/,
    awk: /^(?:-[fE]|--(?:file|exec)=?)/,
    sed: /^(?:-[nErsuz]*f|--fi[a-z]*=?)/,
    gdb: /^--?(?:x|command)=?/,
    vim: /^-[sS]/,
    m4: /^-F/,
    psql: /^(?:-f|--file=?)/,
    crontab: /^-$/,
  }),
)

export const takesCodeFile = (name: string): boolean => FILE_OPTIONS.has(name)

/** A name for the program's own input or for an open descriptor. */
export const INPUT_PATH = /^(?:-|\/dev\/stdin|\/dev\/fd\/.*|\/proc\/[^/]+\/fd\/.*)$/

export const isStandardInput = (path: string): boolean =>
  path === '-' || path === '/dev/stdin' || /^\/(?:dev|proc\/[^/]+)\/fd\/0$/.test(path)

/** Whether code comes from a descriptor or a process substitution, where it cannot be seen. */
export function readsHiddenCode(name: string, args: readonly Arg[]): boolean {
  const option = FILE_OPTIONS.get(name)
  if (option === undefined) return false
  return args.some((arg, at) => {
    const match = option.exec(arg.value)
    if (match === null) return false
    const joined = arg.value.slice(match[0].length)
    const file = joined === '' ? args[at + 1] : { ...arg, value: joined }
    return file !== undefined && (file.substitution !== null || INPUT_PATH.test(file.value))
  })
}

/** Programs whose input is commands, some of which run a shell. */
const COMMANDED = new Set([
  ...names('ed red vim ftp lftp sftp dc m4 gnuplot sqlite3 mysql'),
  ...names('mariadb psql gdb bc octave mail mailx nslookup telnet'),
])
const SHELL_ESCAPE =
  /(?:^|\n)[ \t]*(?:[0-9,.$]*[rwe][ \t]*)?[~!]|\\!|\.(?:shell|system)\b|syscmd|\bsystem\b|\bshell\b/

export const isCommanded = (name: string): boolean => COMMANDED.has(name)

export const escapesToShell = (text: string): boolean => SHELL_ESCAPE.test(text)

/** Whether what these commands print could hold such an escape, as far as the text shows. */
export const couldEscapeToShell = (stages: readonly CommandNode[]): boolean => stages.some(mentions)

function mentions(node: SyntaxNode): boolean {
  if (node.type === 'Word' && /[!]|\\x21|\\041|\.shell|\.system|syscmd|system/.test(node.text))
    return true
  let found = false
  forEachChild(node, (child) => {
    found ||= mentions(child)
  })
  return found
}
