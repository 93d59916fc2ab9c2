/** When it is to run: one choice, and the fields that this choice needs. */
import { useId, useState } from 'react'
import { Choice } from '../../ui/choice.tsx'
import { SelectField, TextField, textIn } from '../../ui/fields.tsx'
import { CONTROL, helpOf, Labelled } from '../../ui/labelled.tsx'
import { isByDay, RHYTHMS, type Rhythm, type Timing, UNITS, WEEKDAYS } from './timing.ts'
import { allZones } from './zone.ts'

export function timingIn(form: FormData, before: Timing): Timing {
  const rhythm = RHYTHMS.find(([each]) => each === form.get('rhythm'))?.[0] ?? before.rhythm
  const unit = UNITS.find(([each]) => each === form.get('unit'))?.[0] ?? before.unit
  const said = (name: string, otherwise: string) =>
    form.has(name) ? (textIn(form, name) ?? '') : otherwise
  return {
    rhythm,
    unit,
    time: said('time', before.time),
    weekday: said('weekday', before.weekday),
    count: said('count', before.count),
    at: said('at', before.at),
    expr: said('expr', before.expr),
    zone: said('zone', before.zone),
  }
}

export function TimingFields({ timing }: { readonly timing: Timing }) {
  const [rhythm, setRhythm] = useState<Rhythm>(timing.rhythm)
  return (
    <fieldset className="flex flex-col gap-4">
      <legend className="sr-only">When</legend>
      <Choice label="When" name="rhythm" value={rhythm} options={RHYTHMS} onChange={setRhythm} />
      <div className="grid gap-4 sm:grid-cols-2">
        {rhythm === 'weekly' && (
          <SelectField
            name="weekday"
            label="Day"
            options={WEEKDAYS}
            defaultValue={timing.weekday}
          />
        )}
        {isByDay(rhythm) && <Clock name="time" label="At" type="time" value={timing.time} />}
        {rhythm === 'every' && (
          <>
            <TextField
              name="count"
              label="Every"
              type="number"
              isRequired
              defaultValue={timing.count}
            />
            <SelectField name="unit" label="Unit" options={UNITS} defaultValue={timing.unit} />
          </>
        )}
        {rhythm === 'once' && (
          <Clock
            name="at"
            label="Day and time"
            type="datetime-local"
            value={timing.at}
            description="On your own clock."
          />
        )}
        {rhythm === 'cron' && (
          <TextField
            name="expr"
            label="Cron expression"
            isRequired
            defaultValue={timing.expr}
            placeholder="0 9 1 * *"
            description="Minute, hour, day, month, weekday."
          />
        )}
        {(isByDay(rhythm) || rhythm === 'cron') && <Zone value={timing.zone} />}
      </div>
    </fieldset>
  )
}

interface ClockProps {
  readonly name: string
  readonly label: string
  readonly type: 'time' | 'datetime-local'
  readonly value: string
  readonly description?: string
}

function Clock({ label, value, description, ...input }: ClockProps) {
  const id = useId()
  return (
    <Labelled label={label} htmlFor={id} description={description}>
      <input
        {...input}
        {...helpOf(id, description)}
        id={id}
        required
        defaultValue={value}
        className={`${CONTROL} h-9`}
      />
    </Labelled>
  )
}

function Zone({ value }: { readonly value: string }) {
  const id = useId()
  const description = 'Summer time is that of the zone.'
  return (
    <Labelled label="Time zone" htmlFor={id} description={description}>
      <input
        {...helpOf(id, description)}
        id={id}
        name="zone"
        required
        defaultValue={value}
        list={`${id}-zones`}
        autoComplete="off"
        spellCheck={false}
        className={`${CONTROL} h-9`}
      />
      <datalist id={`${id}-zones`}>
        {allZones().map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </Labelled>
  )
}
