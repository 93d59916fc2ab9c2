/**
 * Files that came with a message, into the workspace of whoever it belongs to. Their type is what they
 * begin like; what is none that is accepted, or cannot be fetched, is told to the model and not kept.
 */

import type { Services } from '../../api/context.ts'
import type { ChannelClient } from '../../channels/platform.ts'
import { sha256Hex } from '../../crypto/digest.ts'
import type { InboundMessage } from '../../domain/channel-event.ts'
import { WORKSPACE_LIMITS } from '../../domain/ports/workspace.ts'
import { findAgent, type TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { logError } from '../../telemetry/log.ts'
import { mediaName } from '../files/media-name.ts'
import { mediaTypeOf } from '../files/media-type.ts'
import { keepFile } from '../files/routes.ts'
import type { KeptFile } from './message-text.ts'
import type { Place } from './place.ts'

const MAX_FILES = 10

export interface FileParts {
  readonly services: Services
  readonly snapshot: TenantSnapshot
  readonly client: ChannelClient
}

export async function keepFiles(
  messages: readonly InboundMessage[],
  place: Place,
  parts: FileParts,
): Promise<readonly KeptFile[]> {
  const files = messages
    .flatMap((message) => message.files.map((file) => ({ file, message })))
    .slice(0, MAX_FILES)
  return Promise.all(
    files.map(async ({ file: given, message }, index) => {
      const { deliveryId, isRelayed } = message
      // Its place is told to the model among the words of whoever passed it on.
      const file = isRelayed ? { ...given, name: '' } : given
      const key = `${deliveryId}/${index}`
      const path = await keep(key, file, place, parts).catch((error: unknown) => {
        logError('channel.file', error)
        return null
      })
      const isOthers = isRelayed ? { isOthers: true as const } : {}
      return { name: file.name.slice(0, 200), path, ...isOthers }
    }),
  )
}

/** @param key of the file: taken twice it is the same one */
async function keep(
  key: string,
  file: InboundMessage['files'][number],
  { agentKey, owner }: Place,
  { services, snapshot, client }: FileParts,
): Promise<string | null> {
  const agent = findAgent(snapshot, agentKey)
  const { maxFileBytes } = WORKSPACE_LIMITS
  if (!agent || client.fetchFile === undefined || (file.bytes ?? 0) > maxFileBytes) return null
  const fetched = await client.fetchFile(file, maxFileBytes)
  if (!fetched.ok || fetched.value.length > maxFileBytes) return null
  const media = mediaTypeOf(fetched.value)
  if (!media) return null
  const name = mediaName((await sha256Hex(key)).slice(0, 12), file.name, media)
  const workspace = services.workspace(snapshot.tenantId, agent.id, owner)
  const kept = await keepFile(workspace, `media/${name}`, fetched.value)
  return kept.ok ? `media/${name}` : null
}
