/** What ails a runner or a channel, in plain words; null: it is well. */

const REASONS: Readonly<Record<string, string>> = {
  no_answer: 'does not answer: is it running, and can the gateway reach it?',
  key_refused: 'refuses the key: both sides must hold the same',
  engine_unreachable: 'cannot reach its Docker engine',
  image_missing: 'lacks the sandbox image: it has to be built or pulled there',
  degraded: 'answers, but would take no command now',
  no_key: 'has no key at the gateway, so it is never asked',
}

export const runnerTrouble = (reason: string | null): string | null =>
  reason === null ? null : (REASONS[reason] ?? reason)

export interface ChannelNow {
  readonly enabled: boolean
  readonly health: {
    readonly dead: number
    readonly last_received_at: string | null
    readonly last_sent_at: string | null
    readonly last_error: { readonly at: string; readonly message: string } | null
  }
}

const timeOf = (at: string | null): number => (at === null ? 0 : Date.parse(at))

/** An error that something went well after is over. */
export function channelTrouble({ enabled, health }: ChannelNow): string | null {
  if (!enabled) return null
  const { dead, last_error, last_received_at, last_sent_at } = health
  const wentWellAt = Math.max(timeOf(last_received_at), timeOf(last_sent_at))
  if (last_error !== null && timeOf(last_error.at) >= wentWellAt) return last_error.message
  return dead > 0 ? `${dead} message${dead === 1 ? '' : 's'} could not be answered` : null
}
