/** The first steps at a new gateway, and which of them are done already. */

export type StepName = 'model' | 'hello' | 'channel' | 'people'

export interface Known {
  /** Each null where the caller may not see it, or it is not known yet. */
  readonly providers:
    | readonly { readonly provider_type: string; readonly enabled: boolean }[]
    | null
  readonly sessions: number | null
  readonly channels: number | null
  /** Invitations, whatever became of them. */
  readonly people: number | null
}

export interface Step {
  readonly name: StepName
  readonly isDone: boolean
}

/** Steps that the caller can take: what nobody may tell them is none of theirs. */
export function firstSteps({ providers, sessions, channels, people }: Known): readonly Step[] {
  const step = (name: StepName, isDone: boolean | null): readonly Step[] =>
    isDone === null ? [] : [{ name, isDone }]
  return [
    ...step(
      'model',
      providers === null
        ? null
        : providers.some(({ provider_type, enabled }) => enabled && provider_type !== 'demo'),
    ),
    ...step('hello', sessions === null ? null : sessions > 0),
    ...step('channel', channels === null ? null : channels > 0),
    ...step('people', people === null ? null : people > 0),
  ]
}
