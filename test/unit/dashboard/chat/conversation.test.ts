import { describe, expect, it } from 'vitest'
import {
  eventOf,
  hear,
  hold,
  needsSettling,
  openConversation,
  refused,
  release,
  runningOf,
  sending,
  sent,
  withEarlier,
  withHistory,
  withSettled,
} from '../../../../src/dashboard/pages/chat/conversation.ts'
import {
  assistant,
  chunk,
  completed,
  eventAt,
  heard,
  KEY,
  open,
  payloadOf,
  shown,
  started,
  tool,
  user,
} from './talk.ts'

const call = (seq: number, id: string, runId = 'run_1') =>
  eventAt(seq, 'tool.call', { id, name: 'exec', arguments: { command: 'ls' } }, runId)
const result = (seq: number, id: string, text: string, runId = 'run_1') =>
  eventAt(
    seq,
    'tool.result',
    { id, name: 'exec', arguments: { command: 'ls' }, is_error: false, result: text },
    runId,
  )
const page = (...messages: readonly Record<string, unknown>[]) => ({ messages, nextBefore: null })

describe('a run that is followed', () => {
  it('is drawn piece by piece, and its end adds nothing that was said already', () => {
    const half = heard(open(), started(1, 'hi'), chunk(2, 'Hel'), chunk(3, 'lo'))
    expect(shown(half)).toEqual(['user: hi', 'text: Hello'])
    expect(runningOf(half)?.id).toBe('run_1')
    const whole = heard(half, completed(4, 'Hello'))
    expect(shown(whole)).toEqual(['user: hi', 'text: Hello'])
    expect(runningOf(whole)).toBeNull()
  })

  it('shows calls with their results between the texts around them', () => {
    const conversation = heard(
      open(),
      started(1, 'hi'),
      chunk(2, 'I look.'),
      call(3, 'c1'),
      result(4, 'c1', 'a.txt'),
      chunk(5, 'One file.'),
      completed(6, 'One file.'),
    )
    expect(shown(conversation)).toEqual([
      'user: hi',
      'text: I look.',
      'tool c1: a.txt',
      'text: One file.',
    ])
  })

  it('drops the pieces of a model call that starts over', () => {
    const conversation = heard(
      open(),
      started(1, 'hi'),
      call(2, 'c1'),
      result(3, 'c1', 'ok'),
      chunk(4, 'The answ'),
      eventAt(5, 'run.retrying', { attempt: 2, maxAttempts: 5 }),
      chunk(6, 'The answer.'),
    )
    expect(shown(conversation)).toEqual([
      'user: hi',
      'tool c1: ok',
      expect.stringMatching(/^note: .*asked again \(attempt 2\)/),
      'text: The answer.',
    ])
  })

  it('keeps what was said before it failed or was stopped', () => {
    const said = heard(open(), started(1, 'hi'), chunk(2, 'Well'))
    const failed = heard(said, eventAt(3, 'run.failed', { error: 'no model', code: 'MODEL' }))
    expect(shown(failed)).toEqual(['user: hi', 'text: Well', 'failed'])
    const cancelled = heard(said, eventAt(3, 'run.cancelled'))
    expect(shown(cancelled)).toEqual(['user: hi', 'text: Well', 'cancelled'])
  })

  it('is followed by the next one, each under its own words', () => {
    const conversation = heard(
      open(),
      started(1, 'one'),
      completed(2, 'First.'),
      started(3, 'two', 'run_2'),
      chunk(4, 'Sec', 'run_2'),
      eventAt(5, 'run.cancelled', {}, 'run_2'),
    )
    expect(shown(conversation)).toEqual([
      'user: one',
      'text: First.',
      'user: two',
      'text: Sec',
      'cancelled',
    ])
  })

  it('is of this session and numbered, or it is nobody’s', () => {
    expect(eventOf(KEY, payloadOf('chunk', { content: 'x' }, 'run_1', 'agent:other:main'), 7)).toBe(
      null,
    )
    expect(eventOf(KEY, payloadOf('chunk', { content: 'x' }))).toBeNull()
    expect(eventOf(KEY, payloadOf('chunk', { content: 'x' }), 7)).toMatchObject({ seq: 7 })
    expect(eventOf(KEY, null, 7)).toBeNull()
  })
})

