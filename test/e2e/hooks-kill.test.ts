/**
 * SIGKILL to workerd while a hook is being asked about a tool call: before it answers, as it has answered,
 * and once the tool has run. What really ran is counted by the Docker engine's own event stream.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missingDocker } from '../support/docker.ts'
import { Follower } from '../support/follower.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../support/gateway-process.ts'
import { COLD_RUNNER, openWitness, type Witness } from '../support/witness.ts'

type Point = 'asked' | 'answered' | 'told'

interface Question {
  readonly id: string
  readonly type: string
  readonly callId: string
}

/** Lets everything through. It kills once at the point that it is set to, in the middle of its work. */
class Hook {
  readonly questions: Question[] = []
  readonly server: Server
  killAt: Point | null = null
  /** Resolves with the id of the process that was killed. */
  killed = Promise.withResolvers<number>()

  constructor(kill: () => number) {
    const strike = (point: Point): boolean => {
      if (this.killAt !== point) return false
      this.killAt = null
      this.killed.resolve(kill())
      return true
    }
    this.server = createServer(async (request, response) => {
      const question = await readQuestion(request)
      this.questions.push(question)
      if (strike(question.type === 'pre_tool_use' ? 'asked' : 'told')) return response.destroy()
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end('{"decision":"allow"}', () => {
        if (question.type === 'pre_tool_use') strike('answered')
      })
    })
  }

  of(callId: string, type: string): readonly Question[] {
    return this.questions.filter((each) => each.callId === callId && each.type === type)
  }
}

async function readQuestion(request: IncomingMessage): Promise<Question> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const { type, data } = JSON.parse(Buffer.concat(parts).toString('utf8')) as {
    readonly type: string
    readonly data: { readonly call_id: string }
  }
  return { id: String(request.headers['webhook-id']), type, callId: data.call_id }
}

const missing = await missingDocker('killing workerd while a hook is asked')

describe.skipIf(missing !== null)('workerd is killed while a hook is asked', () => {
  let gateway: GatewayProcess
  let witness: Witness
  let hook: Hook

  beforeAll(async () => {
    witness = await openWitness()
    gateway = await startGatewayProcess({ env: COLD_RUNNER })
    hook = new Hook(() => gateway.killWorkerd())
    await new Promise<void>((resolve) => hook.server.listen(0, '127.0.0.1', resolve))
    const { port } = hook.server.address() as AddressInfo
    const client = await gateway.connect()
    await client.request('hooks.create', {
      name: 'watcher',
      url: `http://127.0.0.1:${port}/hook`,
      events: ['pre_tool_use', 'post_tool_use'],
      allow_private_network: true,
    })
    client.close()
  })
  afterAll(async () => {
    witness?.close()
    await gateway?.stop()
    hook?.server.close()
  })

  it.each<[string, Point, number]>([
    ['before it has answered', 'asked', 2],
    ['as it has answered', 'answered', 2],
    ['when it is told the result', 'told', 1],
  ])('%s: the tool runs once, and the hook is asked again at most once', async (_, point, most) => {
    const sessionKey = `agent:default:ws:direct:hooked-${point}`
    const { url, token } = gateway
    const follower = new Follower({ url, token, sessionKey })
    hook.killed = Promise.withResolvers()
    hook.killAt = point
    const said = follower.say(`run: echo ${point}`, `key-${point}`)
    await gateway.restarted(await hook.killed.promise)
    const { runId } = await said
    await follower.follow(() => !follower.isBusy)
    expect(follower.view.get(runId)?.outcome?.kind).toBe('completed')
    follower.close()

    const callIds = new Set(
      hook.questions.map(({ callId }) => callId).filter((id) => id.startsWith(`${runId}.`)),
    )
    expect(callIds.size).toBe(1)
    const [callId = ''] = callIds
    const asked = hook.of(callId, 'pre_tool_use')
    expect(asked.length).toBeGreaterThanOrEqual(1)
    expect(asked.length).toBeLessThanOrEqual(most)
    // Whoever listens can tell that it is the same question.
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1)
    expect(hook.of(callId, 'post_tool_use').length).toBeLessThanOrEqual(2)
    await until('the witness has seen it', () => witness.started().has(callId), 5_000)
    expect(witness.started().get(callId)).toEqual({ containers: 1, execs: 1 })
  })
})
