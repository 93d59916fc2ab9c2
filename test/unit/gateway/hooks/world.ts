/** A hook on loopback that does what a test says, and a tenant that asks it. */
import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sealRunHookSecret } from '../../../../src/crypto/run-hook-secret.ts'
import { newWebhookSecret } from '../../../../src/crypto/standard-webhook.ts'
import type { RunHook } from '../../../../src/domain/run-hook.ts'
import { HookBreaker } from '../../../../src/gateway/hooks/breaker.ts'
import { askHooks, type ChainParts } from '../../../../src/gateway/hooks/chain.ts'
import { createSecretDictionary } from '../../../../src/output/secret-dictionary.ts'
import { newTenant, openWorld, settings } from '../world.ts'

export interface Heard {
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
export type Behaviour = (response: ServerResponse, request: Heard) => void

export const says =
  (answer: unknown): Behaviour =>
  (response) =>
    void response.end(JSON.stringify(answer))

export async function startHook(behave: () => Behaviour) {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const one = { headers: request.headers, body }
      heard.push(one)
      behave()(response, one)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    heard,
    url: `http://127.0.0.1:${port}/hook`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const signatureOf = (secret: string, { headers, body }: Heard): string => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`
}

export async function openHookWorld() {
  const world = openWorld()
  const tenantId = await newTenant(world, { anna: 'admin' })
  const secret = newWebhookSecret()
  const { services } = world
  let count = 0
  const hook = async (url: string, fields: Partial<RunHook> = {}): Promise<RunHook> => {
    const id = `hok_${++count}`
    return {
      id,
      name: `hook-${count}`,
      url,
      sealedSecret: await sealRunHookSecret(services.keyRing, tenantId, id, secret),
      events: ['pre_tool_use'],
      agents: ['*'],
      failure: 'default',
      allowPrivateNetwork: true,
      enabled: true,
      revision: 1,
      ...fields,
    }
  }
  const dictionary = createSecretDictionary()
  const parts: ChainParts = {
    settings: settings(),
    tenantId,
    services,
    dictionary,
    snapshot: { stops: [] },
    report: (event) => void world.events.push(event),
    signal: null,
    breaker: new HookBreaker(),
  }
  const ask = (
    hooks: readonly RunHook[],
    fields: Partial<ChainParts> = {},
    event: RunHook['events'][number] = 'pre_tool_use',
  ) => askHooks(hooks, { event, key: 'run_1/1.0', data: { tool: 'exec' } }, { ...parts, ...fields })
  return { world, tenantId, secret, hook, ask, parts, dictionary }
}
