/** API keys: made, shown once, rotated with an overlap, revoked at once. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { useState } from 'react'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { useConfirm } from '../../ui/confirm.tsx'
import { CutText } from '../../ui/cut-text.tsx'
import { useNotify } from '../../ui/notify.ts'
import { OneTimeSecret } from '../../ui/one-time-secret.tsx'
import { Page } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import type { ApiKey, MadeKey } from './api-key.ts'
import { CreateKey } from './create-key.tsx'
import { RotateKey } from './rotate-key.tsx'

const PAGE = 200

export default function KeysPage() {
  const keys = useOperation('api_keys.list', { limit: PAGE })
  const mayCreate = useMay('api_keys.create')
  const [isCreating, setCreating] = useState(false)
  const [rotated, setRotated] = useState<ApiKey | null>(null)
  const [made, setMade] = useState<MadeKey | null>(null)
  return (
    <Page
      title="API keys"
      description="For programs and scripts. Each carries no more than the scopes that it is given."
      actions={
        mayCreate && (
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create key
          </Button>
        )
      }
    >
      {made !== null && (
        <OneTimeSecret
          label={`The key “${made.name}”`}
          value={made.key}
          onClose={() => setMade(null)}
        />
      )}
      <Answer
        query={keys}
        empty={({ keys: rows }) =>
          rows.length === 0 ? (
            <Nothing
              title="There are no keys yet"
              description="Create one for each program that calls the gateway."
            />
          ) : null
        }
      >
        {({ keys: rows }) => <KeyTable rows={rows} onRotate={setRotated} />}
      </Answer>
      <CreateKey isOpen={isCreating} onClose={() => setCreating(false)} onMade={setMade} />
      <RotateKey apiKey={rotated} onClose={() => setRotated(null)} onMade={setMade} />
    </Page>
  )
}

interface KeyTableProps {
  readonly rows: readonly ApiKey[]
  readonly onRotate: (key: ApiKey) => void
}

function KeyTable({ rows, onRotate }: KeyTableProps) {
  const mayRevoke = useMay('api_keys.revoke')
  const revoke = useChange('api_keys.revoke')
  const confirm = useConfirm()
  const notify = useNotify()
  const end = async ({ id, name, prefix }: ApiKey) => {
    const isSure = await confirm({
      title: `Revoke the key “${name}”?`,
      consequence: `${prefix}… and all keys that it made end at once, with their connections and runs. This cannot be undone.`,
      act: 'Revoke',
    })
    if (!isSure) return
    revoke.mutate(
      { id },
      {
        onSuccess: () => notify.done(`The key “${name}” is revoked`),
        onError: (error) => notify.failed('Not revoked', error),
      },
    )
  }
  return (
    <SimpleTable
      label="API keys"
      rows={rows}
      keyOf={({ id }) => id}
      columns={[
        {
          title: 'Name',
          cell: ({ name, prefix }) => (
            <>
              <CutText text={name} />
              <span className="block font-mono text-sm text-kumo-subtle">{prefix}…</span>
            </>
          ),
        },
        { title: 'Owner', cell: ({ owner_id }) => <CutText text={owner_id} /> },
        {
          title: 'Scopes',
          cell: ({ scopes }) => scopes.map((scope) => scope.replace('operator.', '')).join(', '),
        },
        { title: 'State', cell: (key) => <KeyState apiKey={key} /> },
        {
          title: 'Last used',
          cell: ({ last_used_at }) =>
            last_used_at === null ? 'never' : <Time at={last_used_at} />,
        },
        {
          title: 'Acts',
          isActions: true,
          cell: (key) =>
            mayRevoke &&
            !key.revoked && (
              <span className="inline-flex gap-2">
                {key.rotated_to === null && (
                  <Button size="sm" onClick={() => onRotate(key)}>
                    Rotate
                  </Button>
                )}
                <Button size="sm" variant="secondary-destructive" onClick={() => void end(key)}>
                  Revoke
                </Button>
              </span>
            ),
        },
      ]}
    />
  )
}

function KeyState({ apiKey }: { readonly apiKey: ApiKey }) {
  const { revoked, expires_at, rotated_to } = apiKey
  if (revoked) return <Badge variant="neutral">revoked</Badge>
  if (expires_at !== null && Date.parse(expires_at) <= Date.now())
    return <Badge variant="neutral">ended</Badge>
  return (
    <span className="inline-flex items-center gap-2">
      <Badge variant="success">valid</Badge>
      <span className="text-sm text-kumo-subtle">
        {rotated_to !== null && 'rotated, '}
        {expires_at === null ? 'never ends' : <Time at={expires_at} />}
      </span>
    </span>
  )
}
