/** Around every page: the navigation, whose tenant this is, and the state of the connection. */
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { ListIcon } from '@phosphor-icons/react/List'
import { Link, useRouterState } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { mayCall, useConnection, useHello } from '../client/use-gateway.ts'
import { PAGE_GROUPS } from '../pages.ts'
import { Account } from './account.tsx'
import { ApprovalsBadge } from './approvals-badge.tsx'
import { EstopBanner } from './estop-banner.tsx'

const CommandPalette = lazy(() => import('./command-palette.tsx'))

export function Shell({ children }: { readonly children: ReactNode }) {
  const [isMenuOpen, setMenuOpen] = useState(false)
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const { pathname } = useRouterState({ select: ({ location }) => location })
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each address the menu has done its work
  useEffect(() => setMenuOpen(false), [pathname])
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setPaletteOpen(true)
    }
    addEventListener('keydown', open)
    return () => removeEventListener('keydown', open)
  }, [])
  return (
    <div className="flex h-full">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded focus:bg-kumo-base focus:p-2"
      >
        Skip to the page
      </a>
      <aside className="hidden w-60 shrink-0 flex-col border-r border-kumo-line bg-kumo-base md:flex">
        <SideBar onSearch={() => setPaletteOpen(true)} />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex items-center gap-3 border-b border-kumo-line bg-kumo-base px-4 py-2 md:hidden">
          <button
            type="button"
            aria-label="Menu"
            className="grid size-10 place-items-center rounded-md hover:bg-kumo-tint"
            onClick={() => setMenuOpen(true)}
          >
            <ListIcon size={22} />
          </button>
          <Brand />
        </header>
        <ConnectionNotice />
        <EstopBanner />
        {/* relative: what is for screen readers alone is placed in here, not behind the end of the window */}
        <main
          id="main"
          tabIndex={-1}
          className="relative min-h-0 flex-1 overflow-auto outline-none"
        >
          {children}
        </main>
      </div>
      <Dialog.Root open={isMenuOpen} onOpenChange={setMenuOpen}>
        <Dialog className="flex max-h-[90vh] flex-col overflow-auto p-0 md:hidden">
          <Dialog.Title className="sr-only">Menu</Dialog.Title>
          <SideBar onSearch={() => setPaletteOpen(true)} />
        </Dialog>
      </Dialog.Root>
      {isPaletteOpen && (
        <Suspense fallback={null}>
          <CommandPalette onClose={() => setPaletteOpen(false)} />
        </Suspense>
      )}
    </div>
  )
}

function Brand() {
  return (
    <span className="flex items-center gap-2 font-semibold">
      <img src="/favicon.svg" alt="" width={24} height={24} />
      EdgeClaw
    </span>
  )
}

function SideBar({ onSearch }: { readonly onSearch: () => void }) {
  const hello = useHello()
  return (
    <>
      <div className="hidden px-4 pt-4 pb-2 md:block">
        <Brand />
      </div>
      <button
        type="button"
        onClick={onSearch}
        className="mx-3 my-2 flex items-center justify-between rounded-md bg-kumo-control px-3 py-1.5 text-sm text-kumo-subtle ring ring-kumo-line hover:bg-kumo-tint"
      >
        Search
        <kbd className="font-mono text-xs">Ctrl K</kbd>
      </button>
      <nav aria-label="Pages" className="min-h-0 flex-1 overflow-auto px-3 pb-3">
        {PAGE_GROUPS.map(({ title, pages }) => {
          const seen = pages.filter(({ needs }) => mayCall(hello, needs))
          if (seen.length === 0) return null
          return (
            <div key={title} className="mt-3">
              <h2 className="px-2 pb-1 text-xs font-medium text-kumo-subtle">{title}</h2>
              <ul>
                {seen.map(({ title: name, paths, icon: Icon }) => (
                  <li key={name}>
                    <Link
                      to={paths[0]}
                      activeOptions={{ exact: paths[0] === '/' }}
                      className="flex items-center gap-2.5 rounded-md px-2 py-1 text-kumo-default hover:bg-kumo-tint"
                      activeProps={{
                        className: 'bg-kumo-tint font-medium',
                        'aria-current': 'page',
                      }}
                    >
                      <Icon size={18} aria-hidden />
                      <span className="flex-1">{name}</span>
                      {name === 'Approvals' && <ApprovalsBadge />}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          )
        })}
      </nav>
      <Account />
    </>
  )
}

function ConnectionNotice() {
  const { kind } = useConnection()
  if (kind !== 'reconnecting') return null
  return (
    <p role="status" className="bg-kumo-warning-tint px-4 py-1.5 text-center text-sm">
      The connection to the gateway was lost. Connecting again; nothing is lost.
    </p>
  )
}
