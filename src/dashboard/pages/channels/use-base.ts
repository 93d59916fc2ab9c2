/**
 * The channel as a form was filled from it. What others change of its settings meanwhile is not in the
 * form, and the gateway refuses to have it overwritten; its being switched on or off is no such change.
 */
import { useState } from 'react'
import { isSameJson } from '../../client/json.ts'
import type { Channel } from './channel.ts'

export function useBase(channel: Channel): [base: Channel, saved: (channel: Channel) => void] {
  const [base, setBase] = useState(channel)
  return [isSameJson(base.config, channel.config) ? channel : base, setBase]
}
