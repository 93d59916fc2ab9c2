/** Everything that is gathered about one command line, over all the texts nested in it. */
import type { ShellDenyGroup } from '../../domain/config/tool-policy.ts'
import type { Arg } from './arg.ts'
import type { Traits } from './collect.ts'
import { Findings } from './finding.ts'
import { OwnFiles } from './own-files.ts'
import { baseOf } from './path-pattern.ts'
import { isGatewayData, isProcessEnvironment } from './protected.ts'
import { groupsOfTarget, groupsOfWord, isWorthChecking } from './rules/all.ts'
import { OPTION_NAME } from './targets.ts'

/** A program that is run, with its arguments. */
export interface ProgramCall {
  readonly name: string
  readonly args: readonly Arg[]
  /** No function of the text has this name. */
  readonly isTrusted: boolean
  /** Index of the program that runs this one; null where the shell itself does. */
  readonly wrapper: number | null
}

const GIT_CONFIG = /(?:^|\/)\.git\/config$|(?:^|\/)\.gitconfig$|(?:^|\/)\.gitattributes$/
/** Settings that run something, in git's own files. */
const GIT_COMMAND =
  /=\s*"?!|\b(?:sshcommand|hookspath|fsmonitor|pager|editor|textconv|external|helper|smudge|clean|process|command|cmd|program|driver|path)\s*=/i

/** Simple commands judged in one go; a list of that length is a script, and belongs into a file. */
const MAX_COMMANDS = 4_000

export class CaseFile {
  readonly findings = new Findings()
  readonly commands: ProgramCall[] = []
  /** Files that the text itself writes. */
  readonly files = new OwnFiles()
  readonly aliases = new Set<string>()
  /** Base names of files that were fetched. */
  readonly downloads = new Set<string>()
  /** A file is written by a redirect. */
  writesFile = false
  /** No function, alias or search path changes what a bare name means. */
  isTrusted = true
  /** Names of files that are not to be seen go to a program whose options matter. */
  takesListed = false
  /** The shell went into `/proc`. */
  inProc = false
  #hasOptionFile = false
  #wrapper: number | null = null
  readonly #traits = { hasArithmetic: false, hasDormantCode: false, hasDormantSubscript: false }

  add(groups: readonly ShellDenyGroup[]): void {
    for (const group of groups) this.findings.add(group)
  }

  /** Whatever is added while `judgeInner` runs is run by this command. None when there are too many. */
  addCommand(command: Omit<ProgramCall, 'wrapper'>, judgeInner: () => void): void {
    if (this.commands.length >= MAX_COMMANDS) {
      this.findings.addUnjudgeable('it holds too many commands')
      return
    }
    const wrapper = this.#wrapper
    this.commands.push({ ...command, wrapper })
    this.#wrapper = this.commands.length - 1
    judgeInner()
    this.#wrapper = wrapper
  }

  /** A variable that is set in one text may be evaluated in another. */
  addTraits(traits: Traits): void {
    if (traits.hasShadows) this.isTrusted = false
    this.#traits.hasArithmetic ||= traits.hasArithmetic
    this.#traits.hasDormantCode ||= traits.hasDormantCode
    this.#traits.hasDormantSubscript ||= traits.hasDormantSubscript
  }

  /** Words that name something: whatever they are for, some things are not to be named. */
  addWords(args: readonly Arg[]): void {
    for (const { value } of args) this.addWord(value)
  }

  addWord(value: string): void {
    if (this.inProc && /(?:^|\/)[*?]*en[vi*?][a-z*?]*$/.test(value)) {
      this.findings.addAlways('env_dump')
    }
    if (value.length < 4 || !isWorthChecking(value)) return
    if (isProcessEnvironment(value)) this.findings.addAlways('env_dump')
    if (isGatewayData(value)) this.findings.addAlways('data_exfiltration')
    this.add(groupsOfWord(value))
  }

  /** A file that will be written. */
  addTarget(path: string): void {
    this.add(groupsOfTarget(path))
    if (OPTION_NAME.test(path)) this.#hasOptionFile = true
  }

  /** What the text itself writes into a file, for the case that the file is run; null is not to be seen. */
  addWritten(path: string, text: string | null): void {
    if (GIT_CONFIG.test(path) && (text === null || GIT_COMMAND.test(text))) {
      this.findings.add('filter_bypass')
    }
    this.files.add(baseOf(path), text)
  }

  /** Fetched code is run. */
  addDownloadRun(): void {
    this.add(['data_exfiltration', 'code_injection'])
  }

  /** What only shows when all of the text was seen. */
  close(): void {
    const { hasArithmetic, hasDormantCode, hasDormantSubscript } = this.#traits
    if (this.#hasOptionFile && this.takesListed) this.findings.add('destructive_ops')
    if (hasArithmetic && hasDormantCode && hasDormantSubscript) this.findings.add('code_injection')
  }
}
