import { describe, expect, it } from 'vitest'
import { Disconnected, Refused } from '../../../../src/dashboard/client/refusal.ts'
import {
  type Link,
  LiveConversation,
} from '../../../../src/dashboard/pages/chat/live-conversation.ts'
import { assistant, KEY, payloadOf, shown, user } from './talk.ts'

interface Asked {
  readonly name: string
  readonly params: Record<string, unknown>
  answer(value: unknown): void
  fail(error: Error): void
}

/** A gateway whose every answer is given by the test. */
class FakeLink {
  readonly asked: Asked[] = []
  state: Link['state'] = { kind: 'connecting' }
  readonly #listeners = new Set<(frame: never) => void>()
  readonly #reopened = new Set<() => void>()

  onEvent(listener: (frame: never) => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  onReopened(listener: () => void) {
    this.#reopened.add(listener)
    return () => this.#reopened.delete(listener)
  }
  read = (name: string, params: Record<string, unknown>) => this.#ask(name, params)
  change = (name: string, params: Record<string, unknown>) => this.#ask(name, params)

  #ask(name: string, params: Record<string, unknown>): Promise<never> {
    return new Promise((answer, fail) => {
      this.asked.push({ name, params, answer: answer as (value: unknown) => void, fail })
    })
  }

  /** The oldest question of that name, as soon as it is asked. */
  async next(name: string): Promise<Asked> {
    for (let turns = 0; turns < 50; turns++) {
      const index = this.asked.findIndex((each) => each.name === name)
      const [found] = index < 0 ? [] : this.asked.splice(index, 1)
      if (found) return found
      await Promise.resolve()
    }
    throw new Error(`${name} was not asked`)
  }

