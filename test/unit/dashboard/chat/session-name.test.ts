import { describe, expect, it } from 'vitest'
import { nameOf } from '../../../../src/dashboard/pages/chat/session-name.ts'

describe('the name of a session without a label', () => {
  it('spells foreign ids as their platform does', () => {
    const hook = 'agent:default:webhook:direct:chn=5fab12:build-done'
    expect(nameOf({ key: hook })).toBe('default, webhook direct chn_ab12 build-done')
    const slack = 'agent:default:slack:direct:u0person01=u'
    expect(nameOf({ key: slack })).toBe('default, slack direct U0PERSON01')
  })

  it('leaves signs as they are that could change how the rest reads', () => {
    const turned = 'agent:default:webhook:direct:=x202eevil=0a=7f'
    expect(nameOf({ key: turned })).toBe('default, webhook direct =x202eevil=0a=7f')
  })

  it('prefers what people called it', () => {
    expect(nameOf({ key: 'agent:default:ws:direct:1', label: 'Boats' })).toBe('Boats')
  })
})
