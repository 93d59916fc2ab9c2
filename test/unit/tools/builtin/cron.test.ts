import { describe, expect, it } from 'vitest'
import type { CronPort, NewTask, ScheduledTask } from '../../../../src/domain/ports/cron.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { cronTool } from '../../../../src/tools/builtin/cron.ts'
import { effectivePolicy, isToolAllowed, policyOfSubAgent } from '../../../../src/tools/policy.ts'
import { createMemoryWorkspace } from '../../../support/memory-workspace.ts'
import { runTool } from '../../../support/tool-context.ts'

const TASK: ScheduledTask = {
  id: 'job_1',
  name: 'n',
  when: 'every 1h',
  message: 'm',
  enabled: true,
  nextRunAt: 0,
  lastStatus: null,
}

function portOf(more: Partial<CronPort> = {}): CronPort & { readonly made: NewTask[] } {
  const made: NewTask[] = []
  return {
    made,
    list: async () => ok([TASK]),
    create: async (task) => {
      made.push(task)
      return ok(TASK)
    },
    toggle: async () => ok({ ...TASK, enabled: false }),
    remove: async () => ok(null),
    ...more,
  }
}

const call = (args: object, cron?: CronPort, hasSeenUntrusted = false) =>
  runTool('cron', args, createMemoryWorkspace(), {
    hasSeenUntrusted,
    ...(cron === undefined ? {} : { cron }),
  })

const CREATE = { action: 'create', name: 'n', when: 'every 1h', message: 'do it' }

describe('cron', () => {
  it('lists, makes, switches and deletes', async () => {
    const port = portOf()
    expect((await call({ action: 'list' }, port)).content).toContain('job_1 "n": every 1h')
    expect(await call(CREATE, port)).toMatchObject({ isError: false })
    expect(port.made).toEqual([
      { name: 'n', when: 'every 1h', message: 'do it', deleteAfterRun: false },
    ])
    expect((await call({ action: 'disable', id: 'job_1' }, port)).content).toContain('switched off')
    expect((await call({ action: 'delete', id: 'job_1' }, port)).content).toBe('Deleted job_1.')
  })

  it('labels what was asked for after text from outside', async () => {
    const port = portOf()
    await call(CREATE, port, true)
    expect(port.made[0]?.message).toMatch(/held text from outside.*overrides nothing.*\n\ndo it$/s)
  })

  it('says why not', async () => {
    expect(await call(CREATE)).toMatchObject({ isError: true })
    const refusing = portOf({ create: async () => err('there are too many') })
    expect((await call(CREATE, refusing)).content).toContain('too many')
    expect(await call({ action: 'delete' }, portOf())).toMatchObject({ isError: true })
    expect(await call({ action: 'create', name: 'n' }, portOf())).toMatchObject({ isError: true })
  })

  it('is no sub-agent’s, and of the group that policies name', () => {
    const policy = effectivePolicy({})
    expect(isToolAllowed(cronTool, policy)).toBe(true)
    expect(isToolAllowed(cronTool, policyOfSubAgent(policy))).toBe(false)
    const denied = effectivePolicy({ agent: { deny: ['group:automation'] } })
    expect(isToolAllowed(cronTool, denied)).toBe(false)
  })
})
