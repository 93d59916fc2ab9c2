/**
 * Puts the files of a skill into the workspace, beside everything else in it; its scripts run through
 * `exec` like any other, in the sandbox or not at all. What lay in the skill's folder goes: older
 * versions, and whatever was changed there.
 */
import { z } from 'zod'
import type { LoadedSkill } from '../../domain/ports/skills.ts'
import type { WorkspacePut } from '../../domain/ports/workspace.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { describeWorkspaceFailure, failed, succeeded } from '../builtin/workspace-failure.ts'
import { defineTool, type ToolContext } from '../tool.ts'
import { skillFolder, skillRoot } from './folder.ts'
import { skillNameSchema } from './load.ts'
import { describeNotLoaded, NO_SKILLS } from './unavailable.ts'

const READ_ONLY = 0o444

export const skillFilesTool = defineTool({
  name: 'skill_files',
  description:
    'Puts the files of a skill into the workspace, to be read or run from there. Load the skill first: it says which files it has.',
  schema: z.strictObject({ name: skillNameSchema }),
  group: 'fs',
  isReadOnly: false,
  isParallelSafe: false,
  isIdempotent: true,
  sendsOut: false,
  needs: 'write',
  run: async ({ name }, context) => {
    if (context.skills === null) return failed(NO_SKILLS)
    const loaded = await context.skills.load(name)
    if (!loaded.ok) return failed(describeNotLoaded(name, loaded.error))
    const { files } = loaded.value
    if (files.length === 0) return succeeded(`The skill ${name} has no files.`)
    const put = await place(loaded.value, context)
    if (!put.ok) return failed(put.error)
    const listed = put.value.map((path) => `- ${path}`).join('\n')
    return succeeded(`The files of the skill ${name} are in the workspace:\n${listed}`)
  },
})

async function place(
  skill: LoadedSkill,
  { workspace, callId }: ToolContext,
): Promise<Result<readonly string[], string>> {
  const put: WorkspacePut[] = []
  for (const { path, content } of skill.files) {
    const staged = await workspace.stage(new TextEncoder().encode(content))
    if (!staged.ok) return err(describeWorkspaceFailure(staged.error))
    // Not the conversation's: what came in from outside is in none of it.
    const entry = { path: `${skillFolder(skill)}/${path}`, mode: READ_ONLY, isUntrusted: false }
    put.push({ ...entry, ...staged.value })
  }
  const { entries } = await workspace.manifest()
  const stale = entries
    .map(({ path }) => path)
    .filter((path) => path.startsWith(`${skillRoot(skill.name)}/`))
    .filter((path) => !put.some((entry) => entry.path === path))
  const base = null
  // Apart from each other: a call that is taken up again repeats the first word by word.
  for (const change of [
    { commitKey: callId, base, put, delete: [] },
    { commitKey: `${callId}.stale`, base, put: [], delete: stale },
  ]) {
    if (change.put.length + change.delete.length === 0) continue
    const committed = await workspace.commit(change)
    if (!committed.ok) return err(describeWorkspaceFailure(committed.error))
  }
  return ok(put.map(({ path }) => path))
}
