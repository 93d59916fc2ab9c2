/** The hook that a webhook's instance has under a name; its settings are the instance's own. */
import { type Hook, hookNamed, hooksSchema } from '../../channels/webhook/config.ts'
import type { ReplyAddress } from '../../domain/channel-event.ts'

/** Null for a name that no hook has, and for settings that cannot be read. */
export function namedHook(config: Readonly<Record<string, unknown>>, name: string): Hook | null {
  const hooks = hooksSchema.safeParse(config['hooks'] ?? {})
  return hooks.success ? hookNamed(hooks.data, name) : null
}

/** Null for an event of another channel as well. */
export const hookOf = (
  config: Readonly<Record<string, unknown>>,
  { hook }: ReplyAddress,
): Hook | null => (typeof hook === 'string' ? namedHook(config, hook) : null)
