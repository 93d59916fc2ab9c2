/** The tools that are kept of a server. What is new or has changed waits until an admin agrees to just that. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer, NotDone, Nothing } from '../../ui/states.tsx'
import { Written } from '../../ui/written.tsx'
import type { Server, Tool } from './server.ts'

const STATES = {
  agreed: { word: 'agreed to', variant: 'success' },
  new: { word: 'new', variant: 'warning' },
  changed: { word: 'changed', variant: 'error' },
} as const

export function ServerTools({ server: { id } }: { readonly server: Server }) {
  const tools = useOperation('mcp.servers.tools', { id })
  const mayAgree = useMay('mcp.servers.agree')
  const notify = useNotify()
  const agree = useChange('mcp.servers.agree', {
    alsoStale: ['tools'],
    onDone: (_, { hashes }) =>
      notify.done(hashes.length === 1 ? 'Agreed to' : `Agreed to ${hashes.length} tools`),
  })
  const waiting = (tools.data?.tools ?? []).filter(({ state }) => state !== 'agreed')
  const accept = (chosen: readonly Tool[]) =>
    agree.mutate({ id, hashes: chosen.map(({ hash }) => hash) })
  return (
    <Section
      title="Tools"
      actions={
        mayAgree &&
        waiting.length > 1 && (
          <Button size="sm" loading={agree.isPending} onClick={() => accept(waiting)}>
            Agree to all {waiting.length}
          </Button>
        )
      }
    >
      <NotDone error={agree.error} />
      <Answer
        query={tools}
        what="Loading the tools"
        empty={({ tools: rows }) =>
          rows.length > 0 ? null : (
            <Nothing
              title="No tool is kept of it"
              description="Test the connection to see what it has, then connect."
            />
          )
        }
      >
        {({ tools: rows }) => (
          <ul aria-label="Tools" className="flex flex-col gap-2">
            {rows.map((tool) => (
              <li key={tool.name}>
                <ToolCard
                  tool={tool}
                  isBusy={agree.isPending}
                  {...(mayAgree ? { onAgree: () => accept([tool]) } : {})}
                />
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Section>
  )
}

interface ToolCardProps {
  readonly tool: Tool
  readonly isBusy: boolean
  readonly onAgree?: () => void
}

function ToolCard({ tool, isBusy, onAgree }: ToolCardProps) {
  const { name, offered_as: offeredAs, description, schema, state } = tool
  const look = STATES[state]
  return (
    <Card className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="flex min-w-0 flex-wrap items-center gap-2">
          <span className="as-written font-mono font-semibold">{offeredAs}</span>
          <Badge variant={look.variant}>{look.word}</Badge>
        </h3>
        {state !== 'agreed' && onAgree !== undefined && (
          <Button
            size="sm"
            variant="primary"
            disabled={isBusy}
            aria-label={`Agree to ${name}`}
            onClick={onAgree}
          >
            Agree
          </Button>
        )}
      </div>
      <p className="as-written text-kumo-subtle">{description || 'It says nothing of itself.'}</p>
      <details>
        <summary className="cursor-pointer text-sm text-kumo-link">Arguments</summary>
        <div className="mt-2">
          <Written value={schema} />
        </div>
      </details>
    </Card>
  )
}
