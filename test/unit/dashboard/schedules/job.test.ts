import { describe, expect, it } from 'vitest'
import {
  createParams,
  fieldsOf,
  type Job,
  updateParams,
  withChosen,
} from '../../../../src/dashboard/pages/schedules/job.ts'

const ZONE = 'Europe/Berlin'
const JOB: Job = {
  id: 'job_1',
  name: 'digest',
  agentId: 'default',
  userId: 'ada',
  schedule: { kind: 'every', everyMs: 1_800_000, anchorMs: 7 },
  when: 'every 30m',
  message: 'What is new?',
  delivery: { channel: 'session' },
  deleteAfterRun: false,
  heartbeat: false,
  enabled: true,
  sessionKey: 'agent:default:cron:job_1',
  nextRunAt: null,
  lastRunAt: null,
  lastStatus: null,
  lastError: null,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
}
const before = fieldsOf(JOB, ZONE)
const changed = (said: Partial<typeof before>) => updateParams(JOB, before, { ...before, ...said })

describe('what is sent of a schedule’s form', () => {
  it('is nothing when nothing was changed: above all no schedule, which would begin anew', () => {
    expect(changed({})).toBeNull()
    expect(changed({ name: 'news' })).toEqual({ jobId: 'job_1', name: 'news' })
  })

  it('is no message that only the form writes otherwise: to rename a job lends it no rights', () => {
    const stored = fieldsOf({ ...JOB, message: '\nWhat is\r\nnew? \r' }, ZONE)
    const sent = (message: string) =>
      updateParams(JOB, stored, { ...stored, name: 'news', message })
    expect(sent('What is\nnew?')).toEqual({ jobId: 'job_1', name: 'news' })
    expect(sent('What is\r\nnew?')).toEqual({ jobId: 'job_1', name: 'news' })
    expect(sent('What is not new?')).toMatchObject({ message: 'What is not new?' })
  })

  it('is the schedule when another was chosen', () => {
    const timing = { ...before.timing, count: '45' }
    expect(changed({ timing })).toEqual({
      jobId: 'job_1',
      schedule: { kind: 'every', everyMs: 2_700_000 },
    })
  })

  it('names whom to tell in a channel, and nobody where it stays in its conversation', () => {
    expect(changed({ channel: 'desk', to: 'C1' })).toEqual({
      jobId: 'job_1',
      delivery: { channel: 'desk', to: 'C1' },
    })
    expect(changed({ to: 'C1' })).toBeNull()
    expect(createParams(before)).toMatchObject({ delivery: { channel: 'session' } })
  })
})

describe('a list to choose from', () => {
  const AGENTS = [['default', 'Assistant']] as const

  it('holds what is chosen, also when it is gone: a save moves a job to no other agent', () => {
    expect(withChosen(AGENTS, 'gone')).toEqual([...AGENTS, ['gone', 'gone']])
  })

  it('holds nothing twice, and nothing for no choice', () => {
    expect(withChosen(AGENTS, 'default')).toEqual(AGENTS)
    expect(withChosen(AGENTS, '')).toEqual(AGENTS)
  })
})
