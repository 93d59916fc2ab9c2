/** What a page looks at, as the part of the address behind the question mark. */
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router'

export type AddressChange = Readonly<Record<string, string | null>>

export interface Address {
  readonly search: Readonly<Record<string, string | undefined>>
  /** What is null goes. `isStep`: the back button returns to what was looked at before. */
  go(change: AddressChange, options?: { readonly isStep?: boolean }): void
}

/** The router reads `?a=12` as a number: here everything is text. */
export const inText = (
  search: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(search)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )

export const changedSearch = (
  search: Readonly<Record<string, string>>,
  change: AddressChange,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries({ ...search, ...change }).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    ),
  )

export function useAddress(): Address {
  const search = inText(useSearch({ strict: false }) as Readonly<Record<string, unknown>>)
  const { pathname } = useLocation()
  const navigate = useNavigate()
  return {
    search,
    go: (change, { isStep = true } = {}) =>
      void navigate({
        to: pathname,
        search: changedSearch(search, change) as never,
        replace: !isStep,
        resetScroll: false,
      }),
  }
}
