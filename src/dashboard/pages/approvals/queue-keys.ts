/** Which key does what in the queue. Pure. */
export type QueueAct = 'next' | 'previous' | 'once' | 'always' | 'deny'

const ACTS: Readonly<Record<string, QueueAct>> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  a: 'once',
  A: 'always',
  d: 'deny',
}

export const LEGEND: readonly (readonly [keys: readonly string[], act: string])[] = [
  [['j', '↓'], 'next'],
  [['k', '↑'], 'previous'],
  [['a'], 'allow once'],
  [['A'], 'always allow (asks first)'],
  [['d'], 'deny'],
]

export interface PressedKey {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  /** A key that is held down answers one question, not the ones behind it as well. */
  readonly repeat: boolean
}

export function actOf({ key, ctrlKey, metaKey, altKey, repeat }: PressedKey): QueueAct | null {
  if (ctrlKey || metaKey || altKey) return null
  const act = ACTS[key] ?? null
  const isMove = act === 'next' || act === 'previous'
  return repeat && !isMove ? null : act
}
