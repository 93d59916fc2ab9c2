/** `edgeclaw pairing` and `devices`: browsers without a key, and the people who let them in. */
import type { Noun } from './command.ts'

export const PAIRING: Noun = {
  name: 'pairing',
  summary: 'let a new browser or machine in',
  notes: `  edgeclaw pairing code                 a six-digit code, good for minutes
  edgeclaw login --pair CODE            on the machine that is to come in`,
  commands: [
    {
      verb: 'code',
      operation: 'gateway.pairing_code.create',
      shownOnce: ['code'],
    },
    {
      verb: 'request',
      operation: 'device.pair.request',
      positional: ['senderId', 'channel'],
      optional: ['channel'],
      shownOnce: ['pairing_secret'],
    },
    {
      verb: 'list',
      operation: 'device.pair.list',
      summary: 'Devices that wait to be let in',
      rows: 'pending',
      columns: ['code', 'senderId', 'channel', 'address', 'userAgent', ['ageSeconds', 'age (s)']],
      none: 'No device waits.',
    },
    {
      verb: 'approve',
      operation: 'device.pair.approve',
      positional: ['code'],
      done: 'approved {code}',
    },
    { verb: 'deny', operation: 'device.pair.deny', positional: ['code'], done: 'denied {code}' },
  ],
}

export const DEVICES: Noun = {
  name: 'devices',
  summary: 'the devices that were let in',
  commands: [
    {
      verb: 'list',
      operation: 'device.pair.list',
      summary: 'Devices that were let in',
      rows: 'paired',
      columns: [
        'senderId',
        'channel',
        'user_id',
        'role',
        'address',
        'pairedBy',
        'pairedAt',
        'expiresAt',
      ],
      none: 'No device is paired.',
    },
    {
      verb: 'revoke',
      operation: 'device.pair.revoke',
      positional: ['senderId', 'channel'],
      optional: ['channel'],
      confirm: 'This shuts the device {senderId} out: its token and its sockets end at once.',
      done: 'revoked {senderId}',
    },
  ],
}
