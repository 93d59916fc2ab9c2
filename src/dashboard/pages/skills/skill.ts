/** One skill in one of its versions. */
import type { ResultOf } from '../../client/gateway.ts'

export type Skill = ResultOf<'skills.get'>
