/**
 * A question as whoever answers it is shown it, annotated: how the line is read, command by command, and
 * which rule asks. The rule is told as it is now; should it have changed since, the call asks anew.
 */
import type { ReadCommand, ReadLine } from '../api/tool-judgement.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { Approval } from '../domain/approval.ts'
import { effectiveSettings } from '../domain/config/effective.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import { parseSessionKey } from '../domain/session-key.ts'
import { cutSpelt, spellOut, toListedApproval, toWireApproval } from '../protocol/approval.ts'
import { parseLine } from '../tools/shell/parsed.ts'

/** The whole command stands beside it: a word is shown as far as it tells one from another. */
const MAX_WORD_CHARS = 200
const MAX_WORDS = 200
/** Of all words together: the command itself may be as long as an event can be. */
const MAX_WORDS_CHARS = 8_000

const ofExec = (approval: Approval): string | null => {
  if (approval.tool !== 'exec') return null
  const parsed: unknown = JSON.parse(approval.arguments)
  const isNamed = typeof parsed === 'object' && parsed !== null && 'command' in parsed
  return isNamed && typeof parsed.command === 'string' ? parsed.command : null
}

/** A word as it is shown: spelt out, and cut between what is spelt. */
function wordOf(text: string): string {
  const spelt = spellOut(text)
  return spelt.length <= MAX_WORD_CHARS ? spelt : `${cutSpelt(spelt, MAX_WORD_CHARS)}…`
}

function shownLine(text: string, allowlist: readonly string[]): ReadLine | null {
  const line = parseLine(text, allowlist)
  if (line === null) return null
  const commands: ReadCommand[] = []
  let chars = 0
  let isCut = line.isCut
  for (const { name, args, ...facts } of line.commands) {
    const words = args.slice(0, MAX_WORDS).map((arg) => (arg === null ? null : wordOf(arg)))
    chars += words.reduce((sum, word) => sum + (word?.length ?? 0) + 4, name.length + 100)
    isCut ||= words.length < args.length
    if (chars > MAX_WORDS_CHARS && commands.length > 0) break
    commands.push({ name: wordOf(name), args: words, ...facts })
  }
  isCut ||= commands.length < line.commands.length
  return { commands, writesFile: line.writesFile, isCut }
}

const WHY = {
  supervised: 'The agent is supervised: whatever changes something asks first.',
  always: 'Every command asks first.',
  'on-miss': 'A command that is not on the allowlist, and does more than read, asks first.',
} as const

type Asked = Pick<AgentRecord, 'settings'> | undefined

/** Which rule asks, and what else is told without reading the line. */
function annotated(approval: Approval, config: TenantConfig, agent: Asked) {
  const settings = effectiveSettings(config, agent?.settings ?? {})
  const { security, ask, allowlist } = settings.exec_approval
  const isExecApproval = approval.reason === 'exec_approval'
  const why = isExecApproval ? (ask === 'off' ? null : WHY[ask]) : WHY.supervised
  const key = parseSessionKey(approval.sessionKey)
  return {
    allowlist,
    sessionOwner: spellOut(approval.sessionOwner),
    channel: key.ok ? key.value.channel : '',
    canAlways: approval.standing !== null,
    rule: isExecApproval
      ? { name: 'exec_approval', security, ask, why }
      : { name: 'autonomy', level: settings.autonomy.level, why },
  }
}

/** Null for a tool that runs no command. */
function lineOf(approval: Approval, allowlist: readonly string[]) {
  const command = ofExec(approval)
  return command === null ? null : shownLine(command, allowlist)
}

/** The whole of it. */
export function shownApproval(approval: Approval, config: TenantConfig, agent: Asked) {
  const { allowlist, ...notes } = annotated(approval, config, agent)
  const line = lineOf(approval, allowlist)
  return { ...toWireApproval(approval), isCut: false, ...notes, line }
}

/** One of many: a text that is cut is not read either, since reading takes time by its length. */
export function listedApproval(approval: Approval, config: TenantConfig, agent: Asked) {
  const { allowlist, ...notes } = annotated(approval, config, agent)
  const listed = toListedApproval(approval)
  return { ...listed, ...notes, line: listed.isCut ? null : lineOf(approval, allowlist) }
}
