import { describe, expect, it } from 'vitest'
import { MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS as MAX } from '../../../src/transport/rate-limit.ts'
import { SLOT_MS, SocketSlots } from '../../../src/transport/socket-slots.ts'

const START = 1_800_000_000_000
const fill = (slots: SocketSlots, address: string, count: number, now = START) =>
  Array.from({ length: count }, (_, i) => slots.hold(address, `s${i}`, now))

describe('SocketSlots', () => {
  it('lets twenty sockets of an address wait, and refuses the next', () => {
    const slots = new SocketSlots()
    expect(fill(slots, 'a', MAX + 5).filter(Boolean)).toHaveLength(20)
    expect(slots.hold('b', 's0', START)).toBe(true)
  })

  it('gives a slot back to whoever authenticated, once', () => {
    const slots = new SocketSlots()
    fill(slots, 'a', MAX)
    slots.release('a', 's3')
    slots.release('a', 's3')
    slots.release('a', 'never-held')
    expect(slots.hold('a', 'new', START)).toBe(true)
    expect(slots.hold('a', 'newer', START)).toBe(false)
  })

  it('gets back by itself what a machine that died had held', () => {
    const slots = new SocketSlots()
    fill(slots, '2001:db8::/64', MAX)
    expect(slots.hold('2001:db8::/64', 'late', START + SLOT_MS - 1)).toBe(false)
    expect(slots.hold('2001:db8::/64', 'late', START + SLOT_MS)).toBe(true)
    expect(slots.size).toBe(1)
  })

  it('stays bounded under a flood of addresses', () => {
    const slots = new SocketSlots(1_000)
    for (let i = 0; i < 5_000; i++) slots.hold(`flood-${i}`, 's', START)
    expect(slots.size).toBe(1_000)
    expect(slots.hold('honest', 's', START)).toBe(false)
    expect(slots.hold('honest', 's', START + SLOT_MS)).toBe(true)
  })
})
