/** Parts of a page behind one another; which is seen is in the address. */
import { Link, useLocation, useSearch } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { changedSearch, inText } from './use-address.ts'

export interface Tab {
  readonly value: string
  readonly title: string
  /** There is something unsaved in it. */
  readonly isMarked?: boolean
}

export interface TabLinksProps {
  readonly label: string
  readonly tabs: readonly Tab[]
  readonly selected: string
  /** The part of the address that names the tab. */
  readonly name?: string
}

export function TabLinks({ label, tabs, selected, name = 'tab' }: TabLinksProps) {
  const search = inText(useSearch({ strict: false }) as Readonly<Record<string, unknown>>)
  const { pathname } = useLocation()
  const strip = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each tab, as far as it lies outside
  useEffect(() => {
    const current = strip.current?.querySelector<HTMLElement>('[aria-current]')
    if (!strip.current || !current) return
    const { left, right } = strip.current.getBoundingClientRect()
    const tab = current.getBoundingClientRect()
    if (tab.right > right) strip.current.scrollLeft += tab.right - right
    if (tab.left < left) strip.current.scrollLeft -= left - tab.left
  }, [selected])
  return (
    <nav
      ref={strip}
      aria-label={label}
      className="-mx-1 overflow-x-auto border-b border-kumo-line px-1"
    >
      <ul className="flex gap-1">
        {tabs.map(({ value, title, isMarked = false }) => (
          <li key={value}>
            <Link
              to={pathname}
              search={changedSearch(search, { [name]: value }) as never}
              resetScroll={false}
              activeOptions={{ exact: true, includeSearch: true }}
              aria-current={value === selected ? 'page' : undefined}
              className={`-mb-px flex items-center gap-1.5 border-b-2 px-3 py-2 whitespace-nowrap ${
                value === selected
                  ? 'border-kumo-brand font-medium text-kumo-default'
                  : 'border-transparent text-kumo-subtle hover:text-kumo-default'
              }`}
            >
              {title}
              {isMarked && (
                <span className="text-kumo-warning">
                  <span aria-hidden>●</span>
                  <span className="sr-only"> unsaved</span>
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
