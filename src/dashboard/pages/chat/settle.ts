/** Where the runs that were seen live stand in the history, so that nothing is drawn twice. Pure. */
import { textOf } from '../../client/json.ts'
import { callsOf, type Fields, type Part, partsOf } from './parts.ts'
import { type Run, textKeyOf } from './run.ts'

export interface Range {
  readonly start: number
  readonly end: number
}

const isUser = (message: Fields): boolean => message['role'] === 'user'

const toolIdsOf = (run: Run): ReadonlySet<string> =>
  new Set(run.parts.flatMap((part) => (part.kind === 'tool' ? [part.id] : [])))

/** Messages have no run's name: one is found by its calls' ids, and by the words that began it. */
function startOf(messages: readonly Fields[], run: Run, end: number): number | null {
  const ids = toolIdsOf(run)
  const called = messages.findIndex(
    (message, index) => index < end && callsOf(message).some(({ id }) => ids.has(id)),
  )
  const before = called < 0 ? end : called
  const start = messages.findLastIndex(
    (message, index) =>
      index < before && isUser(message) && textOf(message['content']) === run.message,
  )
  return start < 0 ? null : start
}

/** For each run its messages; null where they are not among these. The last run ends with them. */
export function rangesOf(
  messages: readonly Fields[],
  runs: readonly Run[],
): readonly (Range | null)[] {
  const ranges: (Range | null)[] = []
  let end = messages.length
  for (const run of runs.toReversed()) {
    const start = run.message === '' ? null : startOf(messages, run, end)
    ranges.unshift(start === null ? null : { start, end })
    end = start ?? end
  }
  return ranges
}

/** What was there before the first of the runs that are drawn by themselves. */
export function historyBefore(
  messages: readonly Fields[],
  runs: readonly Run[],
): readonly Fields[] {
  const first = rangesOf(messages, runs).find((range) => range !== null)
  return first ? messages.slice(0, first.start) : messages
}

const lastSaid = (messages: readonly Fields[]): string =>
  textOf(messages.findLast(({ role }) => role === 'assistant')?.['content'])

/** Whole results in place of those that events had to cut. */
function withResults(parts: readonly Part[], whole: readonly Part[]): readonly Part[] {
  const byId = new Map(whole.flatMap((part) => (part.kind === 'tool' ? [[part.id, part]] : [])))
  return parts.map((part) => {
    const found = part.kind === 'tool' ? byId.get(part.id) : undefined
    return part.kind === 'tool' && found && found.result !== null
      ? { ...part, result: found.result, isError: found.isError, isCut: false }
      : part
  })
}

/** An ended run with what the history knows better. */
function settleRun(run: Run, messages: readonly Fields[]): Run {
  if (!run.isPatchy) return run
  const [, ...rest] = messages
  const whole = partsOf(rest, (_, nth) => textKeyOf(run.id, nth))
  const isWhole = run.end?.kind === 'completed' && lastSaid(messages) === run.end.content
  if (!isWhole) return { ...run, parts: withResults(run.parts, whole) }
  const notes = run.parts.filter(({ kind }) => kind === 'note')
  return { ...run, parts: [...notes, ...whole] }
}

export function settleRuns(runs: readonly Run[], messages: readonly Fields[]): readonly Run[] {
  const ranges = rangesOf(messages, runs)
  return runs.map((run, index) => {
    const range = ranges[index]
    if (run.end === null) return run
    const settled = range ? settleRun(run, messages.slice(range.start, range.end)) : run
    // Once is enough: what the history does not know either is not there.
    return { ...settled, isPatchy: false }
  })
}
