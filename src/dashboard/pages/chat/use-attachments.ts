/** Files that go with the next message: sent up as soon as they are chosen. */
import { useRef, useState } from 'react'
import { inPlainWords } from '../../client/refusal.ts'
import { uploadFile } from './files.ts'

export interface Attachment {
  readonly id: number
  readonly name: string
  readonly size: number
  readonly state: 'uploading' | 'ready' | 'failed'
  /** Where it lies in the workspace, or why it does not. */
  readonly detail: string
}

export function useAttachments(agent: string) {
  const [files, setFiles] = useState<readonly Attachment[]>([])
  const lastId = useRef(0)
  const update = (id: number, change: Partial<Attachment>) =>
    setFiles((all) => all.map((each) => (each.id === id ? { ...each, ...change } : each)))
  const add = (chosen: readonly File[]) => {
    for (const file of chosen) {
      const id = ++lastId.current
      const { name, size } = file
      setFiles((all) => [...all, { id, name, size, state: 'uploading', detail: '' }])
      uploadFile(file, agent).then(
        ({ path }) => update(id, { state: 'ready', detail: path }),
        (error: unknown) => update(id, { state: 'failed', detail: inPlainWords(error) }),
      )
    }
  }
  return {
    files,
    add,
    remove: (id: number) => setFiles((all) => all.filter((each) => each.id !== id)),
    clear: () => setFiles([]),
    paths: files.flatMap(({ state, detail }) => (state === 'ready' ? [detail] : [])),
    isBusy: files.some(({ state }) => state === 'uploading'),
  }
}
