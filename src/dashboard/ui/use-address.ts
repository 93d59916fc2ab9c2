/** What a page is looking at, kept in its address: reload, back and a sent link show the same. */
import { useNavigate, useSearch } from '@tanstack/react-router'

export type Address = Readonly<Record<string, string>>

export interface AddressStep {
  /** The back button returns to what was looked at before. */
  readonly isStep?: boolean
}

/** The search part as texts, whatever the router made of it. */
export function useAddress(): readonly [
  Address,
  (changes: Readonly<Record<string, string | null>>, options?: AddressStep) => void,
] {
  const search = useSearch({ strict: false }) as Readonly<Record<string, unknown>>
  const navigate = useNavigate()
  const address = Object.fromEntries(
    Object.entries(search).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  const change = (
    changes: Readonly<Record<string, string | null>>,
    { isStep = false }: AddressStep = {},
  ) => {
    const next = Object.entries({ ...address, ...changes }).filter(
      ([, value]) => value !== null && value !== '',
    )
    void navigate({
      to: '.',
      search: Object.fromEntries(next),
      replace: !isStep,
      resetScroll: false,
    })
  }
  return [address, change]
}

/** One of these; the first where the address says another, or nothing. */
export const oneOf = <Choice extends string>(
  value: string | undefined,
  choices: readonly [Choice, ...Choice[]],
): Choice => choices.find((choice) => choice === value) ?? choices[0]
