/** Each kind of work in words, and in a colour and a drawing of its own. */
import type { Work } from './waterfall.ts'

export const WORK_WORDS: Readonly<Record<Work, string>> = {
  model: 'Model',
  tool: 'Tool',
  approval: 'Waiting for approval',
  sandbox: 'Sandbox',
  run: 'Run',
  request: 'Request',
  other: 'Other',
}

/** Classes of `waterfall.css`. */
export const workClass = (work: Work): string => `work work-${work}`
