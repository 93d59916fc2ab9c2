/** Reads what a skill says. It opens nothing else: what the skill tells to do goes through every gate. */
import { z } from 'zod'
import type { LoadedSkill } from '../../domain/ports/skills.ts'
import { SKILL_LIMITS } from '../../domain/skill.ts'
import { failed, succeeded } from '../builtin/workspace-failure.ts'
import { defineTool } from '../tool.ts'
import { skillFolder } from './folder.ts'
import { describeNotLoaded, NO_SKILLS } from './unavailable.ts'

export const skillNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(SKILL_LIMITS.maxNameChars)
  .describe('As the list of skills or skill_search names it')

export const skillLoadTool = defineTool({
  name: 'skill_load',
  description:
    'Reads the instructions of a skill. It gives you no further tools or rights: what they ask for and you may not do, leave out and say so.',
  schema: z.strictObject({ name: skillNameSchema }),
  group: 'memory',
  isReadOnly: true,
  isParallelSafe: true,
  isIdempotent: true,
  sendsOut: false,
  needs: 'nothing',
  run: async ({ name }, { skills }) => {
    if (skills === null) return failed(NO_SKILLS)
    const loaded = await skills.load(name)
    return loaded.ok
      ? succeeded(present(loaded.value))
      : failed(describeNotLoaded(name, loaded.error))
  },
})

function present(skill: LoadedSkill): string {
  const { name, version, body, files } = skill
  const head = `Skill ${name}, version ${version}, by those who run this agent:\n\n${body}`
  if (files.length === 0) return head
  const listed = files.map(({ path }) => `- ${skillFolder(skill)}/${path}`).join('\n')
  return `${head}\n\nFiles of this skill, once skill_files has put them into the workspace:\n${listed}`
}
