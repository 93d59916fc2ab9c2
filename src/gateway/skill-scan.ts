/**
 * Looks over an uploaded skill with the patterns that messages and results are looked over with. It
 * is the tenant's own text, so what only reads like an instruction is noted and not refused; the line
 * that every prompt shows must be clean.
 */
import { err, ok, type Result } from '../domain/result.ts'
import type { SkillBundle } from '../domain/skill.ts'
import type { InjectionAction } from '../input/inspect.ts'
import { scanForInjection } from '../input/scan.ts'
import { neutralise } from '../output/mark-untrusted.ts'
import { createScrubber } from '../output/scrub.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'

const familiesOf = (text: string): readonly string[] =>
  scanForInjection(text).map(({ family }) => family)

export function checkSkill(
  { description, text, files }: SkillBundle,
  action: InjectionAction,
): Result<readonly string[], string> {
  if (familiesOf(description).length > 0)
    return err('the description reads like an attempt to change instructions; say it otherwise')
  // Whatever the tenant's setting: what is stored is told to many, and read by every admin.
  const scrubber = createScrubber({ registered: createSecretDictionary(), enabled: true })
  const found = new Set<string>()
  for (const { path, content } of [{ path: 'SKILL.md', content: text }, ...files]) {
    const { count, kinds } = scrubber.scrub(content)
    if (count > 0)
      return err(`${path} holds what looks like a secret (${Object.keys(kinds).join(', ')})`)
    if (neutralise(content).forged)
      return err(`${path} holds what reads like a mark of the gateway or of a chat template`)
    if (action === 'off') continue
    for (const family of familiesOf(content)) found.add(family)
  }
  const families = [...found].toSorted()
  return action === 'block' && families.length > 0
    ? err(`the skill reads like an attempt to change instructions (${families.join(', ')})`)
    : ok(families)
}
