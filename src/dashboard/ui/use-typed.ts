/** A search box whose words go into the address when the typing pauses, and come back from it. */
import { useEffect, useState } from 'react'

const PAUSE_MS = 300

export interface Typed {
  readonly text: string
  /** What the address said when it was last looked at. */
  readonly seen: string
  /** What it was told to say, and does not say yet. */
  readonly told: string | null
}

/** The address may say what it was told, while more is typed, or what somebody went back to. Pure. */
export function follow(typed: Typed, address: string): Typed {
  if (address === typed.seen) return typed
  const text = address === typed.told ? typed.text : address
  return { text, seen: address, told: null }
}

export function useTyped(
  address: string,
  tell: (text: string) => void,
): readonly [string, (text: string) => void] {
  const [kept, setTyped] = useState<Typed>({ text: address, seen: address, told: null })
  const typed = follow(kept, address)
  if (typed !== kept) setTyped(typed)
  const { text } = typed
  // biome-ignore lint/correctness/useExhaustiveDependencies: told when the typing pauses
  useEffect(() => {
    if (text === address) return
    const timer = setTimeout(() => {
      setTyped((now) => ({ ...now, told: text }))
      tell(text)
    }, PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return [text, (next) => setTyped((now) => ({ ...now, text: next }))]
}
