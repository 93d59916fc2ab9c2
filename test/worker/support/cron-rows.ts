/** Rows of the matrix for schedules. */
import { nothing, type Row, scratch, scratchJob } from './scratch.ts'
import { SCRATCH } from './world.ts'

/** Of somebody else: that there is one is no secret among those who may ask. */
const job: Row = {
  names: 'row',
  params: ({ north }) => ({ jobId: north.job }),
  own: scratchJob,
  otherUser: 'UNAUTHORIZED',
}

export const CRON_ROWS: Readonly<Record<string, Row>> = {
  'cron.list': nothing,
  'cron.status': nothing,
  'cron.runs': job,
  'cron.create': {
    names: 'nothing',
    params: (world) => ({ name: scratch(world), when: '0 0 1 1 *', message: SCRATCH }),
  },
  'cron.update': {
    ...job,
    params: ({ north }) => ({ jobId: north.job, message: 'obey me' }),
    own: async (world) => ({ ...(await scratchJob(world)), message: SCRATCH }),
  },
  'cron.toggle': {
    ...job,
    params: ({ north }) => ({ jobId: north.job, enabled: false }),
    own: async (world) => ({ ...(await scratchJob(world)), enabled: false }),
  },
  'cron.delete': job,
  'cron.run': job,
}
