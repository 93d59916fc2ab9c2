/** Search: pages, agents and the latest sessions, by the keyboard alone. */
import { CommandPalette as Palette } from '@cloudflare/kumo/components/command-palette'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { mayCall, useHello } from '../client/use-gateway.ts'
import { useOperation } from '../client/use-operation.ts'
import { PAGES } from '../pages.ts'

interface Target {
  readonly title: string
  readonly kind: string
  readonly to: string
}

const LATEST = 50

export default function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const hello = useHello()
  const navigate = useNavigate()
  const [search, setSearch] = useState('')
  const agents = useOperation('agents.list', {})
  const sessions = useOperation('sessions.list', { limit: LATEST })
  const targets: readonly Target[] = [
    ...PAGES.filter(({ needs }) => mayCall(hello, needs)).map(({ title, paths }) => ({
      title,
      kind: 'Page',
      to: paths[0],
    })),
    ...(agents.data?.agents ?? []).map(({ id, name }) => ({
      title: name,
      kind: 'Agent',
      to: `/agents/${encodeURIComponent(id)}`,
    })),
    ...(sessions.data?.sessions ?? []).map(({ key, label }) => ({
      title: label ?? key,
      kind: 'Session',
      to: `/chat/${encodeURIComponent(key)}`,
    })),
  ]
  const wanted = search.trim().toLowerCase()
  const found = targets.filter(({ title }) => title.toLowerCase().includes(wanted))
  const go = ({ to }: Target) => {
    onClose()
    void navigate({ to })
  }
  return (
    <Palette.Root
      open
      onOpenChange={(open: boolean) => !open && onClose()}
      items={[...found]}
      value={search}
      onValueChange={setSearch}
      itemToStringValue={({ title }: Target) => title}
      onSelect={go}
      getSelectableItems={(items: Target[]) => items}
    >
      <Palette.Input placeholder="Search pages, agents and sessions" aria-label="Search" />
      <Palette.List>
        <Palette.Results>
          {(target: Target) => (
            <Palette.Item key={target.to} value={target} onClick={() => go(target)}>
              <span className="flex w-full items-center justify-between gap-3">
                <span className="truncate">{target.title}</span>
                <span className="text-sm text-kumo-subtle">{target.kind}</span>
              </span>
            </Palette.Item>
          )}
        </Palette.Results>
        <Palette.Empty>Nothing is called that</Palette.Empty>
      </Palette.List>
    </Palette.Root>
  )
}
