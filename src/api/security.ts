/** What the gates saw, and what the shell guard denies. */
import { z } from 'zod'
import { listSecurityEvents, MAX_EVENT_PAGE } from '../db/security-events.ts'
import { SHELL_DENY_GROUPS } from '../domain/config/tool-policy.ts'
import { ok } from '../domain/result.ts'
import { SECURITY_EVENT_NAMES } from '../domain/security-event.ts'
import { ADMIN, VIEWER } from './access.ts'
import { operation } from './operation.ts'

export const securityEventsList = operation({
  name: 'security.events.list',
  summary: 'Security events of the tenant, newest first',
  access: ADMIN,
  params: z.object({
    name: z.enum(SECURITY_EVENT_NAMES).optional(),
    severity: z.enum(['info', 'warn']).optional(),
    since: z.iso.datetime({ offset: true }).optional().describe('From this moment on'),
    until: z.iso.datetime({ offset: true }).optional().describe('Before this moment'),
    limit: z.coerce.number().int().min(1).max(MAX_EVENT_PAGE).default(50),
    /** `nextBefore` of the page that was read last. */
    before: z
      .string()
      .regex(/^\d{1,15}:[A-Za-z0-9_]{1,100}$/)
      .optional(),
  }),
  result: z.object({
    events: z.array(z.record(z.string(), z.unknown())),
    nextBefore: z.string().nullable(),
  }),
  http: { method: 'GET', path: '/v1/security/events' },
  run: async ({ services, principal }, { name, severity, since, until, limit, before }) => {
    const page = {
      limit,
      ...(name === undefined ? {} : { name }),
      ...(severity === undefined ? {} : { severity }),
      ...(since === undefined ? {} : { since: Date.parse(since) }),
      ...(until === undefined ? {} : { until: Date.parse(until) }),
      ...(before === undefined ? {} : { before: parseCursor(before) }),
    }
    const rows = await listSecurityEvents(
      services.database(principal.tenantId),
      principal.tenantId,
      page,
    )
    const events = rows.map((row) => ({
      id: row.id,
      name: `security.${row.name}`,
      severity: row.severity,
      created_at: new Date(row.createdAt).toISOString(),
      ...row.context,
      ...row.fields,
    }))
    const last = rows.length < limit ? undefined : rows.at(-1)
    return ok({ events, nextBefore: last ? `${last.createdAt}:${last.id}` : null })
  },
})

function parseCursor(text: string): { createdAt: number; id: string } {
  const [createdAt = '', id = ''] = text.split(':')
  return { createdAt: Number(createdAt), id }
}

export const shellDenyGroupsList = operation({
  name: 'shell.deny_groups.list',
  summary: 'The groups of shell commands that are denied, and whether the tenant keeps them so',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ groups: z.array(z.object({ name: z.string(), denied: z.boolean() })) }),
  http: { method: 'GET', path: '/v1/shell-deny-groups' },
  run: async ({ snapshot }) => {
    const overrides = snapshot.config.tools.shellDenyGroups
    return ok({
      groups: SHELL_DENY_GROUPS.map((name) => ({ name, denied: overrides[name] !== false })),
    })
  },
})

/** Protocol v3 clients ask this of every session; there are no teams here. */
export const teamTasks = operation({
  name: 'teams.tasks.active-by-session',
  summary: 'Team tasks of a session: always none',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ tasks: z.array(z.never()) }),
  run: async () => ok({ tasks: [] }),
})
