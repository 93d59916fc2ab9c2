/** Code that is only made when it runs. Most of it is found by structure, not by name. */
import type { GroupRules } from '../view.ts'

export const codeInjection: GroupRules = {
  group: 'code_injection',
  reason: 'it would run code that cannot be seen before',
  commands: {},
}
