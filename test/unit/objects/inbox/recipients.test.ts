/** Whoever something is for is asked about when it is said, not only when they were heard. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { filed, message, World } from './world.ts'

const WAIT = { kind: 'rate_limited', retryAfterMs: 30_000 } as const
const PERSON = {
  conversation: { kind: 'direct', id: '1', threadId: null },
  sender: { id: '1', username: null },
}

let world: World
beforeEach(() => {
  world = new World()
})

const receive = async (...events: Parameters<World['inbox']['receive']>[0]) => {
  await world.inbox.receive(events)
  await world.settle()
}
const answer = async (content: string) => {
  world.talk().complete(content)
  await world.settle()
}
const letOut = () => {
  world.recipient = (address, audience) =>
    audience === 'anyone' ? { kind: 'open', address } : { kind: 'refused', reason: 'let out' }
}
const errors = () => world.inbox.deadLetters(9).map(({ error }) => error)

describe('something nobody asked for', () => {
  beforeEach(async () => {
    await receive(filed(message('a')))
    await answer('hello')
    world.sent.length = 0
  })
  const say = async (key: string) => {
    const isKnown = await world.inbox.sayIn('1', { key, content: 'the quarterly numbers' })
    await world.settle()
    return isKnown
  }

  it('is for whoever was heard there, and is said as long as they are let in', async () => {
    const asked: unknown[] = []
    world.recipient = (address, audience) => {
      asked.push(audience)
      return { kind: 'open', address }
    }
    expect(await say('k')).toBe(true)
    expect([world.sent, asked]).toEqual([['the quarterly numbers'], [PERSON]])
  })

  it('is put aside with the reason, and not said, once they are let out', async () => {
    letOut()
    expect(await say('k')).toBe(true)
    expect([world.sent, errors(), world.reports]).toEqual([
      [],
      ['let out'],
      ['delivery_dead: let out'],
    ])
  })

  it('is judged by what holds when it goes out, not when it was told to', async () => {
    world.failures = [WAIT]
    await say('k')
    letOut()
    await world.advance(30_000)
    expect([world.sent, errors()]).toEqual([[], ['let out']])
  })

  it('is put aside where the channel is switched off', async () => {
    world.state = 'closed'
    await say('k')
    expect([world.sent, errors()]).toEqual([[], ['the channel is switched off']])
  })

  it('is no one’s to be told where it cannot be delivered: it goes on to be refused', async () => {
    world.recipient = (address) => ({ kind: 'nowhere', address })
    world.failures = [{ kind: 'refused', reason: 'the hook has no callback_url' }]
    await say('k')
    expect(errors()).toEqual(['the hook has no callback_url'])
  })
})

describe('an answer', () => {
  it('of an agent is for whoever asked, and put aside once they are let out', async () => {
    await receive(filed(message('a')))
    letOut()
    await answer('the secret plan')
    expect([world.sent, errors()]).toEqual([[], ['let out']])
    world.recipient = (address) => ({ kind: 'open', address })
    await world.inbox.replay(null)
    await world.settle()
    expect([world.sent, world.talks.length]).toEqual([['the secret plan'], 1])
  })

  it('that is none of an agent’s is told to whoever it is: that they are let out, and how to come in', async () => {
    letOut()
    await receive(filed(message('a')))
    world.talk().push({ type: 'run.failed', code: 'ACCESS_REVOKED', message: 'x' } as never)
    await world.settle()
    world.verdict = () => ({ kind: 'answer', text: 'a code', reason: 'pairing' })
    await receive(filed(message('b'), 'two'))
    expect(world.sent).toEqual(['failed', 'a code'])
  })

  it('ends where nobody wants it delivered: it stands in the conversation', async () => {
    world.recipient = (address) => ({ kind: 'nowhere', address })
    await receive(filed(message('a')))
    await answer('done')
    expect([world.sent, world.reports, world.inbox.health()]).toMatchObject([
      [],
      [],
      { dead: 0, waiting: 0 },
    ])
  })

  it('goes where it is to go now', async () => {
    world.recipient = () => ({ kind: 'open', address: { chat: 'now' } })
    await receive(filed(message('a')))
    await answer('hello')
    expect(world.sentTo).toEqual([{ chat: 'now' }])
  })
})

describe('an answer in pieces', () => {
  const begun = async () => {
    await receive(filed(message('a')))
    const { promise, resolve } = Promise.withResolvers<void>()
    world.hold = promise
    await answer('one\n\ntwo\n\nthree')
    return async () => {
      resolve()
      world.hold = null
      await world.settle()
    }
  }

  it('ends with the one on its way when the channel is switched off, and goes on when told to', async () => {
    const letGo = await begun()
    world.state = 'closed'
    await letGo()
    expect([world.sent, errors()]).toEqual([['one'], ['the channel is switched off']])
    world.state = 'open'
    await world.inbox.replay(null)
    await world.settle()
    expect(world.sent).toEqual(['one', 'two', 'three'])
  })

  it('waits out an emergency stop', async () => {
    const letGo = await begun()
    world.state = 'paused'
    await letGo()
    expect([world.sent, errors()]).toEqual([['one'], []])
    world.state = 'open'
    await world.advance(30_000)
    expect(world.sent).toEqual(['one', 'two', 'three'])
  })

  it('ends when whoever it is for is let out in the middle', async () => {
    const letGo = await begun()
    letOut()
    await letGo()
    expect([world.sent, errors()]).toEqual([['one'], ['let out']])
  })
})

describe('a question of a run', () => {
  const wait = async (command: string) => {
    const detail = { approvalId: 'apr_1', command }
    world.talk().push({ type: 'activity', phase: 'approval_wait', detail } as never)
    await world.settle()
  }
  const goOn = async () => {
    world.talk().push({ type: 'tool.result' } as never)
    await world.settle()
  }
  beforeEach(() => receive(filed(message('a'))))

  it('is put to whoever asked, and over when the run goes on', async () => {
    const audiences: unknown[] = []
    world.recipient = (address, audience) => {
      audiences.push(audience)
      return { kind: 'open', address }
    }
    await wait('rm -r build')
    expect([world.asked, world.settled, audiences]).toEqual([['rm -r build'], [], [PERSON]])
    await goOn()
    expect([world.settled, audiences.at(-1)]).toEqual([['q1'], 'anyone'])
  })

  it('shows no call to whoever was let out meanwhile', async () => {
    letOut()
    await wait('cat secret-plan')
    await goOn()
    expect([world.asked, world.settled]).toEqual([[], []])
  })

  it('loses its buttons though whoever saw it was let out', async () => {
    await wait('ls')
    letOut()
    await goOn()
    expect([world.asked, world.settled]).toEqual([['ls'], ['q1']])
  })

  it.each(['closed', 'paused'] as const)(
    'says nothing over a channel that is %s',
    async (state) => {
      await wait('ls')
      world.state = state
      await goOn()
      await wait('cat secret-plan')
      expect([world.asked, world.settled]).toEqual([['ls'], []])
    },
  )

  it('is put once to whoever is let in again', async () => {
    letOut()
    await wait('cat secret-plan')
    await goOn()
    world.recipient = (address) => ({ kind: 'open', address })
    await wait('ls')
    expect(world.asked).toEqual(['ls'])
  })
})

describe('that an answer is being written', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    world.typed = 0
  })
  afterEach(() => void vi.useRealTimers())
  const wait = async () => {
    vi.advanceTimersByTime(5_000)
    await world.settle()
  }

  it('is shown to whoever asked, again and again until it is there', async () => {
    await receive(filed(message('a')))
    await wait()
    expect(world.typed).toBe(2)
    await answer('done')
    await wait()
    expect([world.typed, world.sent]).toEqual([2, ['done']])
  })

  it('is not shown to whoever was let out meanwhile', async () => {
    await receive(filed(message('a')))
    letOut()
    await wait()
    expect(world.typed).toBe(1)
  })

  it.each(['closed', 'paused'] as const)('is not said over a channel that is %s', async (state) => {
    await receive(filed(message('a')))
    world.state = state
    await wait()
    expect(world.typed).toBe(1)
  })
})
