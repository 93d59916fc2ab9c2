/** A version with all its files, as an upload has it: a new version is sent whole. */
import { useQueryClient } from '@tanstack/react-query'
import { gateway } from '../../client/gateway.ts'
import { operationKey } from '../../client/use-operation.ts'
import type { Bundle } from './bundle.ts'
import type { Skill } from './skill.ts'

export function useWholeSkill(): (skill: Skill) => Promise<Bundle> {
  const queries = useQueryClient()
  return async ({ name, shown, skill_md, files }) => {
    const version = shown.version
    const whole: { path: string; content: string }[] = []
    // One after the other: the gateway paces whoever asks for all at once.
    for (const { path } of files) {
      const params = { name, version, file: path }
      const { file } = await queries.fetchQuery({
        queryKey: operationKey('skills.get', params),
        queryFn: ({ signal }) => gateway.read('skills.get', params, signal),
      })
      if (file === undefined) throw new Error(`${path} could not be read.`)
      whole.push(file)
    }
    return { skill_md, files: whole }
  }
}
