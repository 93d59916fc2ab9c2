/**
 * Holds a conversation's transcript against the witness: what ran more than once, what was told and
 * did not happen, what happened and was told otherwise, and files that were ever half of anything.
 * Pure: it judges, it does not look.
 */
import { type Ending, NOTHING, parseEnding, parseFiles, parseMessage, type State } from './work.ts'

export interface WireMessage {
  readonly role: 'user' | 'assistant' | 'tool'
  readonly content: string
  readonly tool_calls?: readonly { readonly id: string; readonly name: string }[]
  readonly tool_call_id?: string
}

export interface Ledger {
  /** By exec number; an exec that was asked for and has no result is missing here. */
  readonly endings: ReadonlyMap<number, Ending>
  readonly requested: readonly number[]
  readonly faults: readonly string[]
}

const same = (a: State, b: State): boolean => a.number === b.number && a.count === b.count
const show = ({ number, count }: State): string => `${number} (${count})`

/** What the files may hold after an exec that ended so, given what they may have held before. */
function statesAfter(number: number, ending: Ending, before: readonly State[]): readonly State[] {
  const moved = before.map(({ count }) => ({ number, count: count + 1 }))
  switch (ending.kind) {
    case 'done':
      return moved.filter((state) => same(state, ending.state))
    case 'unknown':
    case 'unclear':
      return [...before, ...moved]
    case 'unavailable':
    case 'busy':
    case 'not_kept':
      return before
  }
}

/** How often an exec may have run that ended so. */
const RUNS: Readonly<Record<Ending['kind'], readonly number[]>> = {
  done: [1],
  not_kept: [1],
  unknown: [0, 1],
  unclear: [0, 1],
  unavailable: [0],
  busy: [0],
}

export function judge(
  history: readonly WireMessage[],
  runsOf: (execNumber: number) => number,
): Ledger {
  const faults: string[] = []
  const endings = new Map<number, Ending>()
  const requested: number[] = []
  const results = new Map<string, string>()
  for (const { tool_call_id: id, content } of history) {
    if (id === undefined) continue
    if (results.has(id)) faults.push(`${id} has two results`)
    results.set(id, content)
  }
  let states: readonly State[] = [NOTHING]
  const turns = history.filter(({ role }) => role === 'user')
  for (const { content } of turns) {
    const { execs } = parseMessage(content)
    for (const { number } of execs) {
      requested.push(number)
      const text = results.get(`exec_${number}`)
      if (text === undefined) {
        faults.push(`exec ${number} was asked for and has no result`)
        continue
      }
      const ending = parseEnding(text)
      endings.set(number, ending)
      if (ending.kind === 'unclear') faults.push(`exec ${number} ended as: ${ending.text}`)
      if (ending.kind === 'done' && ending.state.number !== number) {
        faults.push(`exec ${number} was answered with the output of ${ending.state.number}`)
      }
      const runs = runsOf(number)
      if (!RUNS[ending.kind].includes(runs)) {
        faults.push(`exec ${number} ran ${runs} times and was told as ${ending.kind}`)
      }
      const after = statesAfter(number, ending, states)
      if (after.length === 0) {
        faults.push(`exec ${number} found no state of ${states.map(show).join(', ')}: ${text}`)
        states = ending.kind === 'done' ? [ending.state] : states
      } else {
        states = after
      }
    }
    const first = execs[0]?.number ?? 0
    const ids = [...results.keys()].filter((id) => id.startsWith(`read_${first}_`)).toSorted()
    const readings = ids.map((id) => results.get(id) ?? '')
    const found = parseFiles(readings)
    if (found === null) {
      faults.push(`after exec ${first} the files do not agree: ${JSON.stringify(readings)}`)
      continue
    }
    if (!states.some((state) => same(state, found))) {
      faults.push(
        `after exec ${first} the files are at ${show(found)}, not at ${states.map(show).join(' or ')}`,
      )
    }
    states = [found]
  }
  return { endings, requested, faults }
}
