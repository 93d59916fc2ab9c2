/** Resources and prompts that the server lists now: asked for when somebody wants to see them. */
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import type { Server } from './server.ts'

type Listing = ResultOf<'mcp.servers.resources'>['resources'][number]

export function Listings({ server: { id } }: { readonly server: Server }) {
  const mayList = useMay('mcp.servers.resources')
  const [isShown, setShown] = useState(false)
  if (!mayList) return null
  return (
    <Section
      title="Resources and prompts"
      actions={
        !isShown && (
          <Button size="sm" onClick={() => setShown(true)}>
            Ask the server
          </Button>
        )
      }
    >
      {isShown && <Asked id={id} />}
    </Section>
  )
}

function Asked({ id }: { readonly id: string }) {
  const resources = useOperation('mcp.servers.resources', { id })
  const prompts = useOperation('mcp.servers.prompts', { id })
  return (
    <div className="grid gap-3 md:grid-cols-2">
      <Answer query={resources} what="Asking for resources">
        {(answer) => <Items title="Resources" items={answer.resources} />}
      </Answer>
      <Answer query={prompts} what="Asking for prompts">
        {(answer) => <Items title="Prompts" items={answer.prompts} />}
      </Answer>
    </div>
  )
}

function Items({ title, items }: { readonly title: string; readonly items: readonly Listing[] }) {
  return (
    <Card>
      <h3 className="mb-2 font-medium">{title}</h3>
      {items.length === 0 ? (
        <p className="text-kumo-subtle">None.</p>
      ) : (
        <ul className="flex max-h-72 flex-col gap-2 overflow-auto">
          {items.map(({ name, title: shown, description, uri, arguments: args }) => (
            <li key={`${name} ${uri ?? ''}`} className="as-written text-sm">
              <span className="font-medium">{shown || name}</span>
              {uri !== undefined && (
                <span className="block font-mono text-xs text-kumo-subtle">{uri}</span>
              )}
              {args !== undefined && args.length > 0 && (
                <span className="block font-mono text-xs text-kumo-subtle">
                  {args.map((each) => `${each.name}${each.required ? '' : '?'}`).join(', ')}
                </span>
              )}
              {description !== '' && <span className="block">{description}</span>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
