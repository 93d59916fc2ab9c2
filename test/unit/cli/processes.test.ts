import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import {
  commandLineOf,
  endProcess,
  isAlive,
  listProcesses,
  stopChild,
} from '../../../src/cli/processes.ts'
import { claimPort } from '../../../src/cli/start/port.ts'

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Resolves once the script has said a line, so that its signal handlers are in place. */
async function run(script: string, options: { detached?: boolean } = {}) {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('on')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  })
  started.push(child)
  await once(child.stdout, 'data')
  return { child, pid: child.pid ?? 0 }
}

const IDLE = 'setInterval(() => {}, 1000)'
const STUBBORN = `process.on('SIGTERM', () => {}); ${IDLE}`

describe('listProcesses', () => {
  it('finds a child by its parent', async () => {
    const { pid } = await run(IDLE)
    expect(listProcesses().find((entry) => entry.pid === pid)).toMatchObject({
      parentPid: process.pid,
    })
  })
})

describe('commandLineOf', () => {
  it('answers the arguments of a running process, and nothing for one that is gone', async () => {
    const { child, pid } = await run(IDLE)
    expect(commandLineOf(pid)).toContain(IDLE)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(commandLineOf(pid)).toBe('')
  })
})

describe('stopChild', () => {
  it('lets a child end by itself', async () => {
    const { child } = await run(`process.on('SIGTERM', () => process.exit(7)); ${IDLE}`)
    await stopChild(child, 5_000)
    expect(child.exitCode).toBe(7)
  })

  it('kills one that ignores the request', async () => {
    const { child } = await run(STUBBORN)
    await stopChild(child, 50)
    expect(child.signalCode).toBe('SIGKILL')
  })

  it('ends the whole group of a script, and is done at once with one that has ended', async () => {
    const { child } = await run(
      `const inner = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(IDLE)}]); console.log(inner.pid); ${IDLE}`,
      { detached: true },
    )
    await stopChild(child, 1_000, { isGroup: true })
    expect(child.signalCode).toBe('SIGTERM')
    await stopChild(child, 1_000, { isGroup: true })
  })
})

describe('endProcess', () => {
  it('asks first where there is time, and kills what does not listen', async () => {
    const polite = await run(`process.on('SIGTERM', () => process.exit(0)); ${IDLE}`)
    await endProcess(polite.pid, 5_000)
    const stubborn = await run(STUBBORN)
    await endProcess(stubborn.pid, 50)
    await Promise.all(
      [polite, stubborn].map(({ child }) =>
        child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null,
      ),
    )
    expect(polite.child.exitCode).toBe(0)
    expect(stubborn.child.signalCode).toBe('SIGKILL')
  })

  it('waits for the last thread, which holds the ports until then', async () => {
    // Much memory takes its time to be given back: the first thread is gone long before.
    const busy = 'const a = Buffer.alloc(6e7, 1); parentPort.postMessage(a.length); for (;;) ;'
    const { pid, child } = await run(`
      const { Worker } = require('node:worker_threads')
      const code = 'const { parentPort } = require("node:worker_threads");' + ${JSON.stringify(busy)}
      const workers = Array.from({ length: 4 }, () => new Worker(code, { eval: true }))
      const server = require('node:net').createServer().listen(0, '127.0.0.1')
      Promise.all(workers.map((worker) => new Promise((done) => worker.once('message', done))))
        .then(() => console.log('port ' + server.address().port))`)
    let said = ''
    for await (const bytes of child.stdout) {
      said += String(bytes)
      if (said.includes('port ')) break
    }
    const port = Number(/port (\d+)/.exec(said)?.[1])
    await endProcess(pid, 0)
    expect(await claimPort('127.0.0.1', port)).toBe(port)
  })

  it('is content with a process that is gone', async () => {
    const { child, pid } = await run(IDLE)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(pid)).toBe(false)
    await endProcess(pid, 1_000)
  })
})
