import { describe, expect, it } from 'vitest'
import type { ChannelFilesPort } from '../../../../src/domain/ports/channel-files.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { createMemoryWorkspace } from '../../../support/memory-workspace.ts'
import { runTool } from '../../../support/tool-context.ts'

const noting = (answer: Awaited<ReturnType<ChannelFilesPort['attach']>>) => {
  const attached: unknown[] = []
  const channelFiles: ChannelFilesPort = {
    attach: async (callId, { name, bytes }, caption) => {
      attached.push([callId, name, new TextDecoder().decode(bytes), caption])
      return answer
    },
  }
  return { attached, channelFiles }
}

describe('send_file', () => {
  const files = { 'out/report.txt': 'figures' }

  it('puts a file of the workspace to the answer, under its own name', async () => {
    const { attached, channelFiles } = noting(ok({ isRedacted: false }))
    const args = { path: './out/report.txt', caption: 'As asked' }
    const setup = { channelFiles, callId: 'call-x' }
    const outcome = await runTool('send_file', args, createMemoryWorkspace(files), setup)
    expect(outcome).toEqual({
      content: 'out/report.txt (7 bytes) goes out with your answer.',
      isError: false,
    })
    expect(attached).toEqual([['call-x', 'report.txt', 'figures', 'As asked']])
  })

  it('says what was replaced in it, and what did not leave', async () => {
    const workspace = createMemoryWorkspace(files)
    const args = { path: 'out/report.txt' }
    const redacted = noting(ok({ isRedacted: true }))
    expect(await runTool('send_file', args, workspace, redacted)).toMatchObject({
      content: expect.stringContaining('was replaced'),
    })
    const refused = noting(err('This channel takes no files.'))
    expect(await runTool('send_file', args, workspace, refused)).toEqual({
      content: 'This channel takes no files.',
      isError: true,
    })
  })

  it('reaches nothing but files that are there, and nobody outside of channels', async () => {
    const { attached, channelFiles } = noting(ok({ isRedacted: false }))
    const workspace = createMemoryWorkspace({ ...files, '.edgeclaw/key': 'x' })
    for (const path of ['../secret', '/etc/passwd', '.edgeclaw/key', '.ssh/id', 'none.txt']) {
      const outcome = await runTool('send_file', { path }, workspace, { channelFiles })
      expect([path, outcome.isError]).toEqual([path, true])
    }
    expect(attached).toEqual([])
    const outcome = await runTool('send_file', { path: 'out/report.txt' }, workspace)
    expect(outcome).toMatchObject({ isError: true })
  })
})
