/** One judgement of the doctor. */
export interface Check {
  readonly id: string
  readonly level: 'ok' | 'warn' | 'fail' | 'skip'
  readonly said: string
  /** What to do; empty where nothing is to be done. */
  readonly advice: string
}

export const check = (id: string, level: Check['level'], said: string, advice = ''): Check => ({
  id,
  level,
  said,
  advice,
})
