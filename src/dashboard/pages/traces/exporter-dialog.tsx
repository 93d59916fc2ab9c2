/** Where traces are sent. Headers hold credentials: they go in, and are never shown again. */
import { Button } from '@cloudflare/kumo/components/button'
import { Checkbox } from '@cloudflare/kumo/components/checkbox'
import { Dialog } from '@cloudflare/kumo/components/dialog'
import { Input } from '@cloudflare/kumo/components/input'
import { type FormEvent, useId, useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { CONTROL, helpOf, Labelled } from '../../ui/labelled.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Answer, NotDone } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { parseHeaders } from './headers.ts'

type Exporter = ResultOf<'traces.exporter.get'>['exporter']

export default function ExporterDialog({ onClose }: { readonly onClose: () => void }) {
  const exporter = useOperation('traces.exporter.get', {})
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog className="flex max-h-[90vh] flex-col gap-4 overflow-auto p-6">
        <Dialog.Title className="text-lg font-semibold">Send traces</Dialog.Title>
        <Dialog.Description className="text-kumo-subtle">
          Runs that end from now on are sent to your collector over OTLP/HTTP. They hold names,
          counts and times, never what was said.
        </Dialog.Description>
        <Answer query={exporter} what="Reading settings">
          {({ exporter: found }) => <ExporterForm exporter={found} onClose={onClose} />}
        </Answer>
      </Dialog>
    </Dialog.Root>
  )
}

interface FormProps {
  readonly exporter: Exporter
  readonly onClose: () => void
}

function ExporterForm({ exporter, onClose }: FormProps) {
  const id = useId()
  const notify = useNotify()
  const maySet = useMay('traces.exporter.set')
  const [endpoint, setEndpoint] = useState(exporter?.endpoint ?? '')
  const [headers, setHeaders] = useState('')
  const [isEnabled, setEnabled] = useState(exporter?.enabled ?? true)
  const [isPrivate, setPrivate] = useState(exporter?.allow_private_network ?? false)
  const parsed = parseHeaders(headers)
  const save = useChange('traces.exporter.set', {
    onDone: () => {
      notify.done(isEnabled ? 'Traces are sent from now on' : 'Traces are not sent')
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!parsed.ok) return
    save.mutate({
      endpoint: endpoint.trim(),
      enabled: isEnabled,
      allow_private_network: isPrivate,
      ...(headers.trim() === '' ? {} : { headers: parsed.value }),
    })
  }
  const isKept = exporter !== null && exporter.headers !== '' && exporter.endpoint === endpoint
  const headersNote = parsed.ok
    ? isKept
      ? 'The headers that are set stay as they are while this is empty.'
      : 'One a line, name: value. They are kept sealed and not shown again.'
    : parsed.problem
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {exporter !== null && (
        <p className="text-sm text-kumo-subtle">
          {exporter.last_sent_at === null ? (
            'Nothing was sent yet.'
          ) : (
            <>
              Sent last <Time at={exporter.last_sent_at} />.
            </>
          )}
          {exporter.last_error !== null && (
            <span className="as-written block text-kumo-danger">
              The last attempt failed: {exporter.last_error}
            </span>
          )}
        </p>
      )}
      <Input
        label="Address of the collector"
        type="url"
        required
        placeholder="https://collector.example/v1/traces"
        value={endpoint}
        onChange={({ target }) => setEndpoint(target.value)}
      />
      <Labelled label="Headers" htmlFor={id} description={headersNote}>
        <textarea
          {...helpOf(id, headersNote)}
          id={id}
          rows={3}
          autoComplete="off"
          spellCheck={false}
          className={`${CONTROL} py-2 font-mono text-sm`}
          placeholder="authorization: Bearer …"
          value={headers}
          onChange={({ target }) => setHeaders(target.value)}
        />
      </Labelled>
      <Checkbox label="Sending is on" checked={isEnabled} onCheckedChange={setEnabled} />
      <Checkbox
        label="The collector is in a private network"
        checked={isPrivate}
        onCheckedChange={setPrivate}
      />
      <NotDone error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          loading={save.isPending}
          disabled={!maySet || endpoint.trim() === '' || !parsed.ok}
        >
          Save
        </Button>
      </div>
    </form>
  )
}
