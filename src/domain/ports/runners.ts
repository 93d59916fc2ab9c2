/** How the operator's runners are, as a tenant may know it: by key id, never where they stand. */

export const RUNNER_REASONS = [
  /** Nothing in time, or nothing that a runner would say. */
  'no_answer',
  /** It does not take the jobs of this gateway: another key, or another audience. */
  'key_refused',
  'engine_unreachable',
  'image_missing',
  'degraded',
  /** The gateway has no key to sign jobs with. */
  'no_key',
] as const
export type RunnerReason = (typeof RUNNER_REASONS)[number]

export interface RunnerLook {
  readonly keyId: string
  /** Null: it would take a job now. */
  readonly reason: RunnerReason | null
  /** Null where it did not answer. */
  readonly latencyMs: number | null
}

export interface RecentLook {
  /** When they were asked. */
  readonly at: number
  readonly runners: readonly RunnerLook[]
}

export interface RunnersPort {
  /**
   * As somebody looked within the last seconds, of whichever tenant; else all are asked at once, and each
   * answers within seconds or not at all.
   */
  recent(): Promise<RecentLook>
}
