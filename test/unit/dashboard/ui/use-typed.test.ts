import { describe, expect, it } from 'vitest'
import { follow, type Typed } from '../../../../src/dashboard/ui/use-typed.ts'

const AT_REST: Typed = { text: 'ab', seen: 'ab', told: null }

describe('a search box', () => {
  it('keeps what is typed on while the address comes to say what it was told', () => {
    const typing = { text: 'abc', seen: '', told: 'ab' }
    expect(follow(typing, '')).toBe(typing)
    expect(follow(typing, 'ab')).toEqual({ text: 'abc', seen: 'ab', told: null })
  })

  it('says what somebody went back to, also where it was once typed here', () => {
    const back = follow(AT_REST, '')
    expect(back).toEqual({ text: '', seen: '', told: null })
    expect(follow(back, 'ab')).toEqual(AT_REST)
    expect(follow({ ...AT_REST, text: 'abc' }, 'x').text).toBe('x')
  })
})
