/** Schedules a message, or changes what is scheduled. What it says is its owner's alone to change. */
import { useState } from 'react'
import { useHello, useMay } from '../../client/use-gateway.ts'
import { useChange, useOperation } from '../../client/use-operation.ts'
import { Choice } from '../../ui/choice.tsx'
import { AreaField, CheckField, SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNotify } from '../../ui/notify.ts'
import {
  createParams,
  fieldsOf,
  type Job,
  type JobFields,
  updateParams,
  withChosen,
} from './job.ts'
import { newTiming } from './timing.ts'
import { TimingFields, timingIn } from './timing-fields.tsx'
import { viewerZone } from './zone.ts'

export interface JobDialogProps {
  /** Null: a new one. */
  readonly job: Job | null
  readonly onClose: () => void
}

const blankFields = (zone: string): JobFields => ({
  name: '',
  agent: '',
  message: '',
  isHeartbeat: false,
  timing: newTiming(zone),
  channel: 'session',
  to: '',
  endsAfterRun: false,
})

export function JobDialog({ job, onClose }: JobDialogProps) {
  const { user_id: self } = useHello()
  const [before] = useState(() =>
    job === null ? blankFields(viewerZone()) : fieldsOf(job, viewerZone()),
  )
  const isOwn = job === null || job.userId === self
  const create = useChange('cron.create')
  const update = useChange('cron.update')
  const notify = useNotify()
  const submit = async (form: FormData) => {
    const said = isOwn ? saidIn(form, before) : {}
    const fields: JobFields = {
      ...before,
      ...said,
      name: textIn(form, 'name') ?? '',
      timing: timingIn(form, before.timing),
      endsAfterRun: form.has('ends'),
    }
    if (job === null) {
      const made = await create.mutateAsync(createParams(fields))
      notify.done(`“${made.job.name}” is scheduled`)
      return
    }
    const changes = updateParams(job, before, fields)
    if (changes !== null) await update.mutateAsync(changes)
  }
  return (
    <FormDialog
      title={job === null ? 'Schedule a message' : `Edit “${job.name}”`}
      act={job === null ? 'Schedule' : 'Save changes'}
      isOpen
      onClose={onClose}
      onSubmit={submit}
    >
      <TextField name="name" label="Name" isRequired defaultValue={before.name} />
      {isOwn ? (
        <SaidFields before={before} isNew={job === null} />
      ) : (
        <p className="text-kumo-subtle">
          It acts with the rights of {job.userId}: what it says, and to which agent, is theirs to
          change.
        </p>
      )}
      <TimingFields timing={before.timing} />
      <CheckField
        name="ends"
        label="Delete it once a run went well"
        isChecked={before.endsAfterRun}
      />
    </FormDialog>
  )
}

function saidIn(form: FormData, before: JobFields): Partial<JobFields> {
  return {
    agent: textIn(form, 'agent') ?? before.agent,
    message: textIn(form, 'message') ?? '',
    isHeartbeat: form.has('heartbeat') || before.isHeartbeat,
    channel: textIn(form, 'channel') ?? before.channel,
    to: textIn(form, 'to') ?? '',
  }
}

const KEPT = ['session', 'Nowhere else'] as const

/** What the job does: whom it asks what, and who is told. */
function SaidFields({ before, isNew }: { readonly before: JobFields; readonly isNew: boolean }) {
  const agents = useOperation('agents.list', {})
  // To have something said in a channel is an admin's.
  const mayTell = useMay('channels.instances.update')
  const channels = useOperation('channels.list', {}, { enabled: mayTell })
  const [channel, setChannel] = useState(before.channel)
  const options = [
    KEPT,
    ...(channels.data?.channels ?? []).map(
      ({ name, display_name }) => [name, display_name || name] as const,
    ),
  ]
  return (
    <>
      <SelectField
        key={agents.data === undefined ? 'waiting' : 'there'}
        name="agent"
        label="Agent"
        options={withChosen(
          (agents.data?.agents ?? []).map(({ id, name }) => [id, name] as const),
          before.agent,
        )}
        {...(before.agent === '' ? {} : { defaultValue: before.agent })}
      />
      <AreaField
        name="message"
        label="Message"
        rows={4}
        defaultValue={before.message}
        {...(before.isHeartbeat || isNew
          ? { description: 'What the agent is told each time. A check-in may do without.' }
          : {})}
      />
      {isNew && (
        <CheckField
          name="heartbeat"
          label="It is a check-in"
          description="Nobody is told when the agent answers exactly HEARTBEAT_OK."
        />
      )}
      {mayTell && (
        <Choice
          name="channel"
          label="Also tell the answer in"
          value={channel}
          options={withChosen(options, before.channel)}
          onChange={setChannel}
        />
      )}
      {mayTell && channel !== 'session' && (
        <TextField
          name="to"
          label="Whom to tell there"
          isRequired
          defaultValue={before.to}
          description="Id of the person or group, from a conversation that was held there."
        />
      )}
    </>
  )
}
