import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, describe, expect, it } from 'vitest'
import { makeStale } from '../../../../src/dashboard/client/make-stale.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A list that is shown, and answers what it was when it was asked, once it is let. */
function shown(queryKey: readonly string[], list: readonly string[]) {
  const queries = new QueryClient()
  const waiting: (() => void)[] = []
  const observer = new QueryObserver(queries, {
    queryKey,
    queryFn: () => {
      const read = [...list]
      return new Promise<readonly string[]>((answer) => waiting.push(() => answer(read)))
    },
  })
  ends.push(observer.subscribe(() => undefined))
  return {
    queries,
    asked: () => waiting.length,
    answerNext: () => waiting.shift()?.(),
    current: () => observer.getCurrentResult().data,
  }
}

const turns = () => new Promise((resolve) => setImmediate(resolve))

describe('an answer that a change makes stale', () => {
  it('is asked for again where it is shown', async () => {
    const files: string[] = []
    const list = shown(['workspaces', 'files'], files)
    list.answerNext()
    await turns()
    files.push('new.txt')
    const done = makeStale(list.queries, 'workspaces')
    await turns()
    list.answerNext()
    await done
    expect(list.current()).toEqual(['new.txt'])
  })

  it('is asked for once more when its first one was on its way, since that may be older', async () => {
    const files: string[] = []
    const list = shown(['workspaces', 'files'], files)
    files.push('new.txt')
    const done = makeStale(list.queries, 'workspaces')
    list.answerNext()
    await turns()
    expect(list.current()).toEqual([])
    list.answerNext()
    await done
    expect(list.current()).toEqual(['new.txt'])
  })

  it('stays as it is when it is of another resource', async () => {
    const list = shown(['sessions', 'list'], [])
    list.answerNext()
    await turns()
    await makeStale(list.queries, 'workspaces')
    expect(list.asked()).toBe(0)
  })
})
