/** Files that a conversation names, and those that go into one's workspace with a message. */
import { send } from '../../client/http.ts'

export interface UploadedFile {
  readonly path: string
}

export async function uploadFile(file: File, agent: string): Promise<UploadedFile> {
  const query = new URLSearchParams({ agentId: agent, filename: file.name })
  const answer = await send(`/v1/media/upload?${query}`, { method: 'POST', body: file })
  return (await answer.json()) as UploadedFile
}

export interface FilePlace {
  readonly path: string
  readonly agent: string
  /** Somebody else's workspace, for admins. */
  readonly user?: string
}

const ATTACHED = /^\[File of the sender, in your workspace: ([^\]\n]{1,300})\]$/

/** As the gateway words it for channels, so that an agent is told the same everywhere. */
export const attachedLine = (path: string): string =>
  `[File of the sender, in your workspace: ${path}]`

export interface Said {
  readonly text: string
  readonly files: readonly string[]
}

/** A message without the lines about its files, and those files. */
export function withoutAttachments(message: string): Said {
  const lines = message.split('\n')
  const files = lines.flatMap((line) => ATTACHED.exec(line.trim())?.[1] ?? [])
  if (files.length === 0) return { text: message, files }
  const text = lines
    .filter((line) => !ATTACHED.test(line.trim()))
    .join('\n')
    .trim()
  return { text, files }
}
