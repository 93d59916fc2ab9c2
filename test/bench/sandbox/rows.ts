/** The table's rows in order: what is measured, against which floor, and what is to be reached. */
import type { RowSpec } from './verdict.ts'

const ratio = (most: number) => ({ kind: 'ratio', most }) as const
const p99 = (mostMs: number) => ({ kind: 'p99', mostMs }) as const

export const AT_ONCE = 20
export const FILES = 5_000

export const PARTS = ['warm', 'cold', 'burst'] as const
export type Part = (typeof PARTS)[number]

export const ROWS: Readonly<Record<Part, readonly RowSpec[]>> = {
  warm: [
    { id: 'engine-exec', what: 'engine API: exec in a running container' },
    {
      id: 'wire-none',
      what: 'POST /v1/exec, no workspace',
      floor: 'engine-exec',
      goal: ratio(1.5),
    },
    {
      id: 'wire-empty',
      what: 'POST /v1/exec, empty workspace, rw',
      floor: 'engine-exec',
      goal: ratio(1.5),
    },
    { id: 'gateway', what: 'POST /v1/tools/invoke of exec', floor: 'engine-exec', goal: ratio(2) },
    { id: 'wire-one-file', what: 'POST /v1/exec, writes its only file', floor: 'wire-empty' },
    {
      id: 'wire-files',
      what: `POST /v1/exec, writes 1 of ${FILES} files`,
      floor: 'wire-empty',
      goal: ratio(2),
    },
    {
      id: 'gateway-one-file',
      what: 'POST /v1/tools/invoke, writes its only file',
      floor: 'gateway',
    },
    {
      id: 'gateway-files',
      what: `POST /v1/tools/invoke, writes 1 of ${FILES} files`,
      floor: 'gateway',
      goal: ratio(2),
    },
  ],
  cold: [
    { id: 'engine-run', what: 'engine API: create, start, wait' },
    {
      id: 'wire-miss',
      what: 'POST /v1/exec, nothing prepared',
      floor: 'engine-run',
      goal: ratio(1.3),
    },
    { id: 'docker', what: 'docker run --rm, the same flags', floor: 'engine-run' },
    { id: 'runsc', what: 'engine API with gVisor (runsc)', floor: 'engine-run' },
    { id: 'bwrap', what: 'bubblewrap: bwrap', floor: 'engine-run' },
    { id: 'srt', what: '@anthropic-ai/sandbox-runtime: srt', floor: 'engine-run' },
  ],
  burst: [
    { id: 'engine-burst', what: `engine API: ${AT_ONCE} × create, start, wait at once` },
    {
      id: 'wire-burst-ready',
      what: `${AT_ONCE} sessions at once, prepared`,
      floor: 'engine-burst',
      goal: p99(1_000),
    },
    {
      id: 'wire-burst-miss',
      what: `${AT_ONCE} sessions at once, nothing prepared`,
      floor: 'engine-burst',
      goal: p99(4_000),
    },
  ],
}
