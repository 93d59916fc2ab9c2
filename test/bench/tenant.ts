/**
 * A gateway's tenant as the benchmarks need it: an agent without tools and one with all of them, both
 * speaking with the local vendor, and buckets so large that they never run dry. Every limiter is
 * still asked.
 */
import { GatewayClient } from '../../src/cli/client.ts'

export const TALKER = 'bench-talker'
export const WORKER = 'bench-worker'

export interface GatewayReady {
  readonly url: string
  readonly token: string
}

export interface BenchTenant extends GatewayReady {
  readonly apiKey: string
}

export async function prepareTenant(ready: GatewayReady, upstream: string): Promise<BenchTenant> {
  const { client } = await GatewayClient.connect(ready)
  try {
    await client.request('config.patch', {
      raw: {
        gateway: {
          rate_limit_rpm: 100_000,
          rate_limit_session_rpm: 100_000,
          rate_limit_burst: 1_000,
        },
      },
    })
    await client.request('providers.create', {
      name: 'bench',
      provider_type: 'openai_compat',
      api_base: upstream,
      api_key: 'sk-bench-0123456789abcdefghijklmnop',
      allow_private_network: true,
    })
    const agent = { provider: 'bench', model: 'local' }
    await client.request('agents.create', {
      ...agent,
      agent_key: TALKER,
      tools: { profile: 'minimal' },
    })
    await client.request('agents.create', { ...agent, agent_key: WORKER })
    const made = await client.request('api_keys.create', {
      name: 'bench',
      scopes: ['operator.read', 'operator.write'],
    })
    return { ...ready, apiKey: (made as { key: string }).key }
  } finally {
    client.close()
  }
}
