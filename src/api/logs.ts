/** The last lines of the tenant's log, for its admins. */
import { z } from 'zod'
import { LOG_LEVELS } from '../domain/log-line.ts'
import { refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import { ADMIN } from './access.ts'
import { operation } from './operation.ts'

const MAX_LINES = 500

export const logsTail = operation({
  name: 'logs.tail',
  summary: 'The last lines of the tenant’s log; a control socket may go on hearing them as events',
  access: ADMIN,
  params: z.object({
    limit: z.coerce.number().int().min(1).max(MAX_LINES).default(100),
    /** `next` of the answer before. */
    after: z.coerce.number().int().min(0).default(0),
    level: z.enum(LOG_LEVELS).default('info'),
    follow: z.boolean().default(false),
  }),
  result: z.object({
    lines: z.array(
      z.object({
        seq: z.number(),
        created_at: z.string(),
        level: z.enum(LOG_LEVELS),
        event: z.string(),
        fields: z.record(z.string(), z.unknown()),
      }),
    ),
    next: z.number(),
    following: z.boolean(),
  }),
  http: { method: 'GET', path: '/v1/logs' },
  run: async ({ services, principal, replyTo }, { limit, after, level, follow }) => {
    if (follow && replyTo.kind !== 'connection')
      return err(refusal('INVALID_REQUEST', 'only a control socket can follow the log'))
    const follower = follow && replyTo.kind === 'connection' ? replyTo.connectionId : null
    const query = { limit, after, least: level, follower }
    const page = await services.tenant(principal.tenantId).tailLog(query)
    const lines = page.lines.map(({ at, ...line }) => ({
      ...line,
      created_at: new Date(at).toISOString(),
    }))
    return ok({ lines, next: page.next, following: page.isFollowing })
  },
})
