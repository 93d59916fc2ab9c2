/** The way out to where an instance's platform, or its hook, is. */
import { afterEach, expect, it, vi } from 'vitest'
import { generateRunnerKey } from '../../../../src/crypto/job-token.ts'
import { channelInstanceConfigSchema } from '../../../../src/domain/config/channels.ts'
import { tenantIdSchema } from '../../../../src/domain/ids.ts'
import { clientOf } from '../../../../src/gateway/channels/instances.ts'
import { platformOf } from '../../../../src/gateway/channels/platforms.ts'
import { fetchRequestSchema } from '../../../../src/isolation/contract.ts'
import { settings } from '../world.ts'
import { HOOKS } from './world.ts'

afterEach(() => void vi.unstubAllGlobals())

const URL_ = 'https://ci.example/answers'

it('a hook is called back through a runner by what a runner takes', async () => {
  const { privateJwk } = await generateRunnerKey()
  const sent: string[] = []
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    sent.push(String(init.body))
    return Response.json({ url: URL_, status: 200, headers: [], bodyB64: '', isTruncated: false })
  })
  const platform = platformOf('webhook')
  if (platform === null) throw new Error('no hooks are served')
  const credentials = { ...HOOKS, callback_secret: `whsec_${btoa('c'.repeat(32))}` }
  const config = channelInstanceConfigSchema.parse({})
  const client = clientOf(
    { platform, credentials, config },
    {
      settings: settings({
        runners: [{ url: 'https://runner.example', keyId: 'runner-1' }],
        runnerKey: JSON.stringify(privateJwk),
      }),
      tenantId: tenantIdSchema.parse('ten_acme'),
      now: () => 1_700_000_000_000,
    },
  )
  const address = { hook: 'ci', delivery: 'd', callback: URL_ }
  expect(await client.send(address, 'done')).toMatchObject({ ok: true })
  const [request = ''] = sent
  expect(fetchRequestSchema.safeParse(JSON.parse(request))).toMatchObject({
    success: true,
    data: { url: URL_, method: 'POST' },
  })
})
