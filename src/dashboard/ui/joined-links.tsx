/** A few ways to look at the same, side by side; which is chosen is in the address. */
import { Link, useLocation, useSearch } from '@tanstack/react-router'
import { changedSearch, inText } from './use-address.ts'

export interface JoinedLinksProps {
  readonly label: string
  /** The part of the address that names the choice. */
  readonly name: string
  readonly selected: string
  readonly choices: readonly (readonly [value: string, title: string])[]
}

export function JoinedLinks({ label, name, selected, choices }: JoinedLinksProps) {
  const search = inText(useSearch({ strict: false }) as Readonly<Record<string, unknown>>)
  const { pathname } = useLocation()
  return (
    <nav
      aria-label={label}
      className="w-fit max-w-full overflow-x-auto rounded-lg bg-kumo-recessed p-0.5"
    >
      <ul className="flex gap-1">
        {choices.map(([value, title]) => (
          <li key={value} className="flex">
            <Link
              to={pathname}
              search={changedSearch(search, { [name]: value }) as never}
              resetScroll={false}
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={value === selected ? 'page' : undefined}
              className={`rounded-md px-2.5 py-1 text-sm whitespace-nowrap text-kumo-default ${
                value === selected
                  ? 'bg-kumo-base font-medium ring ring-kumo-line'
                  : 'hover:bg-kumo-tint'
              }`}
            >
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
