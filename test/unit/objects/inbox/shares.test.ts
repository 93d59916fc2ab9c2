/** Nobody who is let in takes up the inbox: neither what it keeps nor what it works on at once. */
import { beforeEach, describe, expect, it } from 'vitest'
import { filed, message, World } from './world.ts'

let world: World
beforeEach(() => {
  world = new World()
})

const from = (sender: string, deliveryId: string, lane: string, text = deliveryId) =>
  filed(
    message(deliveryId, text, {
      sender: { id: sender, username: null, displayName: sender, kind: 'person' },
    }),
    lane,
  )
const many = (count: number, one: (n: number) => ReturnType<typeof from>) =>
  Array.from({ length: count }, (_, n) => one(n))
const receive = async (...events: ReturnType<typeof from>[]) => {
  const receipt = await world.inbox.receive(events)
  await world.settle()
  return receipt
}
const waiting = () => world.inbox.health().waiting

describe('what is kept', () => {
  beforeEach(() => {
    world.state = 'paused'
  })

  it('is of no conversation more than its share, and others find room', async () => {
    expect(await receive(...many(1_001, (n) => from('mallory', `m${n}`, 'one')))).toBeNull()
    expect(waiting()).toBe(1_000)
    expect(await receive(from('ada', 'a', 'one'))).toBeNull()
    expect(await receive(from('mallory', 'b', 'two'))).toEqual({ stored: 1, repeated: 0 })
    expect(await receive(from('ada', 'c', 'three'))).toEqual({ stored: 1, repeated: 0 })
  })

  it('is of no sender more than theirs, in however many conversations', async () => {
    await receive(...many(2_100, (n) => from('mallory', `m${n}`, `lane ${n}`)))
    expect(waiting()).toBe(2_000)
    expect(await receive(from('mallory', 'more', 'new'))).toBeNull()
    expect(await receive(from('ada', 'a', 'new'))).toEqual({ stored: 1, repeated: 0 })
  })

  it('is stored as far as there is room, and the rest when it comes again', async () => {
    const crowd = many(1_000, (n) => from('mallory', `m${n}`, 'one'))
    const both = [...crowd, from('mallory', 'more', 'one'), from('ada', 'a', 'two')]
    expect(await receive(...both)).toBeNull()
    expect(waiting()).toBe(1_001)
    // What is known already is no more of it.
    expect(await receive(...crowd)).toEqual({ stored: 0, repeated: 1_000 })
    world.state = 'open'
    world.verdict = () => ({ kind: 'drop', reason: 'test' })
    await world.advance(60_000)
    await world.settle()
    expect(await receive(...both)).toEqual({ stored: 1, repeated: 1_001 })
  })

  it('is told to come again where all of it is full, but for what is urgent', async () => {
    for (let person = 0; person < 20; person++)
      await world.inbox.receive(
        many(1_000, (n) => from(`p${person}`, `${person}-${n}`, `${person}`)),
      )
    expect(waiting()).toBe(20_000)
    expect(await receive(from('ada', 'a', 'new'))).toBeNull()
    expect(await receive(from('ada', 'stop', '!new', '/stop'))).toEqual({ stored: 1, repeated: 0 })
  })

  it('is of what is urgent a share as well, of each conversation and each sender', async () => {
    await receive(...many(60, (n) => from('mallory', `m${n}`, '!one', '/stop')))
    expect(waiting()).toBe(50)
    expect(await receive(from('mallory', 'more', '!two', '/stop'))).toBeNull()
    expect(await receive(from('mallory', 'a', 'one'))).toEqual({ stored: 1, repeated: 0 })
    expect(await receive(...many(51, (n) => from(`p${n}`, `p${n}`, '!one', '/stop')))).toBeNull()
    expect(await receive(from('ada', 'b', '!two', '/stop'))).toEqual({ stored: 1, repeated: 0 })
  })
})

