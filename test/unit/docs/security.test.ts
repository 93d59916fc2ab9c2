/** What docs/security.md tells operators to look for is what the code reports. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SECURITY_EVENT_NAMES } from '../../../src/domain/security-event.ts'

const TEXT = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8')
const EVENTS = /\n## Events\n([\s\S]*?)\n## /.exec(TEXT)?.[1] ?? ''
/** Channels, whose webhooks these are of, are not served yet. */
const NOT_EMITTED = ['webhook_signature_invalid', 'webhook_replayed']

describe('docs/security.md', () => {
  it('lists every event that is reported, and no other', () => {
    const listed = [...EVENTS.matchAll(/^\| [^|`]+ \| `([a-z_ ]+)`/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    )
    expect([...listed, ...NOT_EMITTED].toSorted()).toEqual(SECURITY_EVENT_NAMES.toSorted())
  })
})
