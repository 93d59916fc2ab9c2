/** Runs jobs on a workspace by hand: brings the manifest and the blobs that the runner asks for. */
import type { ExecRequest, WireManifestEntry } from '../../src/isolation/contract.ts'
import {
  type Caller,
  job,
  parseEvents,
  postExec,
  type Ran,
  type RunnerProcess,
  send,
  sha256,
  summarise,
} from './runner-process.ts'

export type Files = Readonly<Record<string, string>>

export const entry = (path: string, content: string, mode = 0o644): WireManifestEntry => ({
  path,
  sha256: sha256(content),
  size: Buffer.byteLength(content),
  mode,
})

export const manifestOf = (files: Files): WireManifestEntry[] =>
  Object.entries(files).map(([path, content]) => entry(path, content))

/** Runs a job and brings whatever it needs. */
export async function runWithFiles(
  runner: RunnerProcess,
  request: ExecRequest,
  files: Files,
  caller: Caller = {},
): Promise<Ran> {
  const bring = async (path: string, body: string): Promise<void> => {
    const { status } = await send(runner, 'PUT', path, request.execId, body, caller)
    if (status !== 204) throw new Error(`${path} is answered with ${status}`)
  }
  const byHash = new Map(Object.values(files).map((content) => [sha256(content), content]))
  const response = await postExec(runner, request, caller)
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  const reader = response.body?.getReader()
  let text = ''
  let line = ''
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) return summarise(parseEvents(text))
    const piece = Buffer.from(value).toString()
    text += piece
    line += piece
    const end = line.lastIndexOf('\n') + 1
    const whole = line.slice(0, end)
    line = line.slice(end)
    for (const event of parseEvents(whole)) {
      if (event.event !== 'need') continue
      if (event.manifest) {
        const path = `/v1/exec/${request.execId}/manifest`
        const body = JSON.stringify({ entries: manifestOf(files) })
        await bring(path, body)
      }
      for (const hash of event.sha256) {
        const body = byHash.get(hash)
        if (body === undefined) throw new Error('the runner asks for an unknown blob')
        await bring(`/v1/blobs/${hash}`, body)
      }
    }
  }
}

export const jobOn = (script: string, files: Files, access: 'ro' | 'rw' = 'rw', id = 'w1') =>
  job(script, {
    profile: { access },
    workspace: { id, root: sha256(JSON.stringify(files)), manifest: manifestOf(files) },
  })
