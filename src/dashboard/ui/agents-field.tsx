/** Which agents may use something: all of them, also later ones, or those that are chosen. */
import { useOperation } from '../client/use-operation.ts'
import { CheckField } from './fields.tsx'

const ALL = '*'

export interface AgentsFieldProps {
  readonly label: string
  /** Keys; `*` is all. */
  readonly chosen: readonly string[]
}

/** Of a form that is read as a whole. */
export const agentsIn = (form: FormData): readonly string[] => {
  const chosen = form.getAll('agent').filter((each) => typeof each === 'string')
  return chosen.includes(ALL) ? [ALL] : chosen
}

export function AgentsField({ label, chosen }: AgentsFieldProps) {
  const agents = useOperation('agents.list', {}).data?.agents ?? []
  // Gone meanwhile: it stays in the list until somebody takes it out.
  const gone = chosen.filter((key) => key !== ALL && !agents.some(({ id }) => id === key))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">{label}</legend>
      <CheckField
        name="agent"
        value={ALL}
        label="All agents, also those of later"
        isChecked={chosen.includes(ALL)}
      />
      {[...agents, ...gone.map((key) => ({ id: key, name: key }))].map(({ id, name }) => (
        <CheckField key={id} name="agent" value={id} label={name} isChecked={chosen.includes(id)} />
      ))}
    </fieldset>
  )
}

/** In a line. */
export const agentsInWords = (keys: readonly string[]): string =>
  keys.includes(ALL) ? 'all agents' : keys.length === 0 ? 'nobody yet' : keys.join(', ')
