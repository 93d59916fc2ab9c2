/** The tools of an agent that has skills; one without is not offered them. */
import type { Tool } from '../tool.ts'
import { skillFilesTool } from './files.ts'
import { skillLoadTool } from './load.ts'
import { skillSearchTool } from './search.ts'

export const SKILL_TOOLS: readonly Tool[] = [skillSearchTool, skillLoadTool, skillFilesTool]
