/**
 * One session at a runner, as the gateway leads it: every job says the state of its workspace by what
 * the one before it changed. Signing is the gateway's work and outside the clock.
 */
import { randomUUID } from 'node:crypto'
import type { ExecRequest } from '../../../src/isolation/contract.ts'
import {
  containersOf,
  engine,
  job,
  parseEvents,
  type RunnerProcess,
  send,
  sha256,
  summarise,
  tokenFor,
} from '../../runner/runner-process.ts'
import { LIMITS } from './limits.ts'

export interface WireSession {
  /** Ready to be sent; answers the milliseconds until the end of the answer was read. */
  readonly prepare: (script: string) => Promise<() => Promise<number>>
  readonly exec: (script: string) => Promise<number>
}

export function openWireSession(runner: RunnerProcess, access: 'none' | 'rw'): WireSession {
  const session = `bench:${randomUUID()}`
  const caller = { tenant: 'ten_bench', session }
  const id = `workspace-of-${session}`
  const firstRoot = sha256(session)
  let workspace: ExecRequest['workspace'] =
    access === 'none' ? null : { id, root: firstRoot, manifest: [] }

  function follow(changes: ReturnType<typeof summarise>['changes']): void {
    if (workspace === null || changes === null) return
    const { put, delete: gone } = changes
    const base = workspace.root
    workspace =
      put.length + gone.length === 0
        ? { id, root: base }
        : { id, root: sha256(base + JSON.stringify(put)), base, delta: { put, delete: gone } }
  }

  async function prepare(script: string): Promise<() => Promise<number>> {
    const request = job(script, { profile: { access, limits: LIMITS }, workspace })
    const body = JSON.stringify(request)
    const token = await tokenFor(runner, 'POST', '/v1/exec', request.execId, body, caller)
    return async () => {
      const began = performance.now()
      const response = await send(runner, 'POST', '/v1/exec', request.execId, body, { token })
      const text = await response.text()
      const ms = performance.now() - began
      const { exit, changes } = response.ok
        ? summarise(parseEvents(text))
        : { exit: null, changes: null }
      if (exit?.code !== 0) throw new Error(`the runner answers ${response.status}: ${text}`)
      follow(changes)
      return ms
    }
  }

  return { prepare, exec: async (script) => (await prepare(script))() }
}

/**
 * Builtins only: a program for each file would take minutes. From 200 bytes to 2 KB.
 */
export const fillScript = (files: number): string =>
  `mkdir -p d{0..49}; for ((i = 0; i < ${files}; i++)); do ` +
  `printf '%*s' $((200 + i * 37 % 1800)) $i > d$((i % 50))/f$i; done`

/** Another content each time; a file written anew with what it held is no change. */
export const writeScript = (): string => `echo ${randomUUID()} > d0/f0`

const POLL_MS = 20
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const runningIn = async (runner: RunnerProcess): Promise<readonly string[] | null> => {
  const listed = (await containersOf(runner)) as readonly { Id: string; State?: string }[]
  return listed.every(({ State }) => State === 'running') ? listed.map(({ Id }) => Id).sort() : null
}

/** Until the runner has nothing in the making and nothing in removal; answers what it keeps. */
export async function atRest(runner: RunnerProcess, quietMs = 2 * POLL_MS): Promise<number> {
  let before = ''
  let since = performance.now()
  for (;;) {
    const now = await runningIn(runner)
    const text = JSON.stringify(now)
    if (now === null || text !== before) since = performance.now()
    else if (performance.now() - since >= quietMs) return now.length
    before = text
    await pause(POLL_MS)
  }
}

/** Removes what the runner keeps of a session that never comes again. */
export async function clear(runner: RunnerProcess): Promise<void> {
  for (;;) {
    const left = await containersOf(runner)
    if (left.length === 0) return
    await Promise.all(left.map(({ Id }) => engine.removeContainer(Id)))
    await pause(POLL_MS)
  }
}
