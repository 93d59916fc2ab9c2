/**
 * Counts what really ran, where no gateway, runner or workspace can take anything back: the engine's
 * own event stream. It only listens and only appends.
 */
import { request } from 'node:http'
import { createInterface } from 'node:readline'
import { parseEngineAddress } from '../../sandbox-runner/src/launcher/engine.ts'

/**
 * The runner puts the job's id on a container that it makes for one, so this counts only where none is
 * made ahead and none is used again: `COLD_RUNNER`.
 */
export const COLD_RUNNER = { EDGECLAW_RUNNER_POOL: '0', EDGECLAW_RUNNER_KEEP: '0' } as const
const EXEC_LABEL = 'edgeclaw.exec'

export interface Started {
  /** Times that a container of this job was started. */
  readonly containers: number
  /** Times that something was started in one. */
  readonly execs: number
}

export interface Witness {
  /** By the job's id, which is the tool call's key. */
  readonly started: () => ReadonlyMap<string, Started>
  readonly close: () => void
}

interface EngineEvent {
  readonly Action: string
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> }
}

export async function openWitness(
  dockerHost: string | undefined = process.env['DOCKER_HOST'],
): Promise<Witness> {
  const filters = encodeURIComponent(JSON.stringify({ type: ['container'], label: [EXEC_LABEL] }))
  const seen = new Map<string, Started>()
  const take = (line: string): void => {
    const { Action, Actor } = JSON.parse(line) as EngineEvent
    const id = Actor.Attributes[EXEC_LABEL] ?? ''
    const before = seen.get(id) ?? { containers: 0, execs: 0 }
    if (Action === 'start') seen.set(id, { ...before, containers: before.containers + 1 })
    else if (Action.startsWith('exec_start:')) {
      seen.set(id, { ...before, execs: before.execs + 1 })
    }
  }
  const outgoing = request({
    ...parseEngineAddress(dockerHost),
    path: `/events?filters=${filters}`,
    headers: { host: 'docker' },
  })
  await new Promise<void>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (answer) => {
      // Closing the stream breaks it off: that is how the witness is sent home.
      const lines = createInterface({ input: answer }).on('line', take)
      lines.on('error', () => undefined)
      resolve()
    })
    outgoing.end()
  })
  return { started: () => seen, close: () => outgoing.destroy() }
}