  emit(seq: number, type: string, payload: Record<string, unknown>, runId = 'run_1'): void {
    const frame = { type: 'event', event: 'agent', payload: payloadOf(type, payload, runId), seq }
    for (const listener of this.#listeners) listener(frame as never)
  }

  reopen(): void {
    for (const listener of this.#reopened) listener()
  }
}

const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve()
}

const openNew = () => {
  const link = new FakeLink()
  return { link, live: new LiveConversation(KEY, link as unknown as Link, { isNew: true }) }
}

describe('a conversation that is opened', () => {
  it('reads the run in progress before the history, and follows what comes', async () => {
    const link = new FakeLink()
    const live = new LiveConversation(KEY, link as unknown as Link)
    const resume = await link.next('sessions.resume')
    expect(resume.params).toEqual({ sessionKey: KEY, onlyRunning: true })
    link.emit(5, 'run.started', { message: 'now' })
    link.emit(6, 'chunk', { content: 'Hal' })
    resume.answer({ replayed: 2, lastSeq: 6 })
    const history = await link.next('chat.history')
    link.emit(7, 'chunk', { content: 'lo' })
    history.answer({ messages: [user('then'), assistant('Yes.'), user('now')], nextBefore: 3 })
    await settled()
    expect(shown(live.value)).toEqual(['user: then', 'text: Yes.', 'user: now', 'text: Hallo'])
    expect(live.value.nextBefore).toBe(3)
  })

  it('is absent where nobody has said anything', async () => {
    const link = new FakeLink()
    const live = new LiveConversation(KEY, link as unknown as Link)
    const resume = await link.next('sessions.resume')
    resume.fail(new Refused({ code: 'NOT_FOUND', message: 'no such session' }))
    await settled()
    expect(live.value).toMatchObject({ state: 'absent', held: null })
  })

  it('says why it could not be read', async () => {
    const link = new FakeLink()
    const live = new LiveConversation(KEY, link as unknown as Link)
    const resume = await link.next('sessions.resume')
    resume.fail(new Refused({ code: 'UNAUTHORIZED', message: 'not yours' }))
    await settled()
    expect(live.value).toMatchObject({ state: 'failed', error: { message: 'not yours' } })
    // Nothing was read yet that could be gone on from.
    link.reopen()
    const anew = await link.next('sessions.resume')
    expect(anew.params).toEqual({ sessionKey: KEY, onlyRunning: true })
  })

  it('asks for what is earlier once, and takes no page of what it does not show any more', async () => {
    const link = new FakeLink()
    const live = new LiveConversation(KEY, link as unknown as Link)
    ;(await link.next('sessions.resume')).answer({ replayed: 0, lastSeq: 0 })
    ;(await link.next('chat.history')).answer({ messages: [user('then')], nextBefore: 3 })
    await settled()
    void live.loadEarlier()
    void live.loadEarlier()
    const earlier = await link.next('chat.history')
    expect([earlier.params['before'], link.asked]).toEqual([3, []])
    live.reload()
    ;(await link.next('sessions.resume')).answer({ replayed: 0, lastSeq: 0 })
    ;(await link.next('chat.history')).answer({ messages: [user('now')], nextBefore: null })
    await settled()
    earlier.answer({ messages: [user('before')], nextBefore: null })
    await settled()
    expect(shown(live.value)).toEqual(['user: now'])
  })
})

describe('a gateway that restarts in mid-stream', () => {
  it('is sent the same message under the same key, and no text is lost or repeated', async () => {
    const { link, live } = openNew()
    void live.send('hi')
    const first = await link.next('chat.send')
    link.emit(1, 'run.started', { message: 'hi' })
    link.emit(2, 'chunk', { content: 'one ' })
    first.fail(new Disconnected())
    link.reopen()
    // The tenant names the new socket for the run, which is told from its start.
    link.emit(1, 'run.started', { message: 'hi' })
    link.emit(2, 'chunk', { content: 'one ' })
    link.emit(3, 'chunk', { content: 'two ' })
    const resume = await link.next('sessions.resume')
    expect(resume.params).toEqual({ sessionKey: KEY, afterSeq: 2 })
    const second = await link.next('chat.send')
    expect(second.params).toEqual(first.params)
    link.emit(3, 'chunk', { content: 'two ' })
    link.emit(4, 'chunk', { content: 'three' })
    resume.answer({ replayed: 2, lastSeq: 4 })
    await settled()
    link.emit(5, 'run.completed', { content: 'one two three' })
    second.answer({ runId: 'run_1', content: 'one two three' })
    await settled()
    expect(shown(live.value)).toEqual(['user: hi', 'text: one two three'])
    expect(link.asked).toEqual([])
  })

  it('reads everything anew where the log begins later than what was seen', async () => {
    const { link, live } = openNew()
    link.emit(1, 'run.started', { message: 'hi' })
    link.reopen()
    const resume = await link.next('sessions.resume')
    resume.answer({ gap: true, fromSeq: 900 })
    const anew = await link.next('sessions.resume')
    expect(anew.params).toEqual({ sessionKey: KEY, onlyRunning: true })
    anew.answer({ replayed: 0, lastSeq: 950 })
    const history = await link.next('chat.history')
    history.answer({ messages: [user('hi'), assistant('Done.')], nextBefore: null })
    await settled()
    expect(shown(live.value)).toEqual(['user: hi', 'text: Done.'])
    expect(live.value.lastSeq).toBe(950)
  })

  it('is asked for page after page of what was missed', async () => {
    const { link, live } = openNew()
    link.emit(1, 'run.started', { message: 'hi' })
    link.reopen()
    ;(await link.next('sessions.resume')).answer({ replayed: 1, lastSeq: 2, more: true })
    const second = await link.next('sessions.resume')
    expect(second.params).toMatchObject({ afterSeq: 2 })
    link.emit(3, 'chunk', { content: 'b' })
    link.emit(2, 'chunk', { content: 'a' })
    second.answer({ replayed: 1, lastSeq: 3 })
    await settled()
    expect(shown(live.value)).toEqual(['user: hi', 'text: ab'])
  })
})

describe('a message', () => {
  it('that is refused is shown with the reason and is not sent again', async () => {
    const { link, live } = openNew()
    void live.send('hi')
    const sent = await link.next('chat.send')
    sent.fail(new Refused({ code: 'RESOURCE_EXHAUSTED', message: 'later' }))
    await settled()
    expect(live.value.outgoing).toMatchObject([{ state: 'failed', because: 'later' }])
    expect(link.asked).toEqual([])
  })

  it('is given up when the person has signed out', async () => {
    const { link, live } = openNew()
    void live.send('hi')
    const sent = await link.next('chat.send')
    link.state = { kind: 'signed_out', because: null }
    sent.fail(new Disconnected())
    await settled()
    expect(live.value.outgoing).toMatchObject([{ state: 'failed' }])
    expect(link.asked).toEqual([])
  })
})
