import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endOrphans, markOf } from '../../../src/cli/start/orphans.ts'
import { openState, type State } from '../../../src/cli/start/state.ts'

let dir = ''
let state: State
const started: ChildProcess[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeclaw-orphans-'))
  state = openState(join(dir, 'state'))
})
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(dir, { recursive: true, force: true })
})

/** An idle process, known by words on its command line and by its environment. */
async function run(words: string, env: Readonly<Record<string, string>> = {}) {
  const script = "setInterval(() => {}, 1000); console.log('on')"
  const child = spawn(process.execPath, ['-e', script, words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  started.push(child)
  await once(child.stdout, 'data')
  return child
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null

describe('endOrphans', () => {
  it('ends what was written down, and nobody who has its id by now', async () => {
    const orphan = await run('workerd')
    const stranger = await run('something else')
    state.writePid('workerd', orphan.pid ?? 0)
    state.writePid('runner', stranger.pid ?? 0)
    await endOrphans(state)
    await expect.poll(() => orphan.signalCode).toBe('SIGKILL')
    expect(hasEnded(stranger)).toBe(false)
    expect([state.readPid('workerd'), state.readPid('runner')]).toEqual([null, null])
  })

  it.skipIf(process.platform !== 'linux')(
    'ends a workerd of this folder whose id nobody wrote down, and none of another',
    async () => {
      const other = join(dir, 'other')
      mkdirSync(other)
      const orphan = await run('workerd', markOf(state))
      const foreign = await run('workerd', markOf({ dir: other }))
      await endOrphans(state)
      await expect.poll(() => orphan.signalCode).toBe('SIGKILL')
      expect(hasEnded(foreign)).toBe(false)
    },
  )
})
