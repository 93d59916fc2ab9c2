/** Connects to the server now: only to see what it has, or to keep it. */
import { Button } from '@cloudflare/kumo/components/button'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { Card, Section } from '../../ui/page.tsx'
import { NotDone } from '../../ui/states.tsx'
import type { Server } from './server.ts'

type Seen = ResultOf<'mcp.servers.test'>

export function LookAct({ server: { id, checked_at } }: { readonly server: Server }) {
  const mayLook = useMay('mcp.servers.reconnect')
  const test = useChange('mcp.servers.test')
  const reconnect = useChange('mcp.servers.reconnect', { alsoStale: ['tools'] })
  if (!mayLook) return null
  const isBusy = test.isPending || reconnect.isPending
  const begin = (act: typeof test | typeof reconnect) => {
    test.reset()
    reconnect.reset()
    act.mutate({ id })
  }
  return (
    <Section title="Connection">
      <Card className="flex flex-col gap-3">
        <div className="flex flex-wrap items-center gap-2">
          <Button loading={test.isPending} disabled={isBusy} onClick={() => begin(test)}>
            Test
          </Button>
          <Button
            variant={checked_at === null ? 'primary' : 'secondary'}
            loading={reconnect.isPending}
            disabled={isBusy}
            onClick={() => begin(reconnect)}
          >
            {checked_at === null ? 'Connect and keep its tools' : 'Reconnect'}
          </Button>
          <p className="min-w-0 flex-1 basis-60 text-sm text-kumo-subtle">
            {checked_at === null
              ? 'A test changes nothing. Connecting keeps all its tools as they are: look at them first.'
              : 'A test changes nothing. Reconnecting keeps what is the same; what is new or has changed waits below.'}
          </p>
        </div>
        <NotDone error={test.error ?? reconnect.error} />
        {test.data !== undefined && <Findings seen={test.data} isKept={false} />}
        {reconnect.data !== undefined && <Findings seen={reconnect.data} isKept />}
      </Card>
    </Section>
  )
}

function Findings({ seen, isKept }: { readonly seen: Seen; readonly isKept: boolean }) {
  const { tools, skipped, protocol_version: version } = seen
  const many = tools.length === 1 ? '1 tool' : `${tools.length} tools`
  return (
    <div role="status" className="flex flex-col gap-2">
      <p className="text-kumo-success">
        It answers{version === null ? '' : ` with protocol ${version}`} and has {many}.
      </p>
      {!isKept && (
        <ul className="flex max-h-60 flex-col gap-1 overflow-auto">
          {tools.map(({ name, description }) => (
            <li key={name} className="as-written text-sm">
              <span className="font-mono">{name}</span>
              <span className="text-kumo-subtle"> {description}</span>
            </li>
          ))}
        </ul>
      )}
      {skipped.length > 0 && (
        <>
          <p>Left out:</p>
          <ul className="flex list-disc flex-col gap-1 pl-5 text-sm">
            {skipped.map(({ name, reason }) => (
              <li key={name} className="as-written">
                <span className="font-mono">{name}</span>: {reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
