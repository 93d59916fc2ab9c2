/** One channel with its settings; credentials are never among them. */
import type { ResultOf } from '../../client/gateway.ts'

export type Channel = ResultOf<'channels.instances.get'>

type Hooks = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Hooks =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const hooksOf = ({ config }: Pick<Channel, 'config'>): Hooks =>
  isObject(config['hooks']) ? config['hooks'] : {}

/** @throws with what is wrong; what a hook may say is judged by the gateway. */
export function readHooks(text: string): Hooks {
  let hooks: unknown
  try {
    hooks = JSON.parse(text)
  } catch (error) {
    throw new Error(`This is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
  if (!isObject(hooks)) throw new Error('Hooks are an object: a name, then what it says.')
  return hooks
}
