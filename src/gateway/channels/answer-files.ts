/**
 * Files that an agent puts to its answer in a channel: what they may be, and what leaves of them. A text
 * is scrubbed like every other answer; bytes that are none are sent whole, or not at all.
 */
import type { Services } from '../../api/context.ts'
import { NO_FILES_TEXT } from '../../channels/replies.ts'
import { parseUtf8, utf8 } from '../../crypto/encoding.ts'
import { isChannelType } from '../../domain/channel.ts'
import type { ChannelFilesPort } from '../../domain/ports/channel-files.ts'
import type { Attached, Attachment } from '../../domain/ports/inbox.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { securityEvent } from '../../domain/security-event.ts'
import { cutTail } from '../../domain/text-cut.ts'
import { UNDRAWN } from '../../domain/undrawn.ts'
import type { SecretDictionary } from '../../output/secret-dictionary.ts'
import type { Report } from '../emit.ts'
import { mediaTypeOf } from '../files/media-type.ts'
import type { RunRelease } from '../release.ts'
import type { TurnRequest } from '../turn-request.ts'
import { platformOf } from './platforms.ts'

const NO_FILES = `This channel takes no files, and the person is told so. Put what matters into your answer as text.`
const HOLDS_SECRET = 'The file was not sent: it holds a secret that was opened for this run.'
const BYTES_PER_MB = 1024 * 1024
const MAX_NAME_CHARS = 120

export interface ChannelFilesParts {
  readonly request: TurnRequest
  readonly services: Services
  readonly dictionary: SecretDictionary
  readonly release: RunRelease
  readonly report: Report
}

/** A sub-agent's or a schedule's run answers nobody in a channel. */
export const answersInChannel = ({
  principal,
  sessionKey,
  origin,
}: Pick<TurnRequest, 'principal' | 'sessionKey' | 'origin'>): boolean =>
  origin === null && principal.channel !== null && sessionKey.kind === 'channel'

/** Null where there is no answer in a channel that it could go out with. */
export function openChannelFiles(parts: ChannelFilesParts): ChannelFilesPort | null {
  const { request, services } = parts
  const { principal, sessionKey } = request
  const { channel, tenantId } = principal
  if (channel === null || !answersInChannel(request)) return null
  const { name, instanceId, senderId } = channel
  const platform = isChannelType(name) ? platformOf(name) : null
  const maxBytes = platform?.maxFileBytes ?? null

  const attach = (what: Pick<Attachment, 'key' | 'content' | 'file'>): Promise<Attached> =>
    services.inbox(tenantId, instanceId).attach({ ...what, sessionKey: sessionKey.text, senderId })

  return {
    attach: async (callId, file, caption) => {
      if (maxBytes === null) {
        // Once an answer, however many files it tries.
        await attach({ key: 'no-files', content: NO_FILES_TEXT, file: null })
        return err(NO_FILES)
      }
      if (file.bytes.length === 0) return err('The file is empty: there is nothing to send.')
      // Ahead of the look at every byte of it.
      if (file.bytes.length > maxBytes) {
        const limit = Math.floor(maxBytes / BYTES_PER_MB)
        return err(`The file is larger than this channel takes (${limit} MB).`)
      }
      const released = releasedBytes(file.bytes, parts)
      if (!released.ok) return released
      const { bytes, isRedacted } = released.value
      const mimeType = mediaTypeOf(bytes)?.type ?? 'application/octet-stream'
      const attached = await attach({
        key: callId,
        content: caption === null ? null : parts.release.text(caption),
        file: { name: releasedName(file.name, parts), mimeType, bytes },
      })
      return attached === 'attached' ? ok({ isRedacted }) : err(wordsOf(attached))
    },
  }
}

function wordsOf(refused: Exclude<Attached, 'attached'>): string {
  switch (refused) {
    case 'unasked':
      return 'The file was not sent: no message of this channel is being answered.'
    case 'too_many':
      return 'The file was not sent: this answer carries as many files as it may.'
    case 'full':
      return 'The file was not sent: too many files wait to be sent in this channel. Try again later.'
  }
}

function releasedBytes(
  bytes: Uint8Array,
  { release, dictionary, report }: ChannelFilesParts,
): Result<{ readonly bytes: Uint8Array; readonly isRedacted: boolean }, string> {
  const text = parseUtf8(bytes)
  if (text !== null) {
    const released = release.text(text)
    const isRedacted = released !== text
    return ok({ bytes: isRedacted ? utf8(released) : bytes, isRedacted })
  }
  // Every byte as a character; without the zeros that UTF-16 puts between them.
  const characters = new TextDecoder('latin1').decode(bytes).replaceAll('\0', '')
  if (!dictionary.contains(characters)) return ok({ bytes, isRedacted: false })
  report(securityEvent('secret_redacted', { count: 1 }))
  return err(HOLDS_SECRET)
}

function releasedName(name: string, { release }: ChannelFilesParts): string {
  // `exe.\u202efdp` reads like a document.
  const drawn = name.replaceAll(UNDRAWN, '_').replaceAll(/["<>|]/g, '_')
  const shown = release.text(drawn).replaceAll(/[\\/]/g, '_')
  return cutTail(shown.toWellFormed(), MAX_NAME_CHARS)
}
