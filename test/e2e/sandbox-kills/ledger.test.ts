/** The judge itself: a proof is worth what its judge would have noticed. */
import { describe, expect, it } from 'vitest'
import { judge, type WireMessage } from './ledger.ts'
import { messageOf } from './work.ts'

const UNKNOWN = 'The command had started, and how it ended is unknown: the runner was lost'
const UNAVAILABLE = 'sandbox unavailable: no runner could take the command.'
const NOT_KEPT = 'The command ran, but its changes to the workspace were not kept: a file is lost'

const filesAt = (number: number, count: number): readonly string[] =>
  ['a', 'b', 'c', 'd', 'e'].map((name) => `${name} ${number} ${count}\n`)
const NO_FILES = ['a', 'b', 'c', 'd', 'e'].map((name) => `There is no file f/${name}.txt.`)

/** One turn of a conversation, from its first exec on. */
function turn(
  first: number,
  results: readonly (string | null)[],
  files: readonly string[],
): readonly WireMessage[] {
  const execs = results.map((_, i) => ({ number: first + i, pauseMs: 0 }))
  const answers = results.flatMap((content, i): WireMessage[] =>
    content === null ? [] : [{ role: 'tool', content, tool_call_id: `exec_${first + i}` }],
  )
  const readings = files.map((content, i): WireMessage => {
    return { role: 'tool', content, tool_call_id: `read_${first}_${'abcde'[i]}` }
  })
  return [{ role: 'user', content: messageOf('f', execs) }, ...answers, ...readings]
}

const faultsOf = (history: readonly WireMessage[], ran: readonly number[]): readonly string[] =>
  judge(history, (number) => ran.filter((other) => other === number).length).faults

describe('the ledger accepts', () => {
  for (const [what, history, ran] of [
    ['what was done', turn(1, ['1 1\n[exit code 0]', '2 2\n[exit code 0]'], filesAt(2, 2)), [1, 2]],
    ['an unknown outcome that left nothing', turn(1, [UNKNOWN], NO_FILES), [1]],
    ['an unknown outcome that never ran', turn(1, [UNKNOWN], NO_FILES), []],
    ['an unknown outcome that left everything', turn(1, [UNKNOWN], filesAt(1, 1)), [1]],
    ['what was unavailable and did not run', turn(1, [UNAVAILABLE], NO_FILES), []],
    ['what ran and was not kept', turn(1, [NOT_KEPT], NO_FILES), [1]],
    [
      'words that are marked as from outside',
      turn(
        1,
        [
          '<<<EXTERNAL_UNTRUSTED_CONTENT>>> id=ext_1\n1 1\n[exit code 0]\n<<<END_EXTERNAL_UNTRUSTED_CONTENT>>> id=ext_1\nreport on it',
        ],
        filesAt(1, 1),
      ),
      [1],
    ],
    [
      'a state that goes on from turn to turn',
      [
        ...turn(1, ['1 1\n[exit code 0]'], filesAt(1, 1)),
        ...turn(2, [UNKNOWN, '3 2\n[exit code 0]'], filesAt(3, 2)),
      ],
      [1, 2, 3],
    ],
  ] as const) {
    it(what, () => expect(faultsOf(history, ran)).toEqual([]))
  }
})

describe('the ledger notices', () => {
  const done = '1 1\n[exit code 0]'
  const mixed = filesAt(2, 2).map((text, i) => (i < 2 ? text : (filesAt(1, 1)[i] ?? '')))
  for (const [what, history, ran, fault] of [
    ['a second run', turn(1, [done], filesAt(1, 1)), [1, 1], /exec 1 ran 2 times/],
    ['a second run of an unknown outcome', turn(1, [UNKNOWN], NO_FILES), [1, 1], /ran 2 times/],
    ['a run that was told as none', turn(1, [UNAVAILABLE], NO_FILES), [1], /told as unavailable/],
    ['a success that never ran', turn(1, [done], filesAt(1, 1)), [], /ran 0 times/],
    ['a call without a result', turn(1, [null], NO_FILES), [], /no result/],
    [
      'a call with two results',
      [...turn(1, [done], filesAt(1, 1)), ...turn(1, [done], []).slice(1)],
      [1],
      /two results/,
    ],
    ['words that nobody knows', turn(1, ['[ended by signal SIGKILL]'], NO_FILES), [1], /ended as/],
    ['another exec’s output', turn(1, ['2 1\n[exit code 0]'], NO_FILES), [1], /output of 2/],
    ['files of two states', turn(1, [done, UNKNOWN], mixed), [1, 2], /do not agree/],
    ['a file that is missing', turn(1, [done], filesAt(1, 1).slice(1)), [1], /do not agree/],
    ['a success that was not kept', turn(1, [done], NO_FILES), [1], /are at 0 \(0\), not at 1/],
    ['what was kept and told as not', turn(1, [NOT_KEPT], filesAt(1, 1)), [1], /not at 0 \(0\)/],
    [
      'a commit that came late',
      [...turn(1, [UNKNOWN], NO_FILES), ...turn(2, [UNAVAILABLE], filesAt(1, 1))],
      [1],
      /after exec 2 the files are at 1/,
    ],
    [
      'a command that saw a state that was never told',
      [...turn(1, [UNKNOWN], NO_FILES), ...turn(2, ['2 2\n[exit code 0]'], filesAt(2, 2))],
      [1, 2],
      /found no state/,
    ],
  ] as const) {
    it(what, () => {
      expect(faultsOf(history, ran)).toContainEqual(expect.stringMatching(fault))
    })
  }
})
