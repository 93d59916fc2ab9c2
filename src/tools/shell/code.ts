/** Code of any language that a program is given: on the command line, over its input, in a file. */
import { type CommandNode, forEachChild, type SyntaxNode } from 'unbash'
import { type Arg, hasUnknown, isLiteral, OPAQUE } from './arg.ts'
import { awkProgramOf } from './awk-program.ts'
import {
  couldEscapeToShell,
  escapesToShell,
  INPUT_PATH,
  isCommanded,
  isStandardInput,
  readsHiddenCode,
  takesCodeFile,
} from './code-file.ts'
import { type Context, type Judge, UNKNOWN_INPUT } from './context.ts'
import { groupsOfCode, isConnecting } from './inline-code.ts'
import { codeSourcesOf, isInterpreter, modulesOf } from './interpreters.ts'
import { ANY_FILE } from './own-files.ts'
import { baseOf } from './path-pattern.ts'
import { readAwkProgram } from './rules/awk.ts'
import { canonicalName } from './view.ts'

export const DOWNLOADERS = /^(?:curl|wget|fetch|lynx|w3m|aria2c|axel|http|https|xh|ftp|scp|sftp)$/
const FOREIGN_SCRIPT = /^#!(?!.*\b(?:ba|da)?sh\b)/

/** Interpreters of other languages, and programs that can be told to run a shell. */
export function judgeInterpreter(
  judge: Judge,
  name: string,
  args: readonly Arg[],
  context: Context,
): void {
  if (!isInterpreter(name) && !takesCodeFile(name) && !isCommanded(name)) return
  const { findings } = judge.file
  if (readsHiddenCode(name, args)) findings.add('code_injection')
  if (isCommanded(name) && escapes(context)) findings.add('filter_bypass')
  if (name === 'awk') {
    judgeAwk(judge, args, context)
    return
  }
  if (modulesOf(name, args).some(isConnecting)) findings.add('reverse_shell')
  const sources = codeSourcesOf(name, args)
  if (sources === null) return
  const judgeText = (code: string): void => judge.file.add(groupsOfCode(sources.language, code))
  for (const code of sources.code) {
    if (isUnseen(code)) findings.add('code_injection')
    judgeText(code.value)
  }
  if (sources.readsInput) judgeInput(judge, context, judgeText)
  if (sources.file !== null) {
    judgeFile(judge, sources.file, context, judgeText, (base) => {
      if (judge.file.downloads.has(base)) judge.file.addDownloadRun()
      judge.file.files.run(base, sources.language, (text) => {
        if (text === null) findings.add('code_injection')
        else judgeText(text)
      })
    })
  }
}

/** Nothing of the code stands in the text, or some of it could be anything. */
const isUnseen = (code: Arg): boolean =>
  hasUnknown(code) || (code.value !== '' && code.value.replaceAll(OPAQUE, '').trim() === '')

function escapes({ input }: Context): boolean {
  if (input.kind === 'text') return escapesToShell(input.text)
  return input.kind === 'pipe' && couldEscapeToShell(input.stages)
}

function judgeAwk(judge: Judge, args: readonly Arg[], context: Context): void {
  const { findings } = judge.file
  const program = awkProgramOf(args)
  if (program === null) return
  if (isUnseen(program)) findings.add('code_injection')
  const reading = readAwkProgram(program.value)
  if (reading.runsProgram) findings.add('code_injection')
  if (reading.connects) findings.add('reverse_shell')
  if (reading.readsEnvironment) findings.add('env_dump')
  for (const command of reading.commands) {
    if (command === null) findings.add('code_injection')
    else judge.script(command, context.scope, null, UNKNOWN_INPUT, context.depth + 1)
  }
  for (const file of reading.files) {
    if (file === null) continue
    judge.file.addTarget(file)
    judge.file.addWritten(file, null)
  }
}

/** Code over standard input: a known text is judged, anything else cannot be. */
export function judgeInput(
  judge: Judge,
  { input: given, traits }: Context,
  judgeText: (text: string) => void,
): void {
  // After `exec < file` nobody knows whose input this is.
  const input = traits.hasRedirectedInput ? UNKNOWN_INPUT : given
  if (input.kind === 'none') return
  if (input.kind === 'text') {
    judgeText(input.text)
    return
  }
  judge.file.findings.add('code_injection')
  if (input.kind === 'pipe' && input.stages.some(hasDownloader)) {
    judge.file.findings.add('data_exfiltration')
  }
}

/** A file of code: a descriptor or process substitution is not to be seen, a plain file is unknown. */
function judgeFile(
  judge: Judge,
  file: Arg,
  context: Context,
  judgeText: (text: string) => void,
  judgePlain: (base: string) => void,
): void {
  if (isStandardInput(file.value)) judgeInput(judge, context, judgeText)
  else if (file.substitution !== null || hasUnknown(file) || INPUT_PATH.test(file.value)) {
    judge.file.findings.add('code_injection')
  } else judgePlain(isLiteral(file) ? baseOf(file.value) : ANY_FILE)
}

/** A file of shell code. */
export function judgeShellFile(judge: Judge, file: Arg, context: Context): void {
  const judgeText = (text: string): void =>
    judge.script(text, context.scope, null, UNKNOWN_INPUT, context.depth + 1)
  judgeFile(judge, file, context, judgeText, (base) => judgeWritten(judge, base, context))
}

/** A file that this very text wrote is judged by what it wrote. */
export function judgeWritten(judge: Judge, base: string, context: Context): void {
  if (judge.file.downloads.has(base)) judge.file.addDownloadRun()
  judge.file.files.run(base, 'shell', (text) => {
    if (text === null) judge.file.findings.add('code_injection')
    else if (!FOREIGN_SCRIPT.test(text)) {
      judge.script(text, context.scope, null, UNKNOWN_INPUT, context.depth + 1)
    }
  })
}

function hasDownloader(node: CommandNode | SyntaxNode): boolean {
  if (node.type === 'Command') return DOWNLOADERS.test(canonicalName(node.name?.value ?? ''))
  let found = false
  forEachChild(node, (child) => {
    found ||= hasDownloader(child)
  })
  return found
}
