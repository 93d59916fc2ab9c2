/** Agents of a gateway under test that are answered by a local vendor, with no rate in their way. */
import type { GatewayClient } from '../../src/cli/client.ts'
import type { Vendor } from './vendors/vendor.ts'

export async function createVendorAgents(
  client: GatewayClient,
  { url }: Vendor,
  names: readonly string[],
): Promise<void> {
  await client.request('config.patch', {
    raw: {
      gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 },
      tools: { rate_limit_per_hour: 0 },
    },
  })
  await client.request('providers.create', {
    name: 'local',
    provider_type: 'openai_compat',
    api_base: url,
    api_key: 'local-test-key-0123456789',
    allow_private_network: true,
  })
  for (const name of names) {
    await client.request('agents.create', {
      name,
      agent_key: name,
      provider: 'local',
      model: 'local',
    })
  }
}