describe('a connection that was lost', () => {
  it('repeats nothing: events that were seen are dropped', () => {
    const events = [started(1, 'hi'), chunk(2, 'Hel'), chunk(3, 'lo')] as const
    const conversation = heard(open(), ...events, ...events, chunk(3, 'lo'))
    expect(shown(conversation)).toEqual(['user: hi', 'text: Hello'])
  })

  it('loses nothing in mid-chunk: what was missed comes before what came meanwhile', () => {
    const before = heard(open(), started(1, 'hi'), chunk(2, 'a'))
    const held = heard(hold(before), chunk(5, 'd'), started(1, 'hi'), chunk(3, 'b'), chunk(4, 'c'))
    expect(shown(held)).toEqual(['user: hi', 'text: a'])
    const conversation = heard(release(held, 5), chunk(6, 'e'))
    expect(shown(conversation)).toEqual(['user: hi', 'text: abcde'])
  })

  it('makes good what the gateway no longer keeps of a run that ended meanwhile', () => {
    const before = heard(open(), started(1, 'hi'), chunk(2, 'I lo'))
    const held = heard(
      hold(before),
      call(4, 'c1'),
      result(5, 'c1', 'a.txt'),
      completed(9, 'One file.'),
    )
    const ended = release(held, 9)
    expect(shown(ended)).toEqual(['user: hi', 'text: I lo', 'tool c1: a.txt', 'text: One file.'])
    expect(needsSettling(ended)).toBe(true)
    const settled = withSettled(
      ended,
      page(user('hi'), assistant('I look.', 'c1'), tool('c1', 'a.txt'), assistant('One file.')),
    )
    expect(shown(settled)).toEqual([
      'user: hi',
      'text: I look.',
      'tool c1: a.txt',
      'text: One file.',
    ])
    expect(needsSettling(settled)).toBe(false)
    expect(settled.runs[0]?.parts.map(({ key }) => key)).toEqual(['run_1:0', 'tool:c1', 'run_1:1'])
  })

  it('goes on from the number that the gateway names, where events left no trace', () => {
    const conversation = release(hold(open()), 40)
    expect(conversation.lastSeq).toBe(40)
    expect(shown(heard(conversation, started(39, 'old'), started(41, 'new')))).toEqual([
      'user: new',
    ])
  })
})

