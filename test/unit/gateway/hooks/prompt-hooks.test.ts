import { afterEach, expect, it } from 'vitest'
import { sealRunHookSecret } from '../../../../src/crypto/run-hook-secret.ts'
import { newWebhookSecret } from '../../../../src/crypto/standard-webhook.ts'
import { createRunHook } from '../../../../src/db/run-hooks.ts'
import { authenticate } from '../../../../src/gateway/authenticate.ts'
import { admitMessage } from '../../../../src/gateway/inbound.ts'
import { ADDRESS, NOW, newKey, newTenant, openWorld, settings, useQuietLog } from '../world.ts'
import { says, startHook } from './world.ts'

useQuietLog()
let close = async (): Promise<void> => undefined
afterEach(() => close())

it('a hook ahead of a message sees all that its caller says, or what it blocks stands before it', async () => {
  const world = openWorld()
  const { db, services } = world
  const tenantId = await newTenant(world, { ada: 'operator' })
  const { credential } = await newKey(world, tenantId, { ownerId: 'ada' })
  const facts = { clientAddress: ADDRESS, isDevelopment: false }
  const proven = await authenticate(credential, {}, facts, services, settings())
  if (!proven.ok) throw new Error(proven.error.kind)
  const { principal } = proven.value
  const hook = await startHook(() => (response, asked) => {
    const decision = asked.body.includes('FORBIDDEN') ? 'block' : 'allow'
    says({ decision })(response, asked)
  })
  close = hook.close
  const secret = newWebhookSecret()
  const row = {
    id: 'hok_1',
    name: 'guard',
    url: hook.url,
    sealedSecret: await sealRunHookSecret(services.keyRing, tenantId, 'hok_1', secret),
    events: ['user_prompt_submit'],
    agents: ['*'],
    failure: 'closed',
    allowPrivateNetwork: true,
    enabled: true,
    revision: 1,
  } as const
  await createRunHook(db, tenantId, row, NOW)
  const user = { role: 'user', content: 'FORBIDDEN', createdAt: 0 } as const
  const assistant = { ...user, role: 'assistant' } as const
  const admit = (fields: object) =>
    admitMessage(
      {
        principal,
        sessionKey: 'agent:default:ws:direct:c1',
        message: 'go on',
        replyTo: { kind: 'none' },
        ...fields,
      },
      null,
      services,
      'message',
      settings(),
    )
  for (const fields of [
    { message: 'FORBIDDEN' },
    { preamble: [user] },
    { callerInstructions: 'FORBIDDEN' },
  ]) {
    expect(await admit(fields)).toMatchObject({ error: { code: 'FAILED_PRECONDITION' } })
  }
  // What an assistant is said to have said is history, which nobody obeys.
  expect(await admit({ preamble: [assistant] })).toMatchObject({ ok: true })
})
