/** Whose workspace the conversation's files are in; null where none can be offered. */
import { createContext } from 'react'
import type { FilePlace } from './files.ts'

export const WorkspaceContext = createContext<Omit<FilePlace, 'path'> | null>(null)
