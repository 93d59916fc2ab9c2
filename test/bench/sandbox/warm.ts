/** A session's second and later commands: at the engine, at the runner's wire, through the gateway. */
import { GatewayClient } from '../../../src/cli/client.ts'
import { startGatewayProcess } from '../../support/gateway-process.ts'
import { prepareTenant, WORKER } from '../tenant.ts'
import { engineExec } from './engine-floor.ts'
import { FILES } from './rows.ts'
import type { Run } from './run.ts'
import { type Subject, takeTurns } from './turns.ts'
import type { Measured } from './verdict.ts'
import { atRest, fillScript, openWireSession, writeScript } from './wire-session.ts'

/** Agents of their own have workspaces of their own: one keeps thousands of files, one a single file. */
const KEEPER = 'bench-keeper'
const WRITER = 'bench-writer'
/** An engine takes 30 ms to start a process, and one that remembers 5,000 files looks at them first. */
const RENEWAL_MS = 120
/** No model is asked; nothing listens there. */
const NO_UPSTREAM = 'http://127.0.0.1:9/v1'

interface InvokeAnswer {
  readonly result?: string
  readonly is_error?: boolean
}

async function openGateway(run: Run, args: readonly string[]) {
  const gateway = await startGatewayProcess({ args })
  run.onEnd(async () => {
    await gateway.stop()
  })
  const { apiKey } = await prepareTenant(gateway, NO_UPSTREAM)
  const { client } = await GatewayClient.connect(gateway)
  for (const agent_key of [KEEPER, WRITER]) {
    await client.request('agents.create', { agent_key, provider: 'bench', model: 'local' })
  }
  client.close()
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  return async (agent: string, command: string): Promise<number> => {
    const sessionKey = `agent:${agent}:ws:direct:bench`
    const body = JSON.stringify({ tool: 'exec', args: { command }, sessionKey })
    const began = performance.now()
    const response = await fetch(`${gateway.url}/v1/tools/invoke`, {
      method: 'POST',
      headers,
      body,
    })
    const text = await response.text()
    const ms = performance.now() - began
    const answer = response.ok ? (JSON.parse(text) as InvokeAnswer) : {}
    if (answer.is_error !== false || !answer.result?.includes('[exit code 0]')) {
      throw new Error(`the gateway answers ${response.status}: ${text.slice(0, 500)}`)
    }
    return ms
  }
}

export async function measureWarm(run: Run): Promise<ReadonlyMap<string, Measured>> {
  run.progress('starting runner and gateway')
  const floor = await engineExec(run, 'engine-exec')
  const runner = await run.startRunner()
  const invoke = await openGateway(run, run.dist === null ? [] : ['--dist', run.dist])
  const none = openWireSession(runner, 'none')
  const empty = openWireSession(runner, 'rw')
  const oneFile = openWireSession(runner, 'rw')
  const files = openWireSession(runner, 'rw')
  run.progress(`writing ${FILES} files`)
  await oneFile.exec('mkdir d0; echo first > d0/f0')
  await files.exec(fillScript(FILES))
  await invoke(KEEPER, fillScript(FILES))
  await invoke(WRITER, 'mkdir d0; echo first > d0/f0')
  /** The supervisor for the next job is started then too, in the gateway's runner as well. */
  const settle = async (): Promise<void> => {
    await atRest(runner, RENEWAL_MS)
  }
  const subjects: readonly Subject[] = [
    floor,
    { id: 'wire-none', sample: () => none.exec('true'), settle },
    { id: 'wire-empty', sample: () => empty.exec('true'), settle },
    { id: 'gateway', sample: () => invoke(WORKER, 'true'), settle },
    { id: 'wire-one-file', sample: () => oneFile.exec(writeScript()), settle },
    { id: 'wire-files', sample: () => files.exec(writeScript()), settle },
    { id: 'gateway-one-file', sample: () => invoke(WRITER, writeScript()), settle },
    { id: 'gateway-files', sample: () => invoke(KEEPER, writeScript()), settle },
  ]
  const samples = await takeTurns(subjects, run.size.warm, (done, of) =>
    run.progress(`warm: round ${done + 1} of ${of}`),
  )
  const note = (await atRest(runner)) === 0 ? 'the runner keeps no container: each is a miss' : ''
  return new Map(
    [...samples].map(([id, taken]) => [
      id,
      { samples: taken, ...(id === floor.id ? {} : { note }) },
    ]),
  )
}
