/** Files of a workspace over HTTP: up into one's own, down to the person's disk. */
import { gatewayOrigin } from '../../client/address.ts'
import { Refused, type WireRefusal } from '../../client/refusal.ts'
import { chosenTenant, sessionToken } from '../../client/session-token.ts'

function headers(): Record<string, string> {
  const tenant = chosenTenant.get()
  return {
    authorization: `Bearer ${sessionToken.get() ?? ''}`,
    ...(tenant === null ? {} : { 'x-edgeclaw-tenant-id': tenant }),
  }
}

async function refusalOf(response: Response): Promise<Refused> {
  const body = (await response.json().catch(() => null)) as { error?: WireRefusal } | null
  return new Refused(
    body?.error ?? { code: 'INTERNAL', message: `The gateway answered ${response.status}.` },
  )
}

export interface UploadedFile {
  readonly path: string
}

/** @throws Refused, with the gateway's reason */
export async function uploadFile(file: File, agent: string): Promise<UploadedFile> {
  const query = new URLSearchParams({ agentId: agent, filename: file.name })
  const response = await fetch(`${gatewayOrigin()}/v1/media/upload?${query}`, {
    method: 'POST',
    headers: headers(),
    body: file,
  })
  if (!response.ok) throw await refusalOf(response)
  return (await response.json()) as UploadedFile
}

export interface FilePlace {
  readonly path: string
  readonly agent: string
  /** Somebody else's workspace, for admins. */
  readonly user?: string
}

/** The file as an object of this page: it is saved, and never opened here. */
export async function downloadFile({ path, agent, user }: FilePlace): Promise<void> {
  const query = new URLSearchParams({ agentId: agent, ...(user === undefined ? {} : { user }) })
  const encoded = path.split('/').map(encodeURIComponent).join('/')
  const response = await fetch(`${gatewayOrigin()}/v1/files/${encoded}?${query}`, {
    headers: headers(),
  })
  if (!response.ok) throw await refusalOf(response)
  const url = URL.createObjectURL(await response.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = path.split('/').at(-1) ?? 'file'
  link.click()
  URL.revokeObjectURL(url)
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
