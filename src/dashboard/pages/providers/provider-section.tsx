/** One kind of provider: the rows with their acts, and the form that adds or changes one. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Switch } from '@cloudflare/kumo/components/switch'
import { useState } from 'react'
import { useConfirm } from '../../ui/confirm.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { ProviderDialog } from './provider-dialog.tsx'
import type { ProviderSectionProps } from './provider-kind.ts'
import { hasKey, type ProviderRow } from './provider-row.ts'
import { TestConnection } from './test-connection.tsx'

/** No name begins so. */
const NEW = '-new'

export function ProviderSection(props: ProviderSectionProps) {
  const { title, one, list, nothing } = props
  const [search, change] = useAddress()
  const name = one.replaceAll(' ', '_')
  const open = search[name]
  const opened = list.data?.providers.find((row) => row.name === open)
  const add = (
    <Button variant="primary" size="sm" onClick={() => change({ [name]: NEW }, { isStep: true })}>
      Add {one}
    </Button>
  )
  return (
    <Section title={title} actions={add}>
      <Answer
        query={list}
        what={`Loading the ${one}s`}
        empty={({ providers }) =>
          providers.length > 0 ? null : (
            <Card>
              <Nothing title={`No ${one} yet`} description={nothing} />
            </Card>
          )
        }
      >
        {({ providers }) => (
          <ul aria-label={title} className="flex flex-col gap-3">
            {providers.map((row) => (
              <li key={row.id}>
                <Row
                  {...props}
                  row={row}
                  onEdit={() => change({ [name]: row.name }, { isStep: true })}
                />
              </li>
            ))}
          </ul>
        )}
      </Answer>
      {(open === NEW || opened !== undefined) && (
        <ProviderDialog
          {...props}
          row={opened ?? null}
          onClose={() => change({ [name]: null }, { isStep: true })}
        />
      )}
    </Section>
  )
}

interface RowProps extends ProviderSectionProps {
  readonly row: ProviderRow
  readonly onEdit: () => void
}

function Row({ row, types, one, acts, isTestable = false, needsKey, onEdit }: RowProps) {
  const confirm = useConfirm()
  const notify = useNotify()
  const [isBusy, setBusy] = useState(false)
  const attempt = async (what: string, act: () => Promise<void>) => {
    setBusy(true)
    try {
      await act()
    } catch (error) {
      notify.failed(what, error)
    } finally {
      setBusy(false)
    }
  }
  const remove = async () => {
    const question = {
      title: `Delete the ${one} “${row.name}”?`,
      consequence: 'Its stored key goes with it and cannot be brought back.',
      act: 'Delete',
    }
    if (await confirm(question))
      await attempt(`${row.name} was not deleted`, () => acts.remove(row.id))
  }
  const type = types.find(([each]) => each === row.provider_type)?.[1] ?? row.provider_type
  return (
    <Card className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0">
          <h3 className="flex flex-wrap items-center gap-2 font-semibold">
            <span className="as-written">{row.name}</span>
            <KeyMark row={row} isNeeded={needsKey(row.provider_type)} />
            {row.allow_private_network && <Badge variant="warning">Private network</Badge>}
          </h3>
          <p className="as-written text-sm text-kumo-subtle">
            {type}
            {row.api_base !== null && ` · ${row.api_base}`}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <span aria-hidden className="text-kumo-subtle">
            {row.enabled ? 'Enabled' : 'Disabled'}
          </span>
          <Switch
            size="sm"
            aria-label={`${row.name} is enabled`}
            checked={row.enabled}
            disabled={isBusy}
            onCheckedChange={(enabled) =>
              void attempt(`${row.name} was not changed`, () =>
                acts.update({ id: row.id, enabled }),
              )
            }
          />
          <Button size="sm" aria-label={`Edit ${row.name}`} onClick={onEdit}>
            Edit
          </Button>
          <Button
            size="sm"
            aria-label={`Delete ${row.name}`}
            disabled={isBusy}
            onClick={() => void remove()}
          >
            Delete
          </Button>
        </div>
      </div>
      {isTestable && <TestConnection id={row.id} name={row.name} />}
    </Card>
  )
}

function KeyMark({ row, isNeeded }: { readonly row: ProviderRow; readonly isNeeded: boolean }) {
  if (hasKey(row)) return <Badge variant="success">Key stored</Badge>
  return isNeeded ? <Badge variant="warning">No key</Badge> : null
}
