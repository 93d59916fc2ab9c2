/**
 * What the doctor and the status report are told of channels, MCP servers, hooks and schedules: kinds,
 * counts and whether something failed. Names, addresses and what was said of a failure stay behind.
 */
import { z } from 'zod'

export interface ChannelFact {
  readonly type: string
  readonly isEnabled: boolean
  /** Deliveries that were given up. */
  readonly dead: number
  readonly hasFailed: boolean
}

export interface ServerFact {
  readonly isEnabled: boolean
  readonly tools: number
  readonly waiting: number
}

export interface ScheduleFacts {
  readonly jobs: number
  readonly enabled: number
  /** Null: nothing is due any more. */
  readonly nextRunAt: number | null
  /** Of those that are on; null: not told. */
  readonly failed: number | null
}

/** Null: not allowed to see, not offered, or not reached. */
export interface ConnectedFacts {
  readonly channels: readonly ChannelFact[] | null
  readonly servers: readonly ServerFact[] | null
  /** Run hooks that are switched on. */
  readonly hooks: number | null
  readonly schedules: ScheduleFacts | null
}

/** Asked when they are offered. */
export const CONNECTED_QUESTIONS = {
  'channels.status': {},
  'mcp.servers.list': {},
  'hooks.list': {},
  'cron.status': {},
  'cron.list': { limit: 100 },
} as const

const channelsSchema = z.object({
  channels: z.array(
    z.object({
      channel_type: z.string(),
      enabled: z.boolean(),
      health: z.object({ dead: z.number(), last_error: z.unknown().optional() }),
    }),
  ),
})
const serversSchema = z.object({
  servers: z.array(z.object({ enabled: z.boolean(), tools: z.number(), waiting: z.number() })),
})
const hooksSchema = z.object({ hooks: z.array(z.object({ enabled: z.boolean() })) })
const cronSchema = z.object({
  jobs: z.number(),
  enabled: z.number(),
  nextRunAt: z.string().nullable(),
})
const jobsSchema = z.object({
  jobs: z.array(z.object({ enabled: z.boolean(), lastStatus: z.string().nullable() })),
})

export function connectedFacts(answers: Readonly<Record<string, unknown>>): ConnectedFacts {
  const channels = channelsSchema.safeParse(answers['channels.status']).data?.channels
  const servers = serversSchema.safeParse(answers['mcp.servers.list']).data?.servers
  const hooks = hooksSchema.safeParse(answers['hooks.list']).data?.hooks
  const cron = cronSchema.safeParse(answers['cron.status']).data
  const jobs = jobsSchema.safeParse(answers['cron.list']).data?.jobs
  return {
    channels:
      channels?.map(({ channel_type: type, enabled: isEnabled, health }) => ({
        type,
        isEnabled,
        dead: health.dead,
        hasFailed: (health.last_error ?? null) !== null,
      })) ?? null,
    servers:
      servers?.map(({ enabled: isEnabled, ...counts }) => ({ isEnabled, ...counts })) ?? null,
    hooks: hooks?.filter(({ enabled }) => enabled).length ?? null,
    schedules:
      cron === undefined
        ? null
        : {
            jobs: cron.jobs,
            enabled: cron.enabled,
            nextRunAt: timeOf(cron.nextRunAt),
            failed:
              jobs?.filter(({ enabled, lastStatus }) => enabled && lastStatus === 'failed')
                .length ?? null,
          },
  }
}

function timeOf(text: string | null): number | null {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? null : time
}
