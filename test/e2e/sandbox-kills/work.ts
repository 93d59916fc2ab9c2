/**
 * What the conversations have done: numbered execs, each of which first leaves its number with the
 * witness and then moves five files from one state to the next; and how each told its end. Pure.
 */
import type { Behaviour, VendorRequest } from '../../support/vendors/script.ts'

/** Where a sandbox finds the witness's folder. */
export const WITNESS_MOUNT = '/witness'
export const WITNESS_FILE = 'ran'

const FILES = ['a', 'b', 'c', 'd', 'e'] as const

export interface Exec {
  readonly number: number
  /** That it sleeps in the middle of its work. */
  readonly pauseMs: number
}

/** A file's content names the file, so that the five are five contents to bring and to take back. */
export interface State {
  /** The last exec that changed the files; 0: none did. */
  readonly number: number
  /** How many did. */
  readonly count: number
}

export const NOTHING: State = { number: 0, count: 0 }

/**
 * The first thing that it does is one write with O_APPEND. The pause comes between the second file
 * and the third: a workspace that is taken then would hold both states.
 */
export function commandOf({ number, pauseMs }: Exec, folder: string): string {
  const write = (names: readonly string[]): string =>
    `for f in ${names.join(' ')}; do echo "$f ${number} $c" > ${folder}/$f.txt; done`
  return [
    `echo ${number} >> ${WITNESS_MOUNT}/${WITNESS_FILE}`,
    'c=0',
    `mkdir -p ${folder}`,
    `if [ -f ${folder}/a.txt ]; then read -r _ _ c < ${folder}/a.txt; fi`,
    'c=$((c + 1))',
    write(FILES.slice(0, 2)),
    ...(pauseMs === 0 ? [] : [`sleep ${(pauseMs / 1_000).toFixed(3)}`]),
    write(FILES.slice(2)),
    `echo "${number} $c"`,
  ].join('; ')
}

/** `work FOLDER NUMBER:PAUSE …`, which is all that a message says. */
export const messageOf = (folder: string, execs: readonly Exec[]): string =>
  `work ${folder} ${execs.map(({ number, pauseMs }) => `${number}:${pauseMs}`).join(' ')}`

export function parseMessage(text: string): { folder: string; execs: readonly Exec[] } {
  const [, folder = '', list = ''] = /^work (\S+) ([\d: ]+)$/.exec(text) ?? []
  if (folder === '') throw new Error(`no work: ${text}`)
  const execs = list.split(' ').map((word) => {
    const [number = 0, pauseMs = 0] = word.split(':').map(Number)
    return { number, pauseMs }
  })
  return { folder, execs }
}

interface VendorMessage {
  readonly role: string
  readonly content: unknown
}

/** The model: asks for the execs of a message, then for the files as they are, then says so. */
export function modelOf({ body }: VendorRequest): Behaviour {
  const { messages } = body as { messages: readonly VendorMessage[] }
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const { folder, execs } = parseMessage(String(messages[asked]?.content))
  const first = execs[0]?.number ?? 0
  switch (messages.slice(asked).filter(({ role }) => role === 'assistant').length) {
    case 0:
      return {
        type: 'answer',
        calls: execs.map((exec) => ({
          id: `exec_${exec.number}`,
          name: 'exec',
          arguments: { command: commandOf(exec, folder) },
        })),
      }
    case 1:
      return {
        type: 'answer',
        calls: FILES.map((name) => ({
          id: `read_${first}_${name}`,
          name: 'read_file',
          arguments: { path: `${folder}/${name}.txt` },
        })),
      }
    default:
      return { type: 'answer', text: 'done' }
  }
}

export type Ending =
  | { readonly kind: 'done'; readonly state: State }
  /** Told as: it never started. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'busy' }
  /** Told as: it started, and nobody knows how it ended. */
  | { readonly kind: 'unknown' }
  /** Told as: it ran, and nothing that it changed was kept. */
  | { readonly kind: 'not_kept' }
  | { readonly kind: 'unclear'; readonly text: string }

const TOLD = [
  ['unavailable', /^sandbox unavailable: /],
  ['busy', /^sandbox busy: /],
  ['unknown', /^The command had started, and how it ended is unknown: /],
  ['not_kept', /^The command ran, but its changes to the workspace were not kept: /],
] as const

/** A command that was taken up after a crash may have read anything: its words then come marked. */
function unmarked(text: string): string {
  const marked =
    /^<<<EXTERNAL_UNTRUSTED_CONTENT>>> id=(\S+)\n([\s\S]*)\n<<<END_EXTERNAL_UNTRUSTED_CONTENT>>> id=\1\n/
  return marked.exec(text)?.[2] ?? text
}

export function parseEnding(result: string): Ending {
  const text = unmarked(result)
  const done = /^(\d+) (\d+)\n\[exit code 0\]$/.exec(text)
  if (done !== null) {
    return { kind: 'done', state: { number: Number(done[1]), count: Number(done[2]) } }
  }
  const told = TOLD.find(([, words]) => words.test(text))
  return told === undefined ? { kind: 'unclear', text } : { kind: told[0] }
}

/** What five readings come to; null when the files do not agree. */
export function parseFiles(readings: readonly string[]): State | null {
  if (readings.length !== FILES.length) return null
  if (readings.every((text) => /not found|does not exist|no file/i.test(text))) return NOTHING
  const states = readings.map((result, at) => {
    const [, name, number, count] = /^(\S+) (\d+) (\d+)\n?$/.exec(unmarked(result)) ?? []
    return name === FILES[at] ? `${number} ${count}` : null
  })
  const [state] = states
  if (typeof state !== 'string' || states.some((other) => other !== state)) return null
  const [number = 0, count = 0] = state.split(' ').map(Number)
  return { number, count }
}