describe('what is worked on', () => {
  it('is of no sender more than their share at once; the rest follows as soon as there is room', async () => {
    await receive(...many(40, (n) => from('mallory', `m${n}`, `lane ${n}`)))
    expect(world.talks).toHaveLength(32)
    await receive(from('ada', 'a', 'hers'))
    expect(world.talks.at(-1)?.key).toBe('a')
    for (let i = 0; i < 8; i++) world.talk(i).complete('done')
    await world.settle()
    expect(world.talks.map(({ key }) => key).slice(33)).toEqual(
      many(8, (n) => from('', '', `m${n + 32}`)).map(({ lane }) => lane),
    )
  })

  it('is in a group the share of whoever’s turn it is', async () => {
    await receive(
      from('ada', 'a', 'group'),
      from('mallory', 'm', 'group'),
      from('ada', 'b', 'group'),
    )
    await receive(...many(32, (n) => from('mallory', `m${n}`, `lane ${n}`)))
    world.talk(0).complete('done')
    await world.settle()
    expect(world.talks).toHaveLength(33)
    world.talk(1).complete('done')
    await world.settle()
    expect(world.talks.at(-1)?.key).toBe('m')
    world.talk(-1).complete('done')
    await world.settle()
    expect(world.talks.at(-1)?.key).toBe('b')
  })

  it('is taken up fairly by a new life of the object', async () => {
    await receive(...many(600, (n) => from('mallory', `m${n}`, `lane ${n}`)))
    await receive(from('ada', 'a', 'hers'))
    world.talks.length = 0
    world.open()
    await world.advance(15_000)
    expect(world.talks.map(({ key }) => key)).toContain('a')
    expect(world.talks).toHaveLength(33)
  })

  it('keeps nothing waiting that is urgent, however much runs', async () => {
    for (let person = 0; person < 17; person++)
      await receive(...many(32, (n) => from(`p${person}`, `${person}-${n}`, `${person} ${n}`)))
    expect(world.talks).toHaveLength(512)
    const begin = world.verdict
    world.verdict = (event) =>
      event.text === '/stop'
        ? { kind: 'answer', text: 'Stopped.', reason: 'command' }
        : begin(event)
    await receive(from('p0', 'stop', '!0 0', '/stop'))
    expect(world.sent).toEqual(['Stopped.'])
    world.open()
    await receive(from('p0', 'again', '!0 0', '/stop'))
    await world.advance(15_000)
    expect(world.sent).toEqual(['Stopped.', 'Stopped.'])
  })

  it('is of a sender’s commands a few at once, and another’s beside them', async () => {
    world.verdict = ({ text }) => ({ kind: 'answer', text, reason: 'command' })
    const { promise, resolve } = Promise.withResolvers<void>()
    world.hold = promise
    await receive(...many(12, (n) => from('mallory', `m${n}`, `!${n}`, 'hers')))
    world.hold = null
    await receive(from('ada', 'a', '!ada', 'stopped'))
    expect(world.sent).toEqual(['stopped'])
    resolve()
    await world.settle()
    expect(world.sent).toHaveLength(13)
  })
})

describe('a command', () => {
  it('does not wait for the patience that the answer of the one before it is asked for', async () => {
    const judged: string[] = []
    world.verdict = ({ text }) => {
      judged.push(text)
      return { kind: 'answer', text: `did ${text}`, reason: 'command' }
    }
    world.failures = [{ kind: 'rate_limited', retryAfterMs: 900_000 }]
    await receive(from('ada', '1', '!one', '/status'))
    expect([judged, world.sent]).toEqual([['/status'], []])
    await receive(from('ada', '2', '!one', '/stop'))
    expect([judged, world.sent]).toEqual([['/status', '/stop'], ['did /stop']])
    await world.advance(900_000)
    expect(world.sent).toEqual(['did /stop', 'did /status'])
  })

  it('does not wait for that of a switch either', async () => {
    world.verdict = ({ text }) =>
      text === '/verbose on'
        ? { kind: 'show', what: 'verbose', isOn: true }
        : { kind: 'answer', text: `did ${text}`, reason: 'command' }
    world.failures = [{ kind: 'rate_limited', retryAfterMs: 900_000 }]
    await receive(from('ada', '1', '!one', '/verbose on'))
    await receive(from('ada', '2', '!one', '/stop'))
    expect(world.sent).toEqual(['did /stop'])
    await world.advance(900_000)
    expect(world.sent.at(-1)).toBe('Which tools I use is shown here from now on.')
  })

  it('is in its order behind the one before it, as long as that is not carried out', async () => {
    world.state = 'paused'
    await receive(from('ada', '1', '!one', 'first'), from('ada', '2', '!one', 'second'))
    world.state = 'open'
    const judged: string[] = []
    world.verdict = ({ text }) => {
      judged.push(text)
      return { kind: 'answer', text, reason: 'command' }
    }
    await world.advance(60_000)
    expect(judged).toEqual(['first', 'second'])
  })
})

describe('the feed of an instance’s trouble', () => {
  beforeEach(() => {
    world.state = 'closed'
  })

  it('tells the first at once, and a flood of it together', async () => {
    await receive(...many(300, (n) => from('mallory', `m${n}`, `lane ${n}`)))
    const told = 'delivery_dead: the channel is switched off'
    expect([world.reports, world.inbox.health().dead]).toEqual([[told], 300])
    await world.advance(60_000)
    expect(world.reports).toEqual([told, `299 ${told}`])
    await world.advance(60_000)
    await receive(from('ada', 'a', 'hers'))
    expect(world.reports).toEqual([told, `299 ${told}`, told])
  })

  it('is told by the next life of the object as well', async () => {
    await receive(from('ada', 'a', 'one'), from('ada', 'b', 'one'))
    world.open()
    await world.advance(60_000)
    expect(world.reports).toHaveLength(2)
  })

  it('keeps kinds apart', async () => {
    world.state = 'open'
    world.failures = [{ kind: 'unknown', reason: 'broke off' }]
    world.verdict = ({ text }) => ({ kind: 'answer', text, reason: 'command' })
    await receive(from('ada', 'a', 'one'))
    world.state = 'closed'
    await receive(from('ada', 'b', 'one'))
    expect(world.reports).toEqual([
      'delivery_unknown: broke off',
      'delivery_dead: the channel is switched off',
    ])
  })
})
