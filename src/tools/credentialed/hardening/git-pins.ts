/**
 * Git's configuration, pinned by environment, for git and for whatever calls it. Values given here
 * stand over those of files. Keys whose middle part can be anything (`filter.*.clean`, `alias.*`)
 * cannot be pinned: `git-config.ts` looks for them.
 */

/** Runs nothing, prints nothing, fails. */
const NOTHING = '/bin/false'

const PINS: readonly (readonly [key: string, value: string])[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.sshCommand', NOTHING],
  ['core.askPass', NOTHING],
  ['core.editor', NOTHING],
  ['core.pager', 'cat'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  ['sequence.editor', NOTHING],
  // An empty name empties the list of helpers that files have filled.
  ['credential.helper', ''],
  ['credential.interactive', 'false'],
  ['gpg.program', NOTHING],
  ['gpg.ssh.program', NOTHING],
  ['gpg.x509.program', NOTHING],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['interactive.diffFilter', 'cat'],
  ['protocol.ext.allow', 'never'],
  ['safe.bareRepository', 'explicit'],
  ['submodule.recurse', 'false'],
  ['init.templateDir', ''],
  // The runner's, for a binary with hosts; elsewhere nobody listens there.
  ['http.proxy', 'http://127.0.0.1:3128'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
]

export const GIT_PINS: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  // Of `file` too: git serves a local repository by a child that forgets all pins but this one.
  GIT_ALLOW_PROTOCOL: 'https',
  GIT_PROTOCOL_FROM_USER: '0',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: NOTHING,
  GIT_SSH: NOTHING,
  GIT_SSH_COMMAND: NOTHING,
  GIT_EDITOR: NOTHING,
  GIT_SEQUENCE_EDITOR: NOTHING,
  GIT_PAGER: 'cat',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_CONFIG_COUNT: String(PINS.length),
  ...Object.fromEntries(
    PINS.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
}
