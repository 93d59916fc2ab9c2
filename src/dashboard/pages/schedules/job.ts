/** One scheduled job, what a form says of it, and what is sent of that: only what differs. */
import type { ParamsOf, ResultOf } from '../../client/gateway.ts'
import { isSameJson } from '../../client/json.ts'
import { scheduleOf, type Timing, timingOf } from './timing.ts'

export type Job = ResultOf<'cron.list'>['jobs'][number]

export interface JobFields {
  readonly name: string
  readonly agent: string
  readonly message: string
  readonly isHeartbeat: boolean
  readonly timing: Timing
  /** `session`: its own conversation alone. */
  readonly channel: string
  /** Whom to tell in the channel. */
  readonly to: string
  readonly endsAfterRun: boolean
}

/** As a form gives it back: without blanks at its ends, lines ended in one way. */
const asTyped = (text: string): string => text.replaceAll(/\r\n?/g, '\n').trim()

export const fieldsOf = (job: Job, zone: string): JobFields => ({
  name: job.name,
  agent: job.agentId,
  message: job.message,
  isHeartbeat: job.heartbeat,
  timing: timingOf(job.schedule, zone),
  channel: job.delivery.channel,
  to: job.delivery.to ?? '',
  endsAfterRun: job.deleteAfterRun,
})

const deliveryOf = ({ channel, to }: JobFields) =>
  channel === 'session' ? { channel } : { channel, to }

/** @throws with what is missing. */
export const createParams = (fields: JobFields): ParamsOf<'cron.create'> => ({
  name: fields.name,
  schedule: scheduleOf(fields.timing),
  message: fields.message,
  delivery: deliveryOf(fields),
  deleteAfterRun: fields.endsAfterRun,
  heartbeat: fields.isHeartbeat,
  ...(fields.agent === '' ? {} : { agentId: fields.agent }),
})

/**
 * Null when nothing differs. A schedule that is sent begins anew, and what others say is its owner's:
 * both are left alone where they stayed the same.
 */
export function updateParams(
  job: Job,
  before: JobFields,
  fields: JobFields,
): ParamsOf<'cron.update'> | null {
  const delivery = deliveryOf(fields)
  const changes = {
    ...(fields.name === before.name ? {} : { name: fields.name }),
    ...(isSameJson(fields.timing, before.timing) ? {} : { schedule: scheduleOf(fields.timing) }),
    // Whoever sends it lends it their rights: blanks that no form gives back are no word of theirs.
    ...(asTyped(fields.message) === asTyped(before.message) ? {} : { message: fields.message }),
    ...(fields.agent === before.agent ? {} : { agentId: fields.agent }),
    ...(isSameJson(delivery, deliveryOf(before)) ? {} : { delivery }),
    ...(fields.endsAfterRun === before.endsAfterRun ? {} : { deleteAfterRun: fields.endsAfterRun }),
  }
  return Object.keys(changes).length === 0 ? null : { jobId: job.id, ...changes }
}

type Choices = readonly (readonly [value: string, text: string])[]

/** What is chosen stays a choice, also when it is gone meanwhile: no other is taken for it. */
export const withChosen = (options: Choices, chosen: string): Choices =>
  chosen === '' || options.some(([value]) => value === chosen)
    ? options
    : [...options, [chosen, chosen]]
