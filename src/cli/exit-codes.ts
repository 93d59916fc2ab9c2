/** What the exit code of `edgeclaw` means to a script; `edgeclaw help exit-codes` prints this table. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, unauthorised: 4 } as const

export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ['0', 'done'],
  ['1', 'refused by the gateway, failed, or a check that must hold does not'],
  ['2', 'the command line makes no sense; nothing was asked'],
  ['3', 'no gateway answers there, or the connection was lost'],
  ['4', 'the credential is missing, wrong, expired, revoked, or may not do this'],
  ['130', 'stopped with Ctrl-C'],
]
