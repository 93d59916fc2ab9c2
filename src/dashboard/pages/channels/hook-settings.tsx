/** The hooks of an instance, as JSON: each has a name and says what its caller may have done. */
import { Button } from '@cloudflare/kumo/components/button'
import { type FormEvent, useState } from 'react'
import { inPlainWords } from '../../client/refusal.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { AreaField, textIn } from '../../ui/fields.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Alarm } from '../../ui/states.tsx'
import { type Channel, hooksOf, readHooks } from './channel.ts'
import { useBase } from './use-base.ts'

const MEMBERS =
  'By name. Members: message, agent, body_path, session_key, allow_session_key, session_prefix, callback_url.'

export function HookSettings({ channel }: { readonly channel: Channel }) {
  const mayChange = useMay('channels.instances.update')
  const update = useChange('channels.instances.update')
  const { base, key, onEdit, onSaved } = useBase(channel)
  const [failure, setFailure] = useState<string | null>(null)
  const notify = useNotify()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setFailure(null)
    try {
      const hooks = readHooks(textIn(new FormData(event.currentTarget), 'hooks') ?? '{}')
      const { id, config, revision } = base
      await update.mutateAsync({ id, config: { ...config, hooks }, revision })
      onSaved()
      notify.done('The hooks are in force')
    } catch (error) {
      setFailure(inPlainWords(error))
    }
  }
  return (
    <Section title="Hooks">
      <Card>
        <form
          key={key}
          onChange={onEdit}
          onSubmit={(event) => void submit(event)}
          className="flex flex-col gap-4"
        >
          <AreaField
            name="hooks"
            label="Hooks as JSON"
            rows={12}
            defaultValue={JSON.stringify(hooksOf(base), null, 2)}
            description={MEMBERS}
          />
          {failure !== null && <Alarm>{failure}</Alarm>}
          {mayChange && (
            <div>
              <Button type="submit" variant="primary" loading={update.isPending}>
                Save hooks
              </Button>
            </div>
          )}
        </form>
      </Card>
    </Section>
  )
}
