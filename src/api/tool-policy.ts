/** What an agent may do, as it comes out of all levels of the policy, and which rule decided what. */
import { z } from 'zod'
import { CREDENTIAL_KINDS } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { findAgent } from '../domain/tenant-snapshot.ts'
import { OPERATOR } from './access.ts'
import { namedChannel } from './channel-instance-fields.ts'
import { actsAsAdmin } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { type PolicyAsker, toolPolicySchema } from './tool-judgement.ts'

const params = z.object({
  agentId: z.string().max(100),
  channel: z.string().max(100).nullish().describe('Name or id of a channel; absent: web chat'),
  chat_kind: z.enum(['direct', 'group']).default('direct'),
  chat: z.string().max(200).nullish().describe('Id of the group, where it is one'),
  sender: z.string().max(200).nullish().describe('Who writes, as the platform names them'),
  user_id: z.string().max(255).nullish().describe('Whose conversation it is; absent: the caller’s'),
  credential: z
    .string()
    .max(100)
    .nullish()
    .describe('Kind of a credential, or a key’s id; absent: the caller’s own'),
})
type Params = z.output<typeof params>

export const toolsPolicy = operation({
  name: 'tools.policy',
  summary: 'What each tool of an agent comes to under all levels of the policy, and which decided',
  access: OPERATOR,
  params,
  result: z.object({ agentId: z.string(), ...toolPolicySchema.shape }),
  http: { method: 'GET', path: '/v1/agents/{agentId}/tool-policy' },
  run: async (context, asked) => {
    const { snapshot, catalog } = context
    const agent = findAgent(snapshot, asked.agentId)
    if (!agent) return err(notFound('agent'))
    const asker = askerOf(context, asked)
    if (!asker.ok) return asker
    return ok({ agentId: agent.key, ...(await catalog.toolPolicy(snapshot, agent, asker.value)) })
  },
})

/** What others would be allowed tells what is said of them: that is for admins. */
function askerOf(
  { principal, snapshot }: OperationContext,
  { channel, chat_kind, chat, sender, user_id, credential }: Params,
): Result<PolicyAsker, Refusal> {
  const isOwn =
    !channel && !sender && !credential && (user_id ?? principal.userId) === principal.userId
  if (!isOwn && !actsAsAdmin(principal)) {
    return err(refusal('UNAUTHORIZED', 'what others may do is for admins to see'))
  }
  const ownerId = user_id ?? principal.userId
  if (!channel)
    return ok({
      credential: credentialOf(principal.credential, credential),
      ownerId,
      channel: null,
    })
  const found = namedChannel(snapshot, channel)
  if (!found.ok) return found
  if (chat_kind === 'group' && !chat) {
    return err(refusal('INVALID_REQUEST', 'chat must name the group'))
  }
  const instanceId = found.value.id
  return ok({
    credential: credentialOf({ kind: 'channel', id: instanceId }, credential),
    ownerId: user_id ?? null,
    channel: {
      instanceId,
      senderId: sender ?? '',
      ...(chat_kind === 'group' && chat ? { groupId: chat } : {}),
    },
  })
}

/** A kind is one of every credential of that kind; anything else is the id of a key. */
function credentialOf(
  own: PolicyAsker['credential'],
  named: string | null | undefined,
): PolicyAsker['credential'] {
  if (!named) return own
  const kind = CREDENTIAL_KINDS.find((each) => each === named)
  return kind === undefined ? { kind: 'api_key', id: named } : { kind, id: '' }
}
