/** What the gate says of a call, in sentences. The answer is plain data of the gateway's. */
import { isJsonObject, type JsonObject, objectOf } from '../../client/json.ts'

export interface Verdict {
  readonly decision: 'allow' | 'ask' | 'deny'
  readonly title: string
  /** As the model would be told; null when nothing stands against it. */
  readonly message: string | null
  /** Which layer, which rule, and what it says. */
  readonly because: string | null
  readonly details: readonly (readonly [name: string, value: string])[]
  /** How the gate read a command line: its simple commands. */
  readonly commands: readonly ReadCommand[]
  readonly url: string | null
}

export interface ReadCommand {
  readonly text: string
  readonly marks: readonly string[]
}

const LAYERS: Readonly<Record<string, string>> = {
  arguments: 'The arguments',
  estop: 'An emergency stop',
  policy: 'The tool policy',
  sandbox: 'The sandbox',
  autonomy: 'The autonomy',
  budget: 'The rate limit',
  shell: 'The rules of the shell',
  approval: 'The approval of commands',
  credential: 'The rules of credentialed programs',
  path: 'The rules of paths',
  url: 'The rules of addresses',
}
export const LEVELS: Readonly<Record<string, string>> = {
  credential: 'Credential',
  tenant: 'Tenant',
  agent: 'Agent',
  channel: 'Channel',
  owner: 'Person',
  subagent: 'Sub-agent',
  reader: 'Reader',
  estop: 'Emergency stop',
  sandbox: 'Sandbox',
  autonomy: 'Autonomy',
}

const TITLES = {
  allow: 'It would run',
  ask: 'A human would be asked',
  deny: 'It would be refused',
} as const

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

const inWords = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(String).join(', ') || 'nothing'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** `policy` `deny` of the agent's own level: one phrase. */
function reasonOf(decidedBy: JsonObject): string | null {
  const layer = textOf(decidedBy['layer'])
  if (layer === null) return null
  const rule = textOf(decidedBy['rule']) ?? ''
  const detail = objectOf(decidedBy['detail'])
  const level = textOf(detail['level'])
  const place = level !== null && layer === 'policy' ? ` of level ${LEVELS[level] ?? level}` : ''
  return `${LAYERS[layer] ?? layer}: rule ${rule}${place}`
}

function commandOf(value: unknown): ReadCommand {
  const { name, args, wrapper, isAllowlisted, isReadOnly, isTrusted } = objectOf(value)
  const words = Array.isArray(args) ? args.map((arg) => textOf(arg) ?? '…') : []
  const marks = [
    [wrapper !== null && wrapper !== undefined, 'run by another command'],
    [isAllowlisted === true, 'on the list'],
    [isReadOnly === true, 'only reads'],
    [isTrusted === false, 'not known before it runs'],
  ] as const
  return {
    text: [textOf(name) ?? '…', ...words].join(' '),
    marks: marks.flatMap(([holds, words]) => (holds ? [words] : [])),
  }
}

export function readVerdict(answer: JsonObject): Verdict {
  const decidedBy = objectOf(answer['decidedBy'])
  const said = answer['decision']
  // What is not understood is shown as refused.
  const decision = said === 'allow' || said === 'ask' ? said : 'deny'
  const parsed = objectOf(answer['parsed'])
  const commands = objectOf(parsed['line'])['commands']
  const url = objectOf(parsed['url'])
  const isUnread = 'line' in parsed && parsed['line'] === null
  return {
    decision,
    title: TITLES[decision],
    message: textOf(answer['message']),
    because: reasonOf(decidedBy),
    details: [
      ...Object.entries(objectOf(decidedBy['detail']))
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, inWords(value)] as const),
      ...(isUnread ? [['line', 'cannot be read as bash'] as const] : []),
    ],
    commands: Array.isArray(commands) ? commands.map(commandOf) : [],
    url:
      textOf(url['host']) === null
        ? null
        : `${String(url['scheme'])}://${String(url['host'])}${String(url['path'] ?? '')}`,
  }
}

/** What is written in the box, as arguments of the tool; null where it is no JSON object. */
export function argsOf(tool: string, text: string): JsonObject | null {
  if (tool === 'exec') return { command: text }
  if (tool === 'web_fetch') return { url: text }
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : null
  } catch {
    return null
  }
}
