/** Whose rows a list shows. It judges nobody's rights: who may see others' is judged before. */
import { type UserId, userIdSchema } from '../domain/ids.ts'

/** Everybody's where none is named. An id that nobody can have is nobody's, and never drops the filter. */
export function ofUser(userId: string | null | undefined): { userId?: UserId } | 'nobody' {
  if (!userId) return {}
  const parsed = userIdSchema.safeParse(userId)
  return parsed.success ? { userId: parsed.data } : 'nobody'
}
