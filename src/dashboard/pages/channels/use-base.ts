/**
 * The channel as a form is filled from it. What others change meanwhile comes into a form that nobody has
 * edited; into another it does not, and the gateway refuses to have it overwritten: what was typed stays
 * there beside the reason. Its being switched on or off is no such change.
 */
import { useState } from 'react'
import { isSameJson } from '../../client/json.ts'
import type { Channel } from './channel.ts'

export interface Base {
  readonly base: Channel
  /** Of the form: another one is filled anew. */
  readonly key: string
  readonly onEdit: () => void
  readonly onSaved: () => void
}

const shownOf = ({ config, agent_id }: Channel) => ({ config, agent_id })

export function useBase(channel: Channel): Base {
  const [edited, setEdited] = useState<Channel | null>(null)
  const isKept = edited !== null && !isSameJson(shownOf(edited), shownOf(channel))
  const base = isKept ? edited : channel
  return {
    base,
    key: JSON.stringify(shownOf(base)),
    onEdit: () => setEdited(base),
    onSaved: () => setEdited(null),
  }
}
