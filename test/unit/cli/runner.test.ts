import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isAlive } from '../../../src/cli/processes.ts'
import { type Runner, startRunner, withoutSecrets } from '../../../src/cli/start/runner.ts'

let dir = ''
let runner: Runner | null = null
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'edgeclaw-runner-'))
})
afterEach(async () => {
  await runner?.stop()
  runner = null
  rmSync(dir, { recursive: true, force: true })
})

function start(script: string) {
  const entry = join(dir, 'main.mjs')
  writeFileSync(entry, script)
  const lines: string[] = []
  const pids: number[] = []
  const trouble = Promise.withResolvers<string>()
  const second = Promise.withResolvers<number>()
  runner = startRunner({
    entry,
    port: 4711,
    audience: 'runner-1',
    publicKeys: [{ kty: 'OKP', x: 'x' }],
    stateDir: dir,
    dockerHost: 'unix:///d.sock',
    image: 'image:1',
    onLine: (line) => lines.push(line),
    onTrouble: trouble.resolve,
    onPid: (pid) => {
      if (pid === null) return
      pids.push(pid)
      if (pids.length === 2) second.resolve(pid)
    },
  })
  return { runner, lines, pids, trouble: trouble.promise, second: second.promise }
}

const READY = `console.log(JSON.stringify({ ready: true, port: 4711 })); setInterval(() => {}, 1e6);`

describe('startRunner', () => {
  it('hands over what the runner needs, and resolves at the ready line', async () => {
    const dump = join(dir, 'env.json')
    const { runner, lines } = start(`
      import { writeFileSync } from 'node:fs'
      writeFileSync(${JSON.stringify(dump)}, JSON.stringify(process.env))
      console.log('a line of its own')
      ${READY}`)
    await runner.ready
    expect(JSON.parse(readFileSync(dump, 'utf8'))).toMatchObject({
      EDGECLAW_RUNNER_HOST: '127.0.0.1',
      EDGECLAW_RUNNER_PORT: '4711',
      EDGECLAW_RUNNER_AUDIENCE: 'runner-1',
      EDGECLAW_RUNNER_PUBLIC_KEYS: '[{"kty":"OKP","x":"x"}]',
      EDGECLAW_RUNNER_STATE: dir,
      EDGECLAW_SANDBOX_IMAGE: 'image:1',
      DOCKER_HOST: 'unix:///d.sock',
    })
    expect(lines).toEqual(['a line of its own'])
  })

  it('starts a runner again that was killed', async () => {
    const { runner, pids, trouble, second } = start(READY)
    await runner.ready
    process.kill(pids[0] ?? 0, 'SIGKILL')
    expect(await trouble).toMatch(/^ended \(SIGKILL\)/)
    expect(isAlive(await second)).toBe(true)
  })

  it('starts none again after it was stopped', async () => {
    const { runner, pids } = start(READY)
    await runner.ready
    await runner.stop()
    expect(pids).toHaveLength(1)
    expect(isAlive(pids[0] ?? 0)).toBe(false)
  })

  it('starts none again whose setting is wrong: it says so, and that is all', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      const { lines, pids, trouble } = start(`console.error('X is missing'); process.exit(2)`)
      expect(await trouble).toMatch(
        /^ended \(exit 2\) and is not started again: correct the setting/,
      )
      expect(vi.getTimerCount()).toBe(0)
      expect(lines).toEqual(['X is missing'])
      expect(pids).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('starts one again that was ready and then could not begin anew at once', async () => {
    const { pids, trouble, second } = start(`
      import { existsSync, writeFileSync } from 'node:fs'
      console.log(JSON.stringify({ ready: true, port: 4711 }))
      if (existsSync(${JSON.stringify(join(dir, 'again'))})) setInterval(() => {}, 1e6)
      else {
        writeFileSync(${JSON.stringify(join(dir, 'again'))}, '')
        process.exitCode = 2
      }`)
    expect(await trouble).toMatch(/^ended \(exit 2\); starting it again/)
    await second
    expect(pids).toHaveLength(2)
  })

  it('stops a runner that waits to be started again', async () => {
    const { runner, pids, trouble } = start('process.exit(3)')
    expect(await trouble).toMatch(/^ended \(exit 3\)/)
    await runner.stop()
    expect(pids).toHaveLength(1)
  })
})

describe('withoutSecrets', () => {
  it("keeps the gateway's credentials from the runner, and nothing else", () => {
    expect(
      withoutSecrets({
        PATH: '/bin',
        EDGECLAW_TOKEN: 'a',
        EDGECLAW_ENCRYPTION_KEY: 'b',
        EDGECLAW_ENCRYPTION_KEY_PREVIOUS: 'c',
        EDGECLAW_RUNNER_KEY: 'd',
        EDGECLAW_RUNNER_PORT: '1',
      }),
    ).toEqual({ PATH: '/bin', EDGECLAW_RUNNER_PORT: '1' })
  })
})
