/**
 * Writes `seccomp.json` from the list in `rules.ts`: `node sandbox-runner/seccomp/generate.ts`.
 * With `--check` it only says whether the file is what the list makes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import {
  ALLOWED,
  CLONE_NAMESPACE_FLAGS,
  NOT_IMPLEMENTED,
  PERSONALITIES,
  SOCKET_FAMILIES,
} from './rules.ts'

const EPERM = 1
const ENOSYS = 38
const target = new URL('../seccomp.json', import.meta.url)

const equals = (value: number) => [{ index: 0, value, op: 'SCMP_CMP_EQ' }]

/** In the form that Docker engines read (`--security-opt seccomp=`). */
export const seccompProfile = () => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  // No 32-bit sub-architectures: a call by another ABI has other numbers, and is killed instead.
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: [] },
  ],
  syscalls: [
    ...ALLOWED.map(({ reason, names }) => ({
      names: [...names].sort(),
      action: 'SCMP_ACT_ALLOW',
      comment: reason,
    })),
    ...SOCKET_FAMILIES.map((family) => ({
      names: ['socket'],
      action: 'SCMP_ACT_ALLOW',
      args: equals(family),
    })),
    ...PERSONALITIES.map((persona) => ({
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: equals(persona),
    })),
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: CLONE_NAMESPACE_FLAGS, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    { names: [...NOT_IMPLEMENTED], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ],
})

const text = `${JSON.stringify(seccompProfile(), null, 2)}\n`
/** The formatter may lay the file out as it likes: what it says is compared. */
const isCurrent = (): boolean =>
  isDeepStrictEqual(JSON.parse(readFileSync(target, 'utf8')), JSON.parse(text))

if (process.argv[1] === new URL(import.meta.url).pathname) {
  if (!process.argv.includes('--check')) writeFileSync(target, text)
  else if (!isCurrent()) {
    console.error('sandbox-runner/seccomp.json is not what rules.ts makes; run generate.ts')
    process.exitCode = 1
  }
}
