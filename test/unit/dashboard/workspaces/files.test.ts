import { expect, it } from 'vitest'
import type { Gateway } from '../../../../src/dashboard/client/gateway.ts'
import { takenOf } from '../../../../src/dashboard/pages/workspaces/files.ts'

const lying = ['docs/a.txt', 'docs/b.txt', 'docs/more/c.txt', 'other/d.txt']
/** A file each page. */
const gateway = {
  read: async (_: string, { prefix, cursor }: { prefix: string; cursor: string | null }) => {
    const files = lying.filter((path) => path.startsWith(prefix) && path > (cursor ?? ''))
    const [first] = files
    return { files: files.slice(0, 1).map((path) => ({ path })), next: files[1] ? first : null }
  },
} as unknown as Pick<Gateway, 'read'>
const { signal } = new AbortController()
const own = { agent: 'main', user: 'anna', isOwn: true }

it('tells which files an upload would replace, on whichever page they are', async () => {
  const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'a']
  expect(await takenOf(own, 'docs/', names, gateway, signal)).toEqual(['a.txt', 'b.txt'])
  expect(await takenOf(own, 'docs/more/', names, gateway, signal)).toEqual(['c.txt'])
  expect(await takenOf(own, '', names, gateway, signal)).toEqual([])
})
