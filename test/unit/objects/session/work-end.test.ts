import { expect, it } from 'vitest'
import { notFound } from '../../../../src/domain/refusal.ts'
import { err, ok } from '../../../../src/domain/result.ts'
import { Background } from '../../../../src/objects/session/background.ts'
import { endWork } from '../../../../src/objects/session/work-end.ts'

/** A session whose one run tells, when its loop ends, what it has spent. */
function busy() {
  const loops = new Background(() => undefined)
  const background = new Background(() => undefined)
  const loopEnds = Promise.withResolvers<void>()
  const booked = Promise.withResolvers<void>()
  const done: string[] = []
  const loop = loopEnds.promise.then(() => {
    done.push('loop')
    background.add(booked.promise.then(() => void done.push('books')))
  })
  loops.add(loop)
  return { loops, background, loopEnds, booked, done }
}

/** All that is not held back by a promise of the test's. */
const turns = () => new Promise<void>((resolve) => setImmediate(resolve))

it('ends a session once its loops are over and what they spent is told', async () => {
  const { loops, background, loopEnds, booked, done } = busy()
  let stops = 0
  const ended = endWork({
    loops,
    background,
    stop: () => void stops++,
    own: async () => ok('ada'),
  }).then((owned) => {
    done.push('ended')
    return owned
  })
  await turns()
  expect([stops, done]).toEqual([1, []])
  loopEnds.resolve()
  await turns()
  expect(done).toEqual(['loop'])
  booked.resolve()
  expect(await ended).toEqual(ok('ada'))
  expect(done).toEqual(['loop', 'books', 'ended'])
  // What began meanwhile is stopped as well.
  expect(stops).toBe(2)
})

it('ends nothing for whom the session is not, also not for one who lost it meanwhile', async () => {
  const { loops, background, loopEnds, booked } = busy()
  const gone = err(notFound('session'))
  let stops = 0
  const stop = () => void stops++
  expect(await endWork({ loops, background, stop, own: async () => gone })).toEqual(gone)
  expect(stops).toBe(0)
  let asked = 0
  const own = async () => (++asked === 1 ? ok('ada') : gone)
  const ended = endWork({ loops, background, stop, own })
  loopEnds.resolve()
  await turns()
  booked.resolve()
  expect(await ended).toEqual(gone)
})
