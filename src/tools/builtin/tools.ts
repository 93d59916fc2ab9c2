/** The tools that every agent can have; what it really gets is policy's decision. */
import type { Tool } from '../tool.ts'
import { cronTool } from './cron.ts'
import { editTool } from './edit.ts'
import { execTool } from './exec.ts'
import { listFilesTool } from './list-files.ts'
import { memoryGetTool } from './memory-get.ts'
import { memorySaveTool } from './memory-save.ts'
import { memorySearchTool } from './memory-search.ts'
import { readFileTool } from './read-file.ts'
import { sendFileTool } from './send-file.ts'
import {
  sessionsHistoryTool,
  sessionsListTool,
  sessionsSendTool,
  sessionsStatusTool,
} from './sessions.ts'
import { spawnTool } from './spawn.ts'
import { webFetchTool } from './web-fetch.ts'
import { webSearchTool } from './web-search.ts'
import { writeFileTool } from './write-file.ts'

export const BUILTIN_TOOLS: readonly Tool[] = [
  execTool,
  readFileTool,
  writeFileTool,
  editTool,
  listFilesTool,
  webFetchTool,
  webSearchTool,
  memorySearchTool,
  memoryGetTool,
  memorySaveTool,
  cronTool,
  spawnTool,
  sessionsListTool,
  sessionsHistoryTool,
  sessionsStatusTool,
  sessionsSendTool,
  sendFileTool,
]
