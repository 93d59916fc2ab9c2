/** `/schedules`: all jobs that one may see. `/schedules/$job`: one, with what came of it. */
import { useParams } from '@tanstack/react-router'
import { JobList } from './job-list.tsx'
import { JobPage } from './job-page.tsx'

export default function SchedulesPage() {
  const { job } = useParams({ strict: false }) as { readonly job?: string }
  return job === undefined ? <JobList /> : <JobPage key={job} id={job} />
}
