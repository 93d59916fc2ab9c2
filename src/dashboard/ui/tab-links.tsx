/** Parts of a page as links: each has its address, and the one that is shown says so. */
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'

export interface TabLink {
  readonly value: string
  readonly label: ReactNode
}

export interface TabLinksProps {
  readonly label: string
  /** The search parameter that the choice is kept in; the others of the page stay where `keeps` says so. */
  readonly name: string
  readonly value: string
  readonly tabs: readonly TabLink[]
  readonly keeps?: boolean
  readonly style?: 'underlined' | 'joined'
}

const LINE =
  'border-b-2 border-transparent px-3 py-2 whitespace-nowrap text-kumo-subtle hover:text-kumo-default aria-[current=page]:border-kumo-brand aria-[current=page]:font-medium aria-[current=page]:text-kumo-default'
const JOINED =
  'rounded-md px-2.5 py-1 text-sm whitespace-nowrap text-kumo-default hover:bg-kumo-tint aria-[current=page]:bg-kumo-base aria-[current=page]:font-medium aria-[current=page]:ring aria-[current=page]:ring-kumo-line'

export function TabLinks({
  label,
  name,
  value,
  tabs,
  keeps = false,
  style = 'underlined',
}: TabLinksProps) {
  const isLine = style === 'underlined'
  const strip = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each tab, as far as it lies outside
  useEffect(() => {
    const current = strip.current?.querySelector<HTMLElement>('[aria-current]')
    if (!strip.current || !current) return
    const { left, right } = strip.current.getBoundingClientRect()
    const tab = current.getBoundingClientRect()
    if (tab.right > right) strip.current.scrollLeft += tab.right - right
    if (tab.left < left) strip.current.scrollLeft -= left - tab.left
  }, [value])
  return (
    <nav
      ref={strip}
      aria-label={label}
      className={
        isLine
          ? 'overflow-x-auto border-b border-kumo-line'
          : 'w-fit max-w-full overflow-x-auto rounded-lg bg-kumo-recessed p-0.5'
      }
    >
      <ul className="flex gap-1">
        {tabs.map((tab) => {
          const search = (before: object) => ({ ...(keeps ? before : {}), [name]: tab.value })
          return (
            <li key={tab.value} className="flex">
              <Link
                to="."
                search={search}
                {...(tab.value === value ? { 'aria-current': 'page' as const } : {})}
                activeOptions={{ exact: true, includeSearch: true }}
                className={isLine ? LINE : JOINED}
              >
                {tab.label}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
