/** One channel with its settings; credentials are never among them. */
import type { ResultOf } from '../../client/gateway.ts'
import { isJsonObject, type JsonObject, objectOf } from '../../client/json.ts'

export type Channel = ResultOf<'channels.instances.get'>

export const hooksOf = ({ config }: Pick<Channel, 'config'>): JsonObject =>
  objectOf(config['hooks'])

/** @throws with what is wrong; what a hook may say is judged by the gateway. */
export function readHooks(text: string): JsonObject {
  let hooks: unknown
  try {
    hooks = JSON.parse(text)
  } catch (error) {
    throw new Error(`This is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
  if (!isJsonObject(hooks)) throw new Error('Hooks are an object: a name, then what it says.')
  return hooks
}