describe('history beside a run in progress', () => {
  it('is drawn up to the run, which draws itself', () => {
    const live = release(
      heard(openConversation(KEY), started(11, 'hi', 'run_2'), call(12, 'c2', 'run_2')),
      12,
    )
    const conversation = withHistory(
      live,
      page(user('hi'), assistant('Hello.'), user('hi'), assistant('', 'c2')),
    )
    expect(shown(conversation)).toEqual(['user: hi', 'text: Hello.', 'user: hi', 'tool c2: …'])
  })

  it('is whole where none runs', () => {
    const conversation = withHistory(open(), page(user('hi'), assistant('Hello.')))
    expect(shown(conversation)).toEqual(['user: hi', 'text: Hello.'])
    expect(conversation.state).toBe('open')
  })

  it('gives a result to its call although the page ends between them', () => {
    const late = withHistory(open(), {
      messages: [tool('c1', 'ok'), assistant('Done.')],
      nextBefore: 7,
    })
    expect(shown(late)).toEqual(['text: Done.'])
    const conversation = withEarlier(late, page(user('hi'), assistant('', 'c1')))
    expect(shown(conversation)).toEqual(['user: hi', 'tool c1: ok', 'text: Done.'])
    expect(conversation.nextBefore).toBeNull()
  })

  it('grows at its beginning, page by page, and what was there stays the same', () => {
    const newest = withHistory(open(), {
      messages: [user('c'), assistant('C'), user('d'), assistant('D', 'c1'), tool('c1', 'ok')],
      nextBefore: 5,
    })
    // Messages that were handed over together have one moment.
    const whole = withEarlier(newest, page(user('a'), assistant('A'), user('b'), assistant('B')))
    expect(shown(whole)).toEqual([
      'user: a',
      'text: A',
      'user: b',
      'text: B',
      'user: c',
      'text: C',
      'user: d',
      'text: D',
      'tool c1: ok',
    ])
    expect(whole.history.slice(4)).toEqual(newest.history)
    expect(whole.history.slice(4).every((part, at) => part === newest.history[at])).toBe(true)
  })

  it('says where runs failed, and why, and where they were stopped', () => {
    const failed = { type: 'run.failed', error: 'no tokens are left', code: 'LIMIT' }
    const conversation = withHistory(
      open(),
      page(
        { ...user('a'), run_end: failed },
        user('b'),
        assistant('', 'c1'),
        { ...tool('c1', 'ok'), run_end: { type: 'run.cancelled' } },
        { ...user('c'), run_end: 'made up' },
      ),
    )
    expect(shown(conversation)).toEqual([
      'user: a',
      'failed: no tokens are left',
      'user: b',
      'tool c1: ok',
      'stopped: ',
      'user: c',
    ])
    const whole = withEarlier(conversation, page(user('earlier')))
    expect(whole.history.slice(1).every((part, at) => part === conversation.history[at])).toBe(true)
  })

  it('names each part once, whatever the moments', () => {
    const { history } = withHistory(open(), page(user('a'), user('a'), assistant('b', 'c', 'c')))
    const keys = history.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('has the whole of a result that events had to cut', () => {
    const long = 'x'.repeat(1_000)
    const ended = heard(
      open(),
      started(1, 'hi'),
      call(2, 'c1'),
      result(3, 'c1', long),
      completed(4, 'Done.'),
    )
    expect(needsSettling(ended)).toBe(true)
    const whole = `${long} and the rest`
    const messages = [user('hi'), assistant('', 'c1'), tool('c1', whole), assistant('Done.')]
    expect(shown(withSettled(ended, page(...messages)))).toContain(`tool c1: ${whole}`)
  })

  it('changes nothing of a run that it does not know', () => {
    const ended = release(heard(hold(heard(open(), started(1, 'hi'))), completed(2, 'Yes.')), 2)
    const settled = withSettled(ended, page(user('something else'), assistant('No.')))
    expect(shown(settled)).toEqual(['user: hi', 'text: Yes.'])
    expect(needsSettling(settled)).toBe(false)
  })
})

describe('a message on its way', () => {
  it('becomes the run that it began', () => {
    const sent = sending(open(), 'k1', 'hi')
    expect(shown(sent)).toEqual(['sending: hi'])
    expect(shown(heard(sent, started(1, 'hi')))).toEqual(['user: hi'])
  })

  it('stands in the run that read it, where it was read', () => {
    const running = heard(open(), started(1, 'hi'), chunk(2, 'I think'))
    const waiting = sent(sending(running, 'k1', 'and this'), 'k1', { injected: true })
    expect(shown(waiting)).toEqual(['user: hi', 'text: I think', 'injected: and this'])
    const read = heard(
      waiting,
      eventAt(3, 'activity', { phase: 'injected_message' }),
      chunk(4, 'Both.'),
      completed(5, 'Both.'),
    )
    expect(shown(read)).toEqual(['user: hi', 'text: I think', 'user: and this', 'text: Both.'])
  })

  it('of somebody else is told by the history', () => {
    const ended = heard(
      open(),
      started(1, 'hi'),
      eventAt(2, 'activity', { phase: 'injected_message' }),
      chunk(3, 'Both.'),
      completed(4, 'Both.'),
    )
    expect(shown(ended)).toEqual(['user: hi', 'user: ?', 'text: Both.'])
    expect(needsSettling(ended)).toBe(true)
    const settled = withSettled(ended, page(user('hi'), user('theirs'), assistant('Both.')))
    expect(shown(settled)).toEqual(['user: hi', 'user: theirs', 'text: Both.'])
  })

  it('that came too late for a run begins the next one with all that came with it', () => {
    const running = heard(open(), started(1, 'hi'))
    const first = sent(sending(running, 'k1', 'two'), 'k1', { injected: true })
    const both = sent(sending(first, 'k2', 'three'), 'k2', { injected: true })
    const next = heard(both, completed(2, 'One.'), started(3, 'two', 'run_2'))
    expect(shown(next)).toEqual(['user: hi', 'text: One.', 'user: two', 'user: three'])
  })

  it('stays with a run that was stopped before it was read', () => {
    const running = heard(open(), started(1, 'hi'))
    const waiting = sent(sending(running, 'k1', 'two'), 'k1', { injected: true })
    const stopped = heard(waiting, eventAt(2, 'run.cancelled'))
    expect(shown(stopped)).toEqual(['user: hi', 'user: two', 'cancelled'])
  })

  it('that was refused is kept with the reason, until it is taken back', () => {
    const failed = refused(sending(open(), 'k1', 'hi'), 'k1', 'too many')
    expect(failed.outgoing).toEqual([
      { key: 'k1', text: 'hi', state: 'failed', because: 'too many' },
    ])
    // A run with the same words is another message.
    expect(shown(hear(failed, started(1, 'hi')))).toEqual(['user: hi', 'failed: hi'])
  })
})
